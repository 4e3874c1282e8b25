"""What the ledger does: take batches, register what is known, set right what went wrong. It sees Protocols and never commits."""
