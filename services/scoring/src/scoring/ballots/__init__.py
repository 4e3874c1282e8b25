"""Democratic assessment (民主测评): votes by one-time codes, counted without anybody knowing who gave what."""
