"""Plumbing about no business noun."""
