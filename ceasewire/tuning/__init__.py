"""What an author of packs works with: counts, the changes that a new version makes, and suggestions from texts."""
