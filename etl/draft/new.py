"""A feed drafted from a file that no contract describes: the contract, and a query into a table of the star."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from etl.contract import Contract
from etl.draft.glossary import names_for, targets_for
from etl.draft.infer import infer
from etl.draft.keys import find_key
from etl.draft.period import find_period
from etl.draft.query import load_query
from etl.draft.reading import open_extract
from etl.draft.write import Draft, draft_contract


def draft(
    path: Path,
    feed: str,
    targets: Mapping[str, Mapping[str, Any]],
    known: Sequence[Contract],
    *,
    target: str | None = None,
    sheet: str | None = None,
    member: str | None = None,
) -> Draft:
    """The draft of a feed `department.name` for a file.

    `targets` are those of `describe_targets` by name; `target` one of them, or what names and headers speak of. `known`
    contracts give the names for headers. Raises InputProblem for a file that cannot be read.
    """
    extract = open_extract(path, member=member, sheet=sheet)
    read = extract.profiled()
    columns = [each.name for each in read.profiles]
    headers = [each.header or f"column {each.name[1:]}" for each in read.profiles]
    places = list(extract.headers)
    second = [
        extract.second[places.index(c)] if places.index(c) < len(extract.second) else ""
        for c in columns
    ]
    names = dict(
        zip(
            columns,
            names_for(headers, known, department=feed.partition(".")[0], second=second),
            strict=True,
        )
    )
    key = find_key(read)
    questions: list[tuple[str, str]] = []
    if target is None:
        words = [extract.name, extract.title, *headers]
        told = [each for each in targets_for(words) if each in targets]
        target = told[0] if told else "fact_work_order"
        if not told:
            asked = f"装入哪张目标表？暂用 {target}", f"Which table does it fill? For now {target}"
            questions.append(asked)
    kept = {
        names[each.name]: "string" if each.name in key.columns else infer(each).type
        for each in read.profiles
        if each.personal is None
    }
    query = load_query(targets[target], kept, key, names)
    result = draft_contract(
        feed, read, names, key, find_period(read, names), required=query.required
    )
    result.sql, result.target = query.text, target
    result.questions += [*questions, *query.questions]
    return result
