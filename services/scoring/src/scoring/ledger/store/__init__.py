"""The ledger's tables and queries: the only place with SQL."""
