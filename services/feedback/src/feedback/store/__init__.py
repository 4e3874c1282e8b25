"""Tables and queries: the only place with SQL."""
