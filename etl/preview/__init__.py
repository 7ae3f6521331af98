"""What a decision would do, or has done: rows new, changed and closed, and the figures that move.

Computed by the real load in a transaction that is rolled back, so a preview cannot differ
from what follows; only what others load in between does.
"""

from etl.preview.effect import Effect, FigureChange
from etl.preview.held import preview
from etl.preview.verdicts import Verdicts, chosen_contract, judge_again
from etl.preview.withdrawal import withdraw

__all__ = [
    "Effect",
    "FigureChange",
    "Verdicts",
    "chosen_contract",
    "judge_again",
    "preview",
    "withdraw",
]
