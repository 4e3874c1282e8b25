"""The public language between services."""
