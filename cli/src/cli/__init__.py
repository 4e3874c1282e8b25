"""The kaohe command."""
