"""Why something was refused, kept out, held or doubted: one type, its words from catalogues, one rendering."""

from etl.reasons.catalogue import Catalogue
from etl.reasons.reason import ERROR, INFO, WARNING, Reason
from etl.reasons.render import lines, message, one_line

__all__ = ["ERROR", "INFO", "WARNING", "Catalogue", "Reason", "lines", "message", "one_line"]
