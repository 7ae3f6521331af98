"""The report that people read: a static site in two languages with tables, a workbook and a document beside it."""

from etl.report.gather import gather
from etl.report.model import Report
from etl.report.site import Built, build

__all__ = ["Built", "Report", "build", "gather"]
