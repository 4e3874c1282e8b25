"""The hot path: facts, records and measure totals."""
