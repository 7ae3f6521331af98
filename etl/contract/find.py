"""The contracts of an installation, and which of them a file belongs to."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePath

from etl.contract.corrections import corrections_path
from etl.contract.model import Contract, Mode
from etl.contract.problems import ContractProblem, Problem
from etl.contract.reader import SUFFIXES, load_path, read_contract
from etl.settings import Settings

_Stamp = tuple[object, ...]
_cache: dict[Path, tuple[_Stamp, Contract | ContractProblem]] = {}


@dataclass(frozen=True)
class BrokenContract:
    """A contract that cannot be used: its feed is out until it is mended, the others go on."""

    feed: str
    department: str
    path: Path
    problems: tuple[Problem, ...]


def load_contracts(settings: Settings | None = None) -> dict[str, Contract]:
    """All contracts that can be used, by feed, sorted; read again only where a file has changed."""
    return survey(settings or Settings.load())[0]


def broken_contracts(settings: Settings | None = None) -> list[BrokenContract]:
    """The contracts that cannot be used, each with what stands in the way."""
    return survey(settings or Settings.load())[1]


def survey(settings: Settings) -> tuple[dict[str, Contract], list[BrokenContract]]:
    """The contracts that can be used, by feed, and those that cannot."""
    contracts: dict[str, Contract] = {}
    broken: list[BrokenContract] = []
    for path in contract_paths(settings):
        contract = _read(path, settings.district)
        if isinstance(contract, ContractProblem):
            broken.append(_broken(path, contract.problems))
            continue
        other = contracts.setdefault(contract.feed, contract)
        if other is not contract:
            twice = Problem(
                str(path),
                "id",
                contract.feed,
                f"未被 {other.path} 使用的编号 / an id that {other.path} does not have",
                "改文件名与 id / rename the file and its id",
            )
            broken.append(_broken(path, (twice,)))
    return dict(sorted(contracts.items())), broken


def _broken(path: Path, problems: tuple[Problem, ...]) -> BrokenContract:
    return BrokenContract(f"{path.parent.name}.{path.stem}", path.parent.name, path, problems)


def contract_paths(settings: Settings) -> list[Path]:
    """The contract files `<department>/<feed>.yaml` (or .yml) of all feed folders, the built-in ones first."""
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
    return [
        path
        for folder in folders
        for path in sorted(folder.glob("*/*"))
        if path.suffix in SUFFIXES and not path.stem.endswith(".corrections")
    ]


def departments(settings: Settings) -> list[str]:
    """The departments that deliver: a contract lies in its department's folder, so none has to be read."""
    return sorted({path.parent.name for path in contract_paths(settings)})


def match(
    contracts: Mapping[str, Contract],
    path: Path,
    landing: Path | None = None,
    member: str | None = None,
) -> Contract | None:
    """The contract a file belongs to; None where none claims it, or several with equal right."""
    claims = claimants(contracts, path, landing, member)
    return claims[0] if len(claims) == 1 else None


def claimants(
    contracts: Mapping[str, Contract],
    path: Path,
    landing: Path | None = None,
    member: str | None = None,
) -> list[Contract]:
    """The contracts that claim a file: by its folder `<department>/<feed>/`, else by its name.

    Of several whose name patterns fit, the one with the longest pattern is meant; two
    equally long ones both claim it.
    """
    base = path
    if landing is not None and path.is_relative_to(landing):
        base = path.relative_to(landing)
    inside = PurePath(member.replace("\\", "/")) if member else None
    for place in filter(None, (inside, base)):
        feed = folder_feed(place, contracts)
        if feed:
            return [contracts[feed]]
    for place in filter(None, (inside, base)):
        if claims := _by_name(contracts, place.name):
            return claims
    return []


def folder_feed(place: PurePath, feeds: Collection[str]) -> str | None:
    """The feed in whose folder `<department>/<feed>/` a file lies."""
    parts = place.parent.parts
    names = (f"{a}.{b}" for a, b in zip(parts[-2::-1], parts[:0:-1], strict=False))
    return next((name for name in names if name in feeds), None)


def mode_of(contract: Contract, file_name: str) -> Mode:
    """The mode of a delivery with this file name."""
    for pattern, mode in contract.modes:
        if re.search(pattern, file_name, re.IGNORECASE):
            return mode
    return contract.mode


def matches_any(name: str, globs: Collection[str]) -> bool:
    """Whether a name is that of one of the patterns (`*`, `?`), in any width and case."""
    text = _plain(name)
    return any(text == glob or fnmatchcase(text, glob) for glob in map(_plain, globs))


def _by_name(contracts: Mapping[str, Contract], text: str) -> list[Contract]:
    name = _plain(text)
    fitting = [
        (len(glob.replace("*", "")), contract)
        for contract in contracts.values()
        for glob in map(_plain, contract.file.names)
        if fnmatchcase(name, glob)
    ]
    longest = max((length for length, _ in fitting), default=0)
    return list({c.feed: c for length, c in fitting if length == longest}.values())


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _read(path: Path, district: str) -> Contract | ContractProblem:
    """The contract, or why there is none; either is kept until a file changes."""
    stamp: _Stamp = (
        district,
        *(_stamp(file) for file in (path, load_path(path), corrections_path(path))),
    )
    known = _cache.get(path)
    if known is None or known[0] != stamp:
        contract: Contract | ContractProblem
        try:
            contract = read_contract(path, district)
        except ContractProblem as problem:
            contract = problem
        known = _cache[path] = (stamp, contract)
    return known[1]


def _stamp(file: Path) -> tuple[int, int] | None:
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
