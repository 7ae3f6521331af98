"""The contracts of an installation, and which of them a file belongs to."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path, PurePath

from etl.contract.model import Contract, Mode
from etl.contract.problems import ContractProblem, Problem
from etl.contract.reader import load_path, read_contract
from etl.settings import Settings

_Stamp = tuple[int, int, int, int]
_cache: dict[Path, tuple[_Stamp, Contract]] = {}


def load_contracts(settings: Settings | None = None) -> dict[str, Contract]:
    """All contracts by feed, sorted; read again only where a file has changed."""
    contracts: dict[str, Contract] = {}
    problems: list[Problem] = []
    for path in contract_paths(settings or Settings.load()):
        try:
            contract = _read(path)
        except ContractProblem as wrong:
            problems += wrong.problems
            continue
        other = contracts.setdefault(contract.feed, contract)
        if other is not contract:
            problems.append(
                Problem(
                    str(path),
                    "id",
                    contract.feed,
                    f"未被 {other.path} 使用的编号 / an id that {other.path} does not have",
                    "改文件名与 id / rename the file and its id",
                )
            )
    if problems:
        raise ContractProblem(problems)
    return dict(sorted(contracts.items()))


def contract_paths(settings: Settings) -> list[Path]:
    """The contract files `<department>/<feed>.yaml` of all feed folders, the built-in ones first."""
    problems = [
        Problem(
            str(folder),
            "",
            "缺失 / nothing",
            "数据源文件夹 / a folder of feeds",
            "检查 / check MINSHENG_FEEDS",
        )
        for folder in settings.feeds[1:]
        if not folder.is_dir()
    ]
    if problems:
        raise ContractProblem(problems)
    folders = dict.fromkeys(folder.resolve() for folder in settings.feeds)
    return [path for folder in folders for path in sorted(folder.glob("*/*.yaml"))]


def departments(settings: Settings) -> list[str]:
    """The departments that deliver: a contract lies in its department's folder, so none has to be read."""
    return sorted({path.parent.name for path in contract_paths(settings)})


def match(
    contracts: Mapping[str, Contract],
    path: Path,
    landing: Path | None = None,
    member: str | None = None,
) -> Contract | None:
    """The contract a file belongs to: by its folder `<department>/<feed>/`, else by its name.

    Of several whose name patterns fit, the one with the longest pattern is meant;
    two equally long ones are no answer.
    """
    base = path
    if landing is not None and path.is_relative_to(landing):
        base = path.relative_to(landing)
    inside = PurePath(member.replace("\\", "/")) if member else None
    for place in filter(None, (inside, base)):
        parts = place.parent.parts
        for department, name in zip(parts[-2::-1], parts[:0:-1], strict=False):
            if f"{department}.{name}" in contracts:
                return contracts[f"{department}.{name}"]
    for place in filter(None, (inside, base)):
        if contract := _by_name(contracts, place.name):
            return contract
    return None


def mode_of(contract: Contract, file_name: str) -> Mode:
    """The mode of a delivery with this file name."""
    for pattern, mode in contract.modes:
        if re.search(pattern, file_name, re.IGNORECASE):
            return mode
    return contract.mode


def _by_name(contracts: Mapping[str, Contract], text: str) -> Contract | None:
    name = _plain(text)
    fitting = [
        (len(glob.replace("*", "")), contract)
        for contract in contracts.values()
        for glob in map(_plain, contract.file.names)
        if fnmatchcase(name, glob)
    ]
    if not fitting:
        return None
    longest = max(length for length, _ in fitting)
    best = {contract.feed: contract for length, contract in fitting if length == longest}
    return next(iter(best.values())) if len(best) == 1 else None


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _read(path: Path) -> Contract:
    load = load_path(path)
    try:
        parts = [file.stat() for file in (path, load)]
    except FileNotFoundError:
        return read_contract(path)  # says what is missing
    stamp = (parts[0].st_mtime_ns, parts[0].st_size, parts[1].st_mtime_ns, parts[1].st_size)
    known = _cache.get(path)
    if known is None or known[0] != stamp:
        known = _cache[path] = (stamp, read_contract(path))
    return known[1]
