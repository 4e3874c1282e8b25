"""Problems become rectifications with legal deadlines."""
