"""Plumbing: auth."""
