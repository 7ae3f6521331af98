"""What wakes what: landing zone -> intake -> departments -> warehouse -> evaluation.

An event is only a wake-up; what there is to do stands in the ledger. All but the
first are partitioned: the key says what the woken run is about. (A run that was
started with a partition key wakes only DAGs that are partitioned themselves.)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from airflow.sdk import Asset, AssetWatcher

from etl.airflow.trigger import LandingTrigger

if TYPE_CHECKING:
    from airflow.sdk.definitions.context import Context

GROUP = "minsheng"

LANDING = Asset(
    "landing",
    group=GROUP,
    watchers=[AssetWatcher(name="landing_zone", trigger=LandingTrigger())],
)
"""Files lie in the landing zone. One watcher for all departments: each watcher is a poller."""

HELD = Asset("held", group=GROUP)
"""A delivery waits for a person's decision; the key names it."""

WAREHOUSE = Asset("warehouse", group=GROUP)
"""The warehouse holds commits that no evaluation has seen; the key is the newest."""


def department_asset(department: str) -> Asset:
    """Deliveries of a department wait; the key names them (see `etl.airflow.batch`)."""
    return Asset(f"deliveries.{department}", group=GROUP)


def announce(context: Context, keys: Mapping[Asset, list[str]]) -> None:
    """Let the running task announce these keys, an empty list standing for an event without key.

    Outlets that are not named stay silent. Left to itself, Airflow sends an event for
    every outlet of a task that succeeds, also where there is nothing to say.
    """
    for asset, names in keys.items():
        if names:
            context["outlet_events"][asset].add_partitions(names)
    context["ti"].task.outlets = list(keys)
