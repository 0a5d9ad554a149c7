"""Alerts out: what a person reads, the senders, and the loop that brings each delivery to its end."""
