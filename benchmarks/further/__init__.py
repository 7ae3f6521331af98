"""Further measurements, each an option of `python -m benchmarks`; results go to `further.json`."""
