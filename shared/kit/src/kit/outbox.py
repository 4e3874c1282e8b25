"""Plumbing: outbox."""
