"""What the ledger holds true: facts, records, measures. Pure: no I/O, no clock, no framework."""
