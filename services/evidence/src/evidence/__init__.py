"""Files that prove something, locked and checked."""
