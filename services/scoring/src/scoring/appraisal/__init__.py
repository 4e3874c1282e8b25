"""Schemes, marks, scores and standings."""
