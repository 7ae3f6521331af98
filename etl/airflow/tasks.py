"""The tasks of all DAGs: each calls one verb of `etl` and shows in the UI what came of it.

Only delivery numbers travel between tasks. A mapped task is named after its
delivery and what became of it; where one was refused, all reasons stand in the
task's log and under its XCom `reasons`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import Asset, get_current_context, task
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSkipException

from etl.airflow.assets import HELD, LANDING, WAREHOUSE, announce, department_asset
from etl.airflow.batch import delivery_ids, partition_keys
from etl.airflow.links import write_page
from etl.airflow.shown import REFUSED, main_reason, reason_text, shortened, task_name
from etl.airflow.trigger import HEARTBEAT_KEY
from etl.settings import Settings

if TYPE_CHECKING:
    from etl.attempt import Step
    from etl.ledger import Delivery
    from etl.reasons import Reason

log = logging.getLogger(__name__)

SILENT = timedelta(minutes=2)
"""The landing watch is taken for dead after so long without a heartbeat."""
NAMED = "{{ shown_as }}"
"""Template of a mapped task's name; the task sets it."""


@task
def receive_landed() -> list[dict[str, Any]]:
    """Archive and register what the sources offer, wake the departments; return what nobody will load."""
    from etl import ledger
    from etl.database.errors import traced
    from etl.receive import not_received, receive
    from etl.sources import sources
    from etl.sources.names import printable
    from etl.sources.told import news

    context = get_current_context()
    settings = Settings.load()
    received: list[Delivery] = []
    troubles: list[Reason] = []
    passed_over: list[Reason] = []
    files = 0
    for source in sources(settings):
        look = source.look()
        passed_over += look.passed_over
        files += len(look.files)
        for offer in look.files:
            try:
                received += receive(offer, settings=settings)
            except FileNotFoundError:
                log.info("%s was taken back, or received by somebody else", offer.place)
            except Exception as error:
                log.error(
                    "%s could not be received; its source keeps it\n%s",
                    offer.place, printable(traced(error)),
                )  # fmt: skip
                troubles.append(not_received(offer, error))
    if files and len(troubles) == files:
        raise AirflowException(f"None of {files} files could be received; see the log above.")
    for delivery in received:
        log.info("%s: %s", delivery.label, delivery.state)
    if context["ti"].try_number > 1:  # an earlier try may have received without announcing
        known = {delivery.delivery_id for delivery in received}
        received += [delivery for delivery in ledger.waiting() if delivery.delivery_id not in known]
    announce(context, _department_keys(received))
    return [
        *(_untaken(reason, "failed") for reason in troubles),
        *(_untaken(reason, "passed over") for reason in news(settings.home, passed_over)),
        *(
            {
                "name": delivery.label,
                "state": delivery.state,
                "reasons": [reason_text(reason) for reason in delivery.reasons],
            }
            for delivery in received
            if delivery.state in REFUSED
        ),
    ]


def _untaken(reason: Reason, state: str) -> dict[str, Any]:
    from etl.reasons import one_line

    return {"name": reason.file or "?", "state": state, "reasons": [one_line(reason)]}


@task(map_index_template=NAMED, doc_md="One for each file that nobody will load, named after why.")
def show_refused(refused: dict[str, Any]) -> None:
    """Show what nobody will load: skipped where it is the sender's matter, failed where it is ours."""
    _name_task(shortened(f"{refused['name']} · {refused['state']}: {refused['reasons'][0]}"))
    for reason in refused["reasons"]:
        log.warning(reason)
    problem = AirflowFailException if refused["state"] == "failed" else AirflowSkipException
    raise problem(f"{refused['name']}: {refused['state']}")


@task
def batch(department: str) -> list[int]:
    """The deliveries of this run: those its partition key names; started by hand, all that wait."""
    from etl import ledger

    key = get_current_context()["dag_run"].partition_key
    if key:
        return delivery_ids(key)
    return [delivery.delivery_id for delivery in ledger.waiting(department)]


@task(map_index_template=NAMED, outlets=[HELD, WAREHOUSE])
def stage(delivery_id: int) -> int:
    """Decode, match headers, normalise, type; COPY into a staging table of its own."""
    from etl.stage import stage as verb

    return _advance(verb, delivery_id)


@task(map_index_template=NAMED, outlets=[HELD, WAREHOUSE])
def validate(delivery_id: int) -> int:
    """Judge the staged rows by the contract; failing rows go to quarantine with every reason."""
    from etl.validate import validate as verb

    return _advance(verb, delivery_id)


@task(map_index_template=NAMED, outlets=[HELD, WAREHOUSE])
def load(delivery_id: int) -> int:
    """Star and ledger in one transaction; skipped where a delivery was held or rejected."""
    from etl.load import load as verb

    return _advance(verb, delivery_id, ends=True)


@task(map_index_template=NAMED, outlets=[WAREHOUSE], trigger_rule="one_failed")
def settle(delivery_id: int) -> None:
    """Only where a task of the delivery failed: nothing is left on its way, and others are evaluated.

    A task that fails announces nothing, so this one does it. A delivery that is still on its
    way has lost all its tries without a word: its worker was killed, or somebody stopped it.
    """
    from etl import ledger
    from etl.attempt import fail, lost
    from etl.context import Context

    ctx = Context.of()
    with ctx.engine.connect() as connection:
        delivery = ledger.get(connection, delivery_id)
    if delivery.is_open:
        delivery = fail(delivery, ctx, [lost(delivery)])
    _name_task(task_name(delivery))
    announce(get_current_context(), _evaluation_due())


@task
def evaluate_newest() -> dict[str, Any]:
    """Evaluate the plan at the newest commit, unless that has been done."""
    from etl import evaluate

    summary: dict[str, Any] = evaluate.evaluate_newest(who="airflow")
    if summary.get("skipped"):
        raise AirflowSkipException(f"Commit {summary.get('seq')} is evaluated already.")
    return summary


@task
def build_pages() -> str:
    """Write the pages of deliveries again, as far as they changed; returns where they begin."""
    from etl.context import Context
    from etl.pages import build

    ctx = Context.of()
    built = build(ctx.settings.pages, ctx)
    log.info("%s: %s of %s pages written", built.index, built.written, built.pages)
    return str(built.index)


@task
def build_report() -> str:
    """Write the report again, as far as it changed; returns where it begins."""
    from etl.context import Context
    from etl.report import build

    ctx = Context.of()
    built = build(ctx.settings.report, ctx)
    log.info("%s: %s of %s files written", built.index, built.written, built.files)
    return str(built.index)


@task
def build_series() -> dict[str, Any]:
    """Bring `bi.indicator_series` up to the newest commit, as far as something changed."""
    from etl import evaluate

    done: dict[str, Any] = evaluate.build_series()
    return done


@task
def sweep(departments: list[str]) -> dict[str, list[str]]:
    """Wake again whatever an event was lost for: files, deliveries, commits not yet evaluated."""
    from etl import ledger
    from etl.context import Context
    from etl.receive import tidy
    from etl.sources import sources

    tidy(Context.of())
    context = get_current_context()
    files = [
        offer.place.name for source in sources(Settings.load()) for offer in source.look().files
    ]
    before = datetime.now(UTC) - ledger.LEFT_BEHIND
    idle = {
        name
        for name in departments
        if not context["ti"].get_dr_count(name, states=["queued", "running"])
    }
    late = [
        delivery
        for delivery in ledger.waiting()
        if delivery.department in idle and delivery.updated_at < before
    ]
    keys = _department_keys(late) | _warehouse_key()
    if files:
        keys[LANDING] = []
    announce(context, keys)
    return {"files": files, "deliveries": [delivery.label for delivery in late]}


@task(inlets=[LANDING])
def landing_watch() -> str:
    """Fail, for all to see, when the landing zone is no longer looked at: a watcher dies unnoticed."""
    seen = get_current_context()["asset_state_store"][LANDING].get(HEARTBEAT_KEY)
    if seen is None:
        raise AirflowSkipException("The landing zone has not been watched yet.")
    silence = datetime.now(UTC) - datetime.fromisoformat(str(seen))
    if silence > SILENT:
        raise AirflowFailException(
            f"The landing zone was last looked at {silence.total_seconds():.0f} s ago. "
            "The sweep still takes files, but late: restart the triggerer."
        )
    return str(seen)


def _advance(verb: Step, delivery_id: int, *, ends: bool = False) -> int:
    """One step of one delivery; where the step is not due, the verb changes nothing.

    A transient failure is raised, for Airflow to try again; one for good, or the last try's,
    makes the delivery `failed` and the task red.
    """
    from etl import ledger
    from etl.attempt import attempt
    from etl.context import Context
    from etl.pages import url_of

    context = get_current_context()
    ti = context["ti"]
    with Context.of().engine.connect() as connection:
        before = ledger.get(connection, delivery_id)
    _name_task(task_name(before))
    delivery = attempt(verb, before, Context.of(), last=ti.try_number > ti.max_tries)
    _name_task(task_name(delivery))
    log.info("%s: %s", delivery.label, delivery.state)
    if page := url_of(delivery_id, Context.of()):
        log.info("page: %s", page)
    if ends and before.state != delivery.state:
        _carry_resumed(delivery)
    # A task that fails announces nothing: `settle` will.
    ended_well = not delivery.is_open and delivery.state != "failed"
    keys: dict[Asset, list[str]] = _evaluation_due() if ended_well else {}
    ended_here = before.state != delivery.state or ti.try_number > 1
    if delivery.state == "held" and ended_here:
        keys[HELD] = partition_keys([delivery])
    if not delivery.is_open and delivery.state != "loaded" and ended_here:
        write_page(delivery_id)  # no evaluation follows, which would
    announce(context, keys)
    if delivery.state in REFUSED:
        reasons = [reason_text(reason) for reason in delivery.reasons]
        for reason in reasons:
            log.warning(reason)
        ti.xcom_push("reasons", reasons)
        if ends or delivery.state == "failed":
            problem = AirflowFailException if delivery.state == "failed" else AirflowSkipException
            raise problem(
                f"{delivery.label} · {delivery.state}: {main_reason(delivery.reasons, detail=True)}"
            )
    return delivery_id


def _carry_resumed(loaded: Delivery) -> None:
    """Corrections that waited for a thing which this load has told of go on at once."""
    from etl import ledger
    from etl.context import Context
    from etl.ingest import carry

    for resumed in ledger.resumed_by(loaded, Context.of()):
        ended = carry(resumed, Context.of())
        log.info("resumed: %s: %s", ended.label, ended.state)


def _department_keys(deliveries: Iterable[Delivery]) -> dict[Asset, list[str]]:
    """For each department with deliveries on their way, the keys of its runs."""
    from etl import ledger

    by_department: dict[str, list[Delivery]] = {}
    for delivery in deliveries:
        if delivery.state in ledger.OPEN_STATES and delivery.department:
            by_department.setdefault(delivery.department, []).append(delivery)
    return {
        department_asset(name): partition_keys(own, waiting=len(ledger.waiting(name)))
        for name, own in sorted(by_department.items())
    }


def _evaluation_due() -> dict[Asset, list[str]]:
    """Wakes the evaluation unless another delivery is moving: twenty deliveries give one evaluation.

    One that does not get on, for its tries fail or nobody works on it, keeps nobody waiting.
    """
    from etl import ledger

    return {} if ledger.is_any_moving() else _warehouse_key()


def _warehouse_key() -> dict[Asset, list[str]]:
    from etl import ledger

    newest = ledger.newest_commit()
    return {WAREHOUSE: [f"commit {newest}"]} if newest > ledger.last_evaluated() else {}


def _name_task(text: str) -> None:
    get_current_context()["shown_as"] = text
