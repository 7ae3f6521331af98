"""Evaluate: the plan's statements as numbers, with status, reasons and receipts."""

from etl.evaluate.receipts import Receipt, receipt
from etl.evaluate.result import Evaluation, IndicatorValue
from etl.evaluate.run import Reading, evaluate
from etl.evaluate.save import evaluate_newest, save
from etl.evaluate.series import build_series
from etl.reasons import Reason

__all__ = [
    "Evaluation",
    "IndicatorValue",
    "Reading",
    "Reason",
    "Receipt",
    "build_series",
    "evaluate",
    "evaluate_newest",
    "receipt",
    "save",
]
