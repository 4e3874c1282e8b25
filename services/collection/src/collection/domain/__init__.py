"""What a mapping says, how a row becomes a fact, how two snapshots differ: pure, no I/O, no clock, no framework."""
