"""The right person is told exactly once."""
