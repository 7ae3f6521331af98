"""`feeds check --database`: what cannot be loaded is refused with its place, on a home that has no warehouse yet."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from etl import database, ledger, validate
from etl.cli.main import run
from etl.context import Context
from etl.contract import Contract, load_contracts, read_contract
from etl.ingest import ingest
from etl.load import alias, withdrawal
from etl.load.quarantine import close_quarantine, reopen_quarantine
from etl.load.ranked import withdrawn_names
from etl.load.targets import Target, read_targets
from etl.load.trial import try_contract
from etl.load.unknown import hold_unknown
from etl.load.work import Work
from etl.settings import Settings

CONTRACT = """apiVersion: v3.2.0
kind: DataContract
id: education.tried
name: 例
version: '1.0.0'
status: draft
domain: education
description: {{purpose: 例}}
team: {{name: 例}}
slaProperties:
  - {{property: frequency, value: irregular}}
customProperties:
  - {{property: englishName, value: case}}
  - {{property: mode, value: delta}}
  - property: period
    value:
      - {{from: fixed, grain: year, value: '2021'}}
  - property: file
    value:
      names: ['tried*']
schema:
  - name: tried
    businessName: 例
    properties:
      - {{name: {key}, businessName: 编号, logicalType: string, classification: public, required: true, primaryKey: true,
         primaryKeyPosition: 1, customProperties: [{{property: englishName, value: id}}]}}
      - {{name: user, businessName: 学校, logicalType: string, classification: public,
         customProperties: [{{property: englishName, value: school}}]}}
      - {{name: seats, businessName: 学位, logicalType: integer, classification: public, required: true,
         customProperties: [{{property: englishName, value: seats}}]}}
"""
QUERY = """-- target: fact_seat_change
SELECT row_no, "order" AS change_id, "user" AS school_id, '小学' AS stage, '新建' AS change_type, seats,
       :period_start AS effective_on, NULL AS document_no
  FROM staging
"""
NAMES = re.compile(
    r"""(?!(?:true|false|null)$) (?:\w+\.)? (?:"(?:[^"]|"")+"|[a-z_]\w*) (?:,\ (?:\w+\.)?"(?:[^"]|"")+")* |""",
    re.VERBOSE | re.IGNORECASE,
)
"""One name, quoted or not, a list of them, or none."""

MEMBERS = """
-- target: dim_channel
SELECT DISTINCT "user" AS channel_id, "user" AS channel_name, DATE '1900-01-01' AS valid_from FROM staging;
"""


def write(folder: Path, query: str = QUERY, key: str = "order") -> Contract:
    place = folder / "education"
    place.mkdir(parents=True, exist_ok=True)
    (place / "tried.yaml").write_text(CONTRACT.format(key=key), "utf-8")
    (place / "tried.load.sql").write_text(query, "utf-8")
    return read_contract(place / "tried.yaml")


def loaded(
    settings: Settings, folder: Path, monkeypatch: pytest.MonkeyPatch, rows: str
) -> list[Any]:
    monkeypatch.setenv("MINSHENG_FEEDS", str(folder))
    file = folder / "tried_1.csv"
    file.write_text("编号,学校,学位\n" + rows, "utf-8")
    ctx = Context.of()
    try:
        [delivery] = ingest([file], ctx=ctx)
        assert (delivery.state, delivery.reasons) == ("loaded", []), delivery.reasons
        with ctx.engine.connect() as connection:
            query = (
                "SELECT change_id, seats, document_no, stage FROM star.fact_seat_change ORDER BY 1"
            )
            return [tuple(row) for row in connection.execute(sa.text(query))]
    finally:
        ctx.engine.dispose()


@pytest.mark.parametrize("mode", ["delta"])
def test_a_key_called_order_is_loaded(
    ingest_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    write(tmp_path)
    rows = loaded(ingest_settings, tmp_path, monkeypatch, "A1,X,10\nA2,X,20\nA2,X,20\n")
    assert rows == [("A1", 10, None, "小学"), ("A2", 20, None, "小学")]


@pytest.mark.parametrize(
    "text",
    ["':x'", "'a:period_start b'", "E'it\\'s :x'", "$$:x 100%$$", "'50%' /* :x */", "'{x}'"],
)
def test_a_text_is_no_parameter(
    ingest_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    query = QUERY.replace("NULL AS document_no", f"{text} AS document_no -- :y {{z}}\n")
    write(tmp_path, query)
    [row] = loaded(ingest_settings, tmp_path, monkeypatch, "A1,X,10\n")
    engine = database.engine(ingest_settings)
    with engine.connect() as connection:
        wanted = connection.connection.cursor()
        wanted.execute(f"SELECT {text}")
        assert row[2] == wanted.fetchone()[0]
    engine.dispose()


BROKEN = {
    "no row_no in a fact": (QUERY.replace("row_no, ", ""), "row_no"),
    "no row_no, though it lists no members": (
        QUERY + MEMBERS.replace("DISTINCT ", ""),
        "row_no",
    ),
    "a number where a day is wanted": (
        QUERY.replace(":period_start AS effective_on", "seats AS effective_on"),
        "effective_on",
    ),
    "an id that is a number": (QUERY.replace('"user" AS school_id', "seats AS school_id"), "text"),
    "a column twice": (QUERY.replace("NULL AS document_no", "NULL AS stage"), "stage"),
    "a column that nobody has": (QUERY.replace('"user"', "nobody"), "nobody"),
    "order without quotes": (QUERY.replace('"order"', "order"), "order"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_cannot_be_loaded_is_refused_with_its_place(
    module_database: sa.Engine, tmp_path: Path, case: str
) -> None:
    query, word = BROKEN[case]
    with module_database.connect() as connection:
        problems = try_contract(connection, write(tmp_path, query))
    assert problems, case
    for problem in problems:
        assert problem.file.endswith("tried.load.sql")
        assert problem.path in ("-- target: fact_seat_change", "-- target: dim_channel")
        assert problem.fix
    assert word in " ".join(problem.found for problem in problems)


def test_a_day_with_limits_may_be_called_like_a_word_of_sql(
    module_database: sa.Engine, tmp_path: Path
) -> None:
    write(tmp_path)
    path = tmp_path / "education" / "tried.yaml"
    day = (
        "      - {name: end, businessName: 止, logicalType: date, classification: public,\n"
        "         logicalTypeOptions: {minimum: '2000-01-01', maximum: '2050-12-31'},\n"
        "         customProperties: [{property: englishName, value: end}]}\n"
    )
    path.write_text(path.read_text("utf-8") + day, "utf-8")
    contract = read_contract(path)
    assert [rule.id for rule in contract.rules if "end" in rule.columns] == ["range.end"]
    with module_database.connect() as connection:
        assert try_contract(connection, contract) == []


def test_a_right_contract_passes_and_leaves_nothing(
    module_database: sa.Engine, tmp_path: Path
) -> None:
    counted = (
        "SELECT (SELECT count(*) FROM ledger.delivery), (SELECT count(*) FROM ledger.contract),"
        " (SELECT count(*) FROM ledger.commit), (SELECT count(*) FROM pg_class WHERE relname ~ '^(d[0-9]|staging|load_)'),"
        " (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory')"
    )
    with module_database.connect() as connection:
        before = connection.execute(sa.text(counted)).one()
        assert try_contract(connection, write(tmp_path, QUERY + MEMBERS)) == []
        assert connection.execute(sa.text(counted)).one() == before


def test_on_a_fresh_home_the_command_says_file_place_and_fix(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, QUERY.replace("row_no, ", ""))
    capsys.readouterr()
    assert run(["feeds", "check", "--database", "--json", str(tmp_path)]) == 1
    [problem] = json.loads(capsys.readouterr().out)["problems"]
    assert problem["file"].endswith("education/tried.load.sql")
    assert problem["path"] == "-- target: fact_seat_change"
    assert "row_no" in problem["found"]
    assert problem["fix"]
    write(tmp_path)
    assert run(["feeds", "check", "--database", str(tmp_path)]) == 0


def test_a_load_without_row_no_fails_with_a_reason(
    ingest_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, QUERY.replace("row_no, ", ""))
    with pytest.raises(Exception, match="row_no") as refused:
        loaded(ingest_settings, tmp_path, monkeypatch, "A1,X,10\n")
    assert "row_no" in str(refused.value)


def test_every_statement_is_run_for_every_target(
    module_database: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With empty tables, by branches that are opened by force: what counts is that PostgreSQL takes each text."""
    used: set[str] = set()
    real, render = database.sql_file, Work.render

    def noted(path: str) -> str:
        used.add(path)
        return real(path)

    def bad(work: Work) -> None:
        work.result.quarantined = 1

    def believe_anew(work: Work) -> None:
        alias._believe_anew(work, work.values["registry"], read_targets(work.connection))

    found_late = alias._contradictions_found_late

    def some_found_late(work: Work) -> int:
        return found_late(work) + 1

    def ask_what_is_known(work: Work, fact: Target | None) -> None:
        released, work.delivery = work.delivery, replace(work.delivery, released_by=None)
        hold_unknown(work, fact)
        work.delivery = released

    def answered(work: Work, fact: Target | None) -> None:
        if work.delivery.mode == "correction":
            work.delivery = replace(work.delivery, repairs=work.delivery.delivery_id)
        close_quarantine(work, fact)

    def only_names(work: Work, name: str, names: dict[str, str]) -> str:
        """A file's text, in which names stand and nothing else does (docs/sql.md)."""
        for slot, text in names.items():
            assert NAMES.fullmatch(text), f"{name}.sql: {{{slot}}} is {text}"
        return render(work, name, names)

    def only_explained(work: Work, name: str, names: dict[str, str], **values: Any) -> int:
        if name == "ranked_confirm":  # of no rows there is nothing to keep
            work.execute("EXPLAIN " + work.render(name, names), **values)
            return 0
        return work.query(name, names, **values).rowcount

    monkeypatch.setattr(Work, "file", only_explained)
    monkeypatch.setattr(Work, "render", only_names)
    monkeypatch.setattr("etl.load.loader.hold_unknown", ask_what_is_known)
    monkeypatch.setattr("etl.load.loader.close_quarantine", answered)
    monkeypatch.setattr("etl.load.ranked._good", lambda _: 1)
    monkeypatch.setattr(database, "sql_file", noted)
    monkeypatch.setattr(Work, "count_bad", bad)
    monkeypatch.setattr("etl.load.ranked.is_filled", lambda *_: True)
    monkeypatch.setattr("etl.load.ranked._some_retracted", lambda *_: True)
    monkeypatch.setattr("etl.load.alias._tell_disputed", believe_anew)
    monkeypatch.setattr("etl.load.alias._contradictions_found_late", some_found_late)
    monkeypatch.setattr("etl.load.apart._others", lambda *_: ["another.feed"])
    contracts = load_contracts(Settings.load({}))
    assert len(contracts) > 10
    for written in contracts.values():
        contract = replace(written, row_that_counts=("last", None))
        for mode in ("delta", "full", "correction", "retraction"):
            with module_database.connect() as connection:
                validate.with_registers(connection, contract)
                _open_entry(connection, contract)
                assert try_contract(connection, contract, mode) == [], (contract.feed, mode)
    with module_database.connect() as connection:
        delivery = _open_entry(connection, contract)
        for file in ("close_left_out", "doubtful_forget"):
            Work(connection, delivery, contract).file(file, {})
        _withdraw(connection, delivery, contract)
    files = {
        f"{folder}/{file.name}"
        for folder in ("load", "validate")
        for file in (database.SQL / folder).glob("*.sql")
    }
    # Of one shape for all feeds, and run where a broken rule shows its cells (tests/cases/test_values.py).
    assert files - used == {"validate/as_sent.sql", "validate/shown.sql"}


def _withdraw(connection: sa.Connection, delivery: ledger.Delivery, contract: Contract) -> None:
    """The statements of a withdrawal for every target; whole withdrawals are in tests/etl/preview."""
    work = Work(connection, delivery, contract, {"seq": 2**62})
    reopen_quarantine(work, None)
    for target in read_targets(connection).values():
        assert not withdrawal._set_apart(work, target)
        for file in ("withdraw_claims", "withdraw_leave"):
            work.file(file, withdrawal._names(target))
        if "source_at" in target.columns:
            work.execute("DROP TABLE IF EXISTS pg_temp.withdrawn_rows")
            for file in ("withdraw_concerned_ranked", "withdraw_tellers"):
                work.file(file, withdrawn_names(work, target))
            reopen_quarantine(work, target)
    assert withdrawal.changes_of_commit(connection, 2**62) == {}


def _open_entry(connection: sa.Connection, contract: Contract) -> ledger.Delivery:
    entered = ledger.register(
        connection,
        sha256="1" * 64,
        size=0,
        file_name="x",
        member=None,
        contract=contract,
        mode="delta",
    )
    connection.execute(
        sa.text(
            "INSERT INTO ledger.quarantine (delivery_id, row_no, feed, reasons) VALUES (:d, 1, :f, '[]')"
        ),
        {"d": entered.delivery_id, "f": contract.feed},
    )
    return entered
