"""Packs: the issues, actors, places, documents and conflicts of a field of news, as data."""
