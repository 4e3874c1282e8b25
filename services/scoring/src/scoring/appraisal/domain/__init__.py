"""Schemes, rules, points and standings: pure, no I/O, no clock, no framework."""
