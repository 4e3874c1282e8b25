"""Votes in PostgreSQL, the schema `ballots`."""
