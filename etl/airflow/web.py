"""An Airflow plugin: report and pages of deliveries are served beside Airflow and stand in its navigation.

Every component loads every plugin, and only the API server serves: what serves is imported by the first
request. `etl.airflow.config` puts this into the plugins folder.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from airflow.plugins_manager import AirflowPlugin

from etl.settings import SERVED_AT

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

# White on a tile of its own: readable on every ground, also that of the entry that is open.
_ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><rect width="24" height="24" rx="5" '
    'fill="#14304f"/><g fill="none" stroke="#fff" stroke-width="2" stroke-linecap="round">{lines}</g></svg>'
)
_CHART = '<path d="M7 18v-5M12 18V6M17 18v-8"/>'
_LINES = '<path d="M6 7h12M6 12h12M6 17h8"/>'


async def serve(scope: Scope, receive: Receive, send: Send) -> None:
    """The sites of `etl.airflow.site`."""
    from etl.airflow.site import app

    await app(scope, receive, send)


def _view(name: str, site: str, lines: str) -> dict[str, Any]:
    """An entry of the navigation, shown within Airflow.

    With a `url_route` it is shown in a frame. Without one it would open a tab, from where people can print; but
    in 3.3.2 such an entry at the top level is a button that does nothing (a `<button href>`).
    """
    return {
        "name": name,
        # Without a slash at the front: below whatever prefix Airflow itself is served at.
        "href": f"{SERVED_AT.lstrip('/')}/{site}/",
        "url_route": site,
        "destination": "nav",
        "nav_top_level": True,
        "icon": "data:image/svg+xml," + quote(_ICON.format(lines=lines)),
    }


class WebPlugin(AirflowPlugin):
    """Registers the app and its two entries."""

    name = "minsheng_web"
    fastapi_apps = [{"app": serve, "url_prefix": SERVED_AT, "name": "minsheng"}]  # noqa: RUF012
    external_views = [  # noqa: RUF012
        _view("报告 Report", "report", _CHART),
        _view("批次 Pages", "pages", _LINES),
    ]
