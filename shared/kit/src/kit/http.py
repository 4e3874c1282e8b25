"""Plumbing: http."""
