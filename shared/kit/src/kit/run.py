"""Plumbing: run."""
