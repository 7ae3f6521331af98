"""Draws that are the same everywhere.

Only `random.Random.random()` promises one sequence for a seed in every Python version,
so every other draw is made from it here. Each part of the sample has a generator of its
own, named by a key: adding a draw in one part moves nothing in another.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import TypeVar

T = TypeVar("T")


class Chance:
    """One stream of draws, fixed by its key."""

    def __init__(self, *key: object) -> None:
        self.key = key
        self._next = random.Random("/".join(str(part) for part in key)).random

    def branch(self, *key: object) -> Chance:
        """A stream of its own for a part."""
        return Chance(*self.key, *key)

    def unit(self) -> float:
        """A number in [0, 1)."""
        return self._next()

    def integer(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return low + int(self._next() * (high - low + 1))

    def happens(self, share: float) -> bool:
        """True with this probability."""
        return self._next() < share

    def pick(self, options: Sequence[T]) -> T:
        """One of the options."""
        return options[int(self._next() * len(options))]

    def weighted(self, options: Sequence[tuple[T, float]]) -> T:
        """One of the options by weight."""
        mark = self._next() * sum(weight for _, weight in options)
        for option, weight in options:
            mark -= weight
            if mark < 0:
                return option
        return options[-1][0]

    def day(self, first: date, last: date) -> date:
        """A day from `first` to `last`, both included."""
        return first + timedelta(days=self.integer(0, (last - first).days))

    def order(self, items: Sequence[T]) -> list[T]:
        """The items in a random order."""
        shuffled = list(items)
        for end in range(len(shuffled) - 1, 0, -1):
            other = self.integer(0, end)
            shuffled[end], shuffled[other] = shuffled[other], shuffled[end]
        return shuffled

    def some(self, items: Sequence[T], count: int) -> list[T]:
        """`count` different items, in their original order."""
        chosen = sorted(self.order(range(len(items)))[:count])
        return [items[index] for index in chosen]

    def parts(self, total: int, count: int, spread: float = 0.6) -> list[int]:
        """`count` positive whole numbers of similar size that add up to `total`."""
        if count > total:
            raise ValueError(f"{total} cannot be cut into {count} positive parts")
        weights = [1 + spread * (2 * self.unit() - 1) for _ in range(count)]
        whole = sum(weights)
        cuts, so_far = [0], 0.0
        for weight in weights:
            so_far += weight
            cuts.append(round(total * so_far / whole))
        cuts[-1] = total
        lengths = [high - low for low, high in pairwise(cuts)]
        for index, part in enumerate(lengths):
            if part < 1:
                rich = lengths.index(max(lengths))
                lengths[rich] -= 1 - part
                lengths[index] = 1
        return lengths
