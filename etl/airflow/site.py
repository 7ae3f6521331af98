"""Report and pages of deliveries, read-only, for whoever is logged in to Airflow: mounted by `etl.airflow.web`."""

from __future__ import annotations

import os
from pathlib import PurePosixPath
from urllib.parse import quote

from airflow.api_fastapi.app import API_ROOT_PATH
from airflow.api_fastapi.auth.managers.models.resource_details import AccessView
from airflow.api_fastapi.core_api.security import requires_access_view
from fastapi import Depends, FastAPI, Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles

from etl.pages.files import STYLE, environment
from etl.settings import SERVED_AT, Settings

_OFFICE = "application/vnd.openxmlformats-officedocument."
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".json": "application/json",
    ".xlsx": f"{_OFFICE}spreadsheetml.sheet",
    ".docx": f"{_OFFICE}wordprocessingml.document",
}
"""What the sites consist of, and all that is served of their folders; a machine's own table of types knows half."""

HEADERS = {
    # The pages quote what departments sent, at the address where Airflow's session lives: whatever
    # that may contain, it runs nothing and sends nothing anywhere.
    "Content-Security-Policy": "default-src 'none'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "private, no-cache",
}
_LOGIN = f"{API_ROOT_PATH.rstrip('/')}/api/v2/auth/login"

app = FastAPI(
    title="minsheng",
    docs_url=None,
    redoc_url=None,
    openapi_url=None,
    dependencies=[Depends(requires_access_view(AccessView.WEBSITE))],
)


class Folder(StaticFiles):
    """A folder that may not be there yet, in which only files of known types are seen."""

    def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
        """Where a file lies; nowhere for notes of the builders (`.built.json`) and whatever else is unknown."""
        parts = PurePosixPath(path).parts
        known = PurePosixPath(path).suffix in ("", *TYPES)
        if not known or any(part.startswith(".") for part in parts):
            return "", None
        try:
            return super().lookup_path(path)
        except PermissionError:
            return "", None


@app.api_route("/{site}/{path:path}", methods=["GET", "HEAD"])
async def page(site: str, path: str, request: Request) -> Response:
    """A file of the report or of the pages; a folder is its `index.html`."""
    settings = Settings.load()
    folder = {"report": settings.report, "pages": settings.pages}.get(site)
    if folder is None:
        raise HTTPException(404)
    files = Folder(directory=folder, html=True, check_dir=False)
    answer = await files.get_response(os.path.normpath(path), request.scope)
    if isinstance(answer, FileResponse):
        answer.headers["Content-Type"] = TYPES[PurePosixPath(answer.path).suffix]
    answer.headers.update(HEADERS)
    return answer


@app.exception_handler(HTTPException)
async def refused(request: Request, problem: HTTPException) -> Response:
    """The login for whoever is not logged in, and back again; else a page that says what is missing."""
    if problem.status_code == 401:
        return RedirectResponse(f"{_LOGIN}?next={quote(request.url.path, safe='')}", 303)
    text = (
        environment()
        .get_template("absent.html")
        .render(
            status=problem.status_code,
            site=request.path_params.get("site"),
            begin=f"{API_ROOT_PATH.rstrip('/')}{SERVED_AT}",
            login=_LOGIN,
            style=STYLE,
        )
    )
    return HTMLResponse(text, problem.status_code, headers=HEADERS)
