"""Buttons on tasks in Airflow's UI: the page of the delivery, the index of all, the report.

Airflow asks for a link in the task's own process once it has ended, whatever came of it, and keeps the
answer as an XCom; for None it shows no button.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperatorLink

from etl.settings import Settings

if TYPE_CHECKING:
    from airflow.sdk import XComArg

log = logging.getLogger(__name__)


class DeliveryLink(BaseOperatorLink):
    """The page of the delivery that is the task's first argument."""

    name = "批次页 Page of the delivery"

    def get_link(self, operator: Any, *, ti_key: Any) -> str | None:
        """The page's address; None where pages are served nowhere."""
        from etl.context import Context
        from etl.pages import url_of

        return url_of(int(operator.op_args[0]), Context.of())


class PagesLink(BaseOperatorLink):
    """The index of all deliveries."""

    name = "全部批次 All deliveries"

    def get_link(self, operator: Any, *, ti_key: Any) -> str | None:
        """The index's address; None where pages are served nowhere."""
        base = Settings.load().address("pages")
        return f"{base}/index.html" if base else None


class ReportLink(BaseOperatorLink):
    """The report."""

    name = "评估报告 Report"

    def get_link(self, operator: Any, *, ti_key: Any) -> str | None:
        """The report's address; None where it is served nowhere."""
        base = Settings.load().address("report")
        return f"{base}/index.html" if base else None


def linked(task: XComArg, link: BaseOperatorLink) -> XComArg:
    """The task, with this button."""
    task.operator.operator_extra_links = (link,)
    return task


def write_page(delivery_id: int) -> str | None:
    """Write the page of a delivery that no evaluation will be woken for; its address, None where there is none.

    A page that cannot be written keeps nobody from working, nor from deciding.
    """
    from etl.context import Context
    from etl.pages import build, url_of

    ctx = Context.of()
    url = url_of(delivery_id, ctx)
    if url is None:
        return None
    try:
        build(ctx.settings.pages, ctx, only=[delivery_id])
    except Exception:
        log.exception("no page of delivery %s", delivery_id)
        return None
    return url
