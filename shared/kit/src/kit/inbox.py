"""Plumbing: inbox."""
