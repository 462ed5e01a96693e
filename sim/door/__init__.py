"""The door: files come in here, and are checked once."""
