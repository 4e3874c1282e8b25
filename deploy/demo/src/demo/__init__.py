"""The demonstration bureau and its case systems."""
