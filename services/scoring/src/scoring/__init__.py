"""Facts become records, totals, scores and traces."""
