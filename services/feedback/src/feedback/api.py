"""Routes, request and response models."""
