from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from minsheng_sample.faults import FAULTS, KINDS

from etl.contract import load_contracts
from tests.sample import reading
from tests.sample.conftest import Sample

LOADED = ("history", "newest", "repaired")


@pytest.fixture(scope="module")
def contents(sample: Sample) -> dict[str, reading.Sheets]:
    return {
        entry["path"]: reading.sheets(sample.folder / entry["path"], entry["encoding"])
        for entry in sample.files(*LOADED)
    }


def titles(feed: str) -> set[str]:
    return {text for item in load_contracts()[feed].fields for text in item.headers}


def body(entry: dict[str, Any], rows: list[list[Any]]) -> list[list[Any]]:
    if entry["format"] in ("jsonl", "parquet"):
        return rows
    return rows[reading.header_rows(rows, titles(entry["feed"])) :]


def kind_of(row: list[Any]) -> str:
    first = str(next((cell for cell in row if cell not in (None, "")), ""))
    if first.startswith(("注：", "填报人")):
        return "footnote"
    return "total" if any(cell in ("合计", "小计") for cell in row) else "record"


def test_rows_of_each_file_are_as_many_as_the_manifest_says(
    sample: Sample, contents: dict[str, reading.Sheets]
) -> None:
    for entry in sample.files(*LOADED):
        if entry["states"] == ["duplicate"]:
            continue
        kinds = Counter(
            kind_of(row) for rows in contents[entry["path"]].values() for row in body(entry, rows)
        )
        expected = entry["expected"]
        assert kinds["total"] == expected["totals_dropped"], entry["path"]
        assert kinds["record"] + kinds["total"] == expected["rows"], entry["path"]


def test_counts_of_each_file_add_up(sample: Sample) -> None:
    for entry in sample.files(*LOADED):
        counts = dict(entry["expected"])
        assert counts.pop("rows") == sum(counts.values()), entry["path"]
        outcomes = Counter(fault["outcome"] for fault in entry["faults"])
        assert outcomes["quarantined"] == counts["quarantined"]
        assert outcomes["duplicate"] == counts["duplicate"]


def test_totals_are_sums_over_what_is_loaded(sample: Sample) -> None:
    for part in LOADED:
        entries = [e for e in sample.files(part) if e["states"] == ["loaded"]]
        for name in ("rows", "accepted", "duplicate", "quarantined", "retracted", "totals_dropped"):
            total = sample.manifest["totals"][part][name]
            assert total == sum(entry["expected"][name] for entry in entries)


def test_every_faulty_cell_stands_where_the_manifest_says(
    sample: Sample, contents: dict[str, reading.Sheets]
) -> None:
    seen = 0
    for entry in sample.files("history", "newest"):
        for fault in entry["faults"]:
            rows = contents[entry["path"]][fault["sheet"]]
            row = rows[fault["row"] - 1]
            above = [] if entry["format"] in ("jsonl", "parquet") else rows[: fault["row"] - 1]
            for column, spoiled in zip(fault["columns"], fault["found"], strict=True):
                places = [line.index(column) for line in above[:4] if column in line]
                if not places:
                    continue
                cell = row[places[-1]]
                assert ("" if cell is None else str(cell)) == spoiled, (entry["path"], fault)
                seen += 1
    assert seen > 200


def test_every_kind_of_fault_occurs(sample: Sample) -> None:
    entries = sample.files("history", "newest")
    kinds = {fault["kind"] for entry in entries for fault in entry["faults"]}
    kinds |= {note["kind"] for entry in entries for note in entry["notes"]}
    assert kinds == set(KINDS)
    struck = {
        (e["feed"], f["kind"], f["fields"][0]) for e in entries for f in e["faults"] if f["fields"]
    }
    wanted = {
        (feed, fault.kind, fault.field) for feed, faults in FAULTS.items() for fault in faults
    }
    assert wanted <= struck


def test_every_way_of_writing_occurs(sample: Sample) -> None:
    shown = {name for entry in sample.files("history", "newest") for name in entry["features"]}
    assert shown >= {
        "title_row", "two_row_header", "merged_cells", "total_row", "subtotal_rows", "footnotes",
        "several_sheets", "old_headers", "value_aliases", "town_aliases", "full_width", "padded",
        "number_words", "thousands_separators", "placeholders", "extra_column", "gbk_names_in_zip",
        "dates_cell", "dates_serial", "dates_chinese", "dates_compact", "dates_dot", "dates_slash",
        "dates_month", "encoding_gb18030", "encoding_utf-8-sig", "encoding_utf-16", "encoding_utf-8",
        "format_xlsx", "format_xls", "format_csv", "format_tsv", "format_jsonl", "format_parquet",
        "container_zip", "container_gz", "late_correction", "retraction", "duplicate_file", "resend",
    }  # fmt: skip


def test_gb18030_files_hold_characters_of_four_bytes(sample: Sample) -> None:
    texts = [
        (sample.folder / entry["path"]).read_bytes().decode("gb18030")
        for entry in sample.files("history")
        if entry["encoding"] == "gb18030" and not entry["container"]
    ]
    assert any(
        len(sign.encode("gb18030")) == 4 for text in texts for sign in set(text) - {"\ufffd"}
    )


def test_each_quarantined_row_comes_back_repaired(
    sample: Sample, contents: dict[str, reading.Sheets]
) -> None:
    repaired = {
        (e["feed"], e["period"]["end"], e["mode"] == "correction"): e
        for e in sample.files("repaired")
    }
    for entry in sample.files("history", "newest"):
        keys = {tuple(f["key"].values()) for f in entry["faults"] if f["outcome"] == "quarantined"}
        missing = [note for note in entry["notes"] if note["kind"] == "missing_town"]
        # What was left out comes as a supplement: nobody has told of it, so it cannot be corrected.
        for count, is_correction in ((len(keys), True), (len(missing), False)):
            if count:
                back = repaired[entry["feed"], entry["period"]["end"], is_correction]
                assert back["expected"]["accepted"] == count
                assert back["expected"]["quarantined"] == 0


def test_every_file_belongs_to_its_feed_by_name_alone_and_names_its_period(sample: Sample) -> None:
    from datetime import date

    from etl.contract import match, mode_of, read_period

    contracts = load_contracts()
    for entry in sample.files(*LOADED):
        name = Path(entry["path"]).name
        contract = match(contracts, Path(name))
        assert contract is not None
        assert contract.feed == entry["feed"]
        assert mode_of(contract, name) == entry["mode"]
        period = read_period(contract, file_name=name, received=date(2001, 1, 1))
        assert period is not None
        in_name = {"start": period.start.isoformat(), "end": period.end.isoformat()}
        assert in_name == entry["period"], name


def test_trouble_is_told_with_the_states_it_may_end_in(sample: Sample) -> None:
    kinds = {case["kind"] for case in sample.files("trouble")}
    assert kinds == {
        "wrong_encoding", "missing_column", "ragged", "truncated", "empty", "header_only", "zip_bomb",
        "password", "formula_without_value", "no_contract", "resaved", "fewer_rows",
    }  # fmt: skip
    for case in sample.files("trouble"):
        assert (sample.folder / case["path"]).is_file()
        assert set(case["states"]) <= {"rejected", "held", "loaded"}
