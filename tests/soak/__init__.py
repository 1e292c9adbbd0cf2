"""Long runs: many threads and calls; ``make soak`` has them, ``make test`` has not."""
