"""Synthetic extracts of all feeds (合成数据), with every fault known and every total true.

`district` simulates what is true, `dress` writes it down as departments do, `write` makes the
deliveries and their manifest; `orders` writes hotline orders in bulk for benchmarks.
"""

from minsheng_sample.figures import DEFAULT_SEED
from minsheng_sample.write import write_sample

__all__ = ["DEFAULT_SEED", "write_sample"]
