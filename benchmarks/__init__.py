"""How fast it is, beside a peer in the same run: ``python -m benchmarks`` writes docs/reference/performance.md."""
