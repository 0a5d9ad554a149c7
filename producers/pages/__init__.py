"""Reads the pages that entries link to: when, under which terms, and what text they hold."""
