"""The bureau's systems, played: pure and seeded; the same seed gives the same year of facts."""
