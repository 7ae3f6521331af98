"""The ledger: the only place that says what arrived and what became of it.

Events only wake somebody who then looks here. A state changes by `advance` and nowhere
else; which state may follow which, and by which verb, is the table `MOVES`.
"""

from etl.ledger.arrival import register
from etl.ledger.changes import advance, count_failure, record
from etl.ledger.claims import claimed, lock_feed
from etl.ledger.commits import last_evaluated, newest_commit
from etl.ledger.contracts import contract_of, keep_contract
from etl.ledger.decisions import decisions, keep_decision, reject, release, resumed_by, retry
from etl.ledger.delivery import (
    COUNTS,
    LEFT_BEHIND,
    Delivery,
    deliveries,
    get,
    is_any_moving,
    left_behind,
    waiting,
)
from etl.ledger.earlier import (
    latest_accepted,
    previous_snapshot,
    repeated,
    same_bytes_accepted,
    same_content_elsewhere,
    withdrawn_before,
)
from etl.ledger.events import tell
from etl.ledger.kept_out import kept_out
from etl.ledger.states import MOVES, OPEN_STATES, REFUSED_STATES, IllegalMove

__all__ = [
    "COUNTS",
    "LEFT_BEHIND",
    "MOVES",
    "OPEN_STATES",
    "REFUSED_STATES",
    "Delivery",
    "IllegalMove",
    "advance",
    "claimed",
    "contract_of",
    "count_failure",
    "decisions",
    "deliveries",
    "get",
    "is_any_moving",
    "keep_contract",
    "keep_decision",
    "kept_out",
    "last_evaluated",
    "latest_accepted",
    "left_behind",
    "lock_feed",
    "newest_commit",
    "previous_snapshot",
    "record",
    "register",
    "reject",
    "release",
    "repeated",
    "resumed_by",
    "retry",
    "same_bytes_accepted",
    "same_content_elsewhere",
    "tell",
    "waiting",
    "withdrawn_before",
]
