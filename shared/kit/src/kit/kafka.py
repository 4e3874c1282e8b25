"""Plumbing: kafka."""
