"""What a rectification is, which moves are allowed, when it is due and what is said when it is late: pure."""
