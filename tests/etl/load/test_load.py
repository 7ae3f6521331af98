"""The loader against a model: whatever the order of arrival, each day's state is what the newest
snapshot up to that day says; and what was known after any load can be read for ever."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from etl import ledger
from etl.context import Context
from etl.ingest import ingest
from etl.settings import Settings
from tests.make import write_csv

MONTHS = [date(2020, month, 28) for month in range(1, 8)]
Snapshot = dict[str, tuple[str, str]]


@dataclass(frozen=True)
class Sent:
    """A full snapshot of the model feed: school id -> (name, status)."""

    month: date
    schools: Snapshot


def model_on(day: date, accepted: list[Sent]) -> Snapshot:
    """The state of the world on a day: the newest snapshot up to it; the later arrival where two share a month."""
    past = [sent for sent in accepted if sent.month <= day]
    if not past:
        return {}
    newest = max(sent.month for sent in past)
    return [sent for sent in past if sent.month == newest][-1].schools


def star_on(connection: sa.Connection, day: date, known: int | None = None) -> Snapshot:
    rows = connection.execute(
        sa.text(
            "SELECT school_id, school_name, status FROM known.dim_school"
            " WHERE valid_from <= :day AND :day < valid_to AND known_from <= :known AND :known < known_to"
        ),
        {"day": day, "known": known if known is not None else 2**62},
    ).all()
    schools = {school: (name, status) for school, name, status in rows}
    assert len(schools) == len(rows), "two versions of one school on one day"
    return schools


def random_snapshots(rng: random.Random, count: int) -> list[Sent]:
    ids = [f"21110000{n:02d}" for n in range(6)]
    snapshots = []
    for _ in range(count):
        chosen = rng.sample(ids, rng.randint(1, len(ids)))
        snapshots.append(
            Sent(
                rng.choice(MONTHS),
                {i: (f"学校{rng.randint(1, 2)}", rng.choice(["正常", "停办"])) for i in chosen},
            )
        )
    return snapshots


@pytest.fixture
def ctx(ingest_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Context:
    monkeypatch.setenv("MINSHENG_FEEDS", str(Path(__file__).parents[2] / "feeds"))
    return Context.of(Settings.load())


def send(ctx: Context, folder: Path, number: int, sent: Sent) -> ledger.Delivery:
    path = write_csv(
        folder / f"模型学校_{sent.month:%Y%m%d}_{number}.csv",
        ["编号", "名称", "状态"],
        [[school, *values] for school, values in sorted(sent.schools.items())],
    )
    return ingest([path], feed="education.model_school", ctx=ctx)[0]


@pytest.mark.parametrize("seed", range(4))
def test_snapshots_in_any_order_give_the_models_timeline(
    ctx: Context, tmp_path: Path, seed: int
) -> None:
    rng = random.Random(seed)
    accepted: list[Sent] = []
    remembered: list[tuple[int, dict[date, Snapshot]]] = []
    days = sorted({*MONTHS, *(date(2020, m, 1) for m in range(1, 10))})
    with ctx.engine.connect() as connection:
        for number, sent in enumerate(random_snapshots(rng, 12)):
            delivery = send(ctx, tmp_path, number, sent)
            assert delivery.state in ("loaded", "duplicate"), delivery.reasons
            if delivery.state == "duplicate":
                continue
            accepted.append(sent)
            assert delivery.rows == len(sent.schools)
            for day in days:
                assert star_on(connection, day) == model_on(day, accepted), (number, day)
            assert delivery.seq is not None
            remembered.append((delivery.seq, {day: star_on(connection, day) for day in days}))
        for seq, then in remembered:
            for day, state in then.items():
                assert star_on(connection, day, known=seq) == state
        canonical = connection.execute(
            sa.text(
                "SELECT count(*) FROM star.dim_school a JOIN star.dim_school b USING (school_key, school_name, status)"
                " WHERE a.valid_to = b.valid_from"
            )
        ).scalar_one()
        assert canonical == 0, "equal neighbours were not joined"


def test_the_same_deliveries_in_another_order_end_in_the_same_star(
    ctx: Context, tmp_path: Path, server: str, template: str
) -> None:
    sent = random_snapshots(random.Random(99), 7)
    # Each month once: among equals, arrival decides.
    sent = list({s.month: s for s in sent}.values())
    for number, snapshot in enumerate(sent):
        send(ctx, tmp_path, number, snapshot)
    with ctx.engine.connect() as connection:
        forward = [star_on(connection, day) for day in MONTHS]
        versions = connection.execute(
            sa.text(
                "SELECT school_id, valid_from, valid_to, school_name, status FROM star.dim_school ORDER BY 1, 2"
            )
        ).all()
    from tests.conftest import copy_of

    with copy_of(server, template) as other:
        settings = Settings.load(
            {**_env(ctx), "MINSHENG_DATABASE_URL": other.url.render_as_string(False)}
        )
        second = Context.of(settings)
        for number, snapshot in reversed(list(enumerate(sent))):
            send(second, tmp_path, number, snapshot)
        with second.engine.connect() as connection:
            assert [star_on(connection, day) for day in MONTHS] == forward
            assert (
                versions
                == connection.execute(
                    sa.text(
                        "SELECT school_id, valid_from, valid_to, school_name, status FROM star.dim_school ORDER BY 1, 2"
                    )
                ).all()
            )
        second.engine.dispose()


def _env(ctx: Context) -> dict[str, str]:
    return {"MINSHENG_HOME": str(ctx.settings.home), "MINSHENG_FEEDS": str(ctx.settings.feeds[-1])}
