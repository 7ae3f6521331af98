"""How alike headers are: which new header may be an old one's new name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence

from etl.contract.model import normal_header

ALIKE = 0.4
"""From this likeness on an unknown header may be a missing one's new name."""


def likeness(headers: Iterable[str], candidate: str) -> float:
    """Likeness of a header to the likest of the known ones, 0 to 1, by their letters alone."""
    text = normal_header(candidate)
    return max(
        (difflib.SequenceMatcher(None, text, normal_header(header)).ratio() for header in headers),
        default=0.0,
    )


def likeliest_pairs(missing: Mapping[str, Sequence[str]], unknown: Sequence[str]) -> dict[str, str]:
    """For each missing field (its headers by its name) the unknown header most like it, each used once, likest first.

    One that is missing and one that is unknown are a pair whatever they are called.
    """
    if len(missing) == len(unknown) == 1:
        return {next(iter(missing)): unknown[0]}
    scored = sorted(
        (
            (-score, name, place)
            for name, headers in missing.items()
            for place, text in enumerate(unknown)
            if (score := likeness(headers, text)) >= ALIKE
        )
    )
    pairs: dict[str, str] = {}
    taken: set[int] = set()
    for _, name, place in scored:
        if name not in pairs and place not in taken:
            pairs[name] = unknown[place]
            taken.add(place)
    return pairs
