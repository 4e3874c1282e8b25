"""Real case data, loaded into cycles of their own on a running stack, over HTTP alone."""
