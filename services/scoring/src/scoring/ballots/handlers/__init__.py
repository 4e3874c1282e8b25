"""What is done with votes: open, hand out codes, cast, close, cancel."""
