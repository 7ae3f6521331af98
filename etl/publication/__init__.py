"""Publish: an evaluation leaves the house as a numbered version that never changes (domain rules 10, no. 13)."""

from etl.publication.files import published_report
from etl.publication.issuing import Persons, publish
from etl.publication.record import Publication, published
from etl.publication.verification import verify

__all__ = ["Persons", "Publication", "publish", "published", "published_report", "verify"]
