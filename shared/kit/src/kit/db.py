"""Plumbing: db."""
