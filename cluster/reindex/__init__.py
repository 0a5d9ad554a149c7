"""Builds the next version of an index beside the one in use, and then lets the alias lead to it."""
