"""The advisory locks of a warehouse: every number, and what it guards. A test holds the SQL files to it."""

from __future__ import annotations

from enum import IntEnum


class Lock(IntEnum):
    """First half of a two-part lock; the second says of which delivery, feed or load, and is 0 where there is but one."""

    NUMBER = 8101
    """A load takes its number and the lock on it at one moment (`ledger.reserve_commit`)."""
    COMMIT = 8102
    """The load of this `seq` has not ended; those with a greater one wait for it (`ledger.commit_in_order`)."""
    DELIVERY = 8103
    """One worker a delivery (`delivery_id`), for one step: held by the session."""
    FEED = 8104
    """One load a feed (`hashtext(feed)`), until its transaction ends."""
    KEYS = 8105
    """Shared: keys are being used. Alone: what names mean may change. Until the transaction ends."""
    TARGET = 8108
    """One feed a target (`hashtext(target)`) among those with ids of their own, until the transaction ends."""
    TRIAL = 8109
    """A trial's staging tables are in use (`delivery_id`, which the ledger never has): held by the session."""
    KNOWN_TIME = 8106
    """A commit's time is written and not yet visible; who asks what was known waits for it."""
    EVALUATION = 8107
    """One evaluation at a time."""


MIGRATION = 0x6D696E73
"""One upgrade of the schema at a time: a lock of one part, "mins", which no version of the program may change."""
