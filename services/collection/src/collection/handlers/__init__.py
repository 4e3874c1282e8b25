"""Taking files: each step of a run is a short transaction of its own, and what is stated twice is the same fact."""
