"""One function per command or event, and the Protocols that it needs."""
