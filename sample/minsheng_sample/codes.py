"""Identifiers with the checks that real ones have, for things that do not exist."""

from __future__ import annotations

_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_ORG_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ORG_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)

IDENTITY_CARD = "110115189912310018"
"""A card number with a right check digit and no living owner."""


def uscc(kind: str, number: int) -> str:
    """A unified social credit code (GB 32100-2015) of Daxing; `kind` is its first two characters.

    The organisation part begins with XX, as in the published test vectors.
    """
    organisation = f"XX{number:06d}"
    total = sum(
        _ORG_ALPHABET.index(sign) * weight
        for sign, weight in zip(organisation, _ORG_WEIGHTS, strict=True)
    )
    check = "0123456789X0"[(11 - total % 11)]
    body = f"{kind}110115{organisation}{check}"
    total = sum(
        _USCC_ALPHABET.index(sign) * weight
        for sign, weight in zip(body, _USCC_WEIGHTS, strict=True)
    )
    return body + _USCC_ALPHABET[(31 - total % 31) % 31]


def broken_uscc(code: str) -> str:
    """The same code with a wrong check character."""
    last = _USCC_ALPHABET.index(code[-1])
    return code[:-1] + _USCC_ALPHABET[(last + 1) % 31]


def school_code(kind: str, number: int) -> str:
    """A school's ten digits: type, province 11, serial."""
    return f"{kind}11{number:06d}"


def phone(number: int) -> str:
    """A telephone number of the right shape from a block of zeros."""
    return f"13{number // 10000 % 10}0000{number % 10000:04d}"
