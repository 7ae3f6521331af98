"""Ids before they are compared: spelled in one way, and the empty part of a key as the empty text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.contract.model import Spelling


def spelled(values: Any, spelling: Spelling) -> Any:
    """The texts (any length, as Arrow) without the endings, in the case, digits filled up with zeros."""
    if pa.types.is_dictionary(values.type):
        dictionary = spelled(values.dictionary, spelling)
        return pa.DictionaryArray.from_arrays(values.indices, dictionary).dictionary_decode()
    if spelling.drop:
        endings = "|".join(
            re.escape(ending) for ending in sorted(spelling.drop, key=len, reverse=True)
        )
        values = pc.utf8_trim_whitespace(
            pc.replace_substring_regex(values, f"(?:{endings})\\s*$", "")
        )
    if spelling.case == "upper":
        values = pc.utf8_upper(values)
    elif spelling.case == "lower":
        values = pc.utf8_lower(values)
    if spelling.pad:
        digits = pc.fill_null(pc.match_substring_regex(values, r"^\d+$"), False)
        values = pc.if_else(digits, pc.utf8_lpad(values, spelling.pad, "0"), values)
    return values


def empty_for_none(values: Any, faulty: Sequence[Any] = ()) -> Any:
    """The texts with the empty one for none, but for the positions that could not be read."""
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    none = pc.is_null(values).to_numpy(zero_copy_only=False).copy()
    for positions in faulty:
        none[np.asarray(positions)] = False
    return pc.if_else(pa.array(none), pa.scalar("", values.type), values)
