"""What a file says does not hang on how it is written: the same star, the same content hash."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from etl.context import Context
from etl.ingest import ingest
from etl.settings import Settings
from tests.conftest import copy_of
from tests.etl.load.feeds import SPACES
from tests.etl.load.writing import WRITERS, write

HEADERS = SPACES["hotline.work_order"].headers
ROWS: list[list[Any]] = [
    ["W1", "住房保障", "网络平台", "旧宫镇", "旧宫镇人民政府", "2024-01-02 08:00:00", 1, "2024-01-20 10:00:00"],
    ["W2", "交通出行", None, "青云店镇", "区教委", "2024-01-03 08:30:00", 0, None],
    ["0012", "其他", "𠀀、，\"引号\"", "旧宫镇", "区教委", "2024-01-04 23:59:59", None, "2024-01-20 10:00:01"],
    ["W4", "住房保障", "网络平台", "旧宫镇", "区教委", "2024-01-05 08:00:00", "约三次", "2024-01-20 10:00:00"],
    ["W2", "交通出行", None, "青云店镇", "区教委", "2024-01-03 08:30:00", 0, None],
]  # fmt: skip
QUERY = (
    "SELECT f.order_id, f.return_count, f.opened_at::text, f.source_at::text, u.unit_id, c.channel_id, a.area_id"
    " FROM star.fact_work_order AS f LEFT JOIN registry.unit AS u USING (unit_key)"
    " LEFT JOIN registry.channel AS c ON c.channel_key = f.channel_key AND c.channel_key > 0"
    " LEFT JOIN registry.area AS a USING (area_key) ORDER BY 1"
)


def loaded(form: str, folder: Path, server: str, template: str) -> dict[str, Any]:
    path = write(folder / form / "工单_2024年1月", form, list(HEADERS.values()), ROWS)
    with copy_of(server, template) as engine:
        ctx = Context.of(
            Settings.load(
                {
                    "MINSHENG_HOME": str(folder / form / "home"),
                    "MINSHENG_DATABASE_URL": engine.url.render_as_string(hide_password=False),
                }
            )
        )
        done = ingest([path], ctx=ctx)[0]
        with ctx.engine.connect() as connection:
            star = connection.execute(sa.text(QUERY)).all()
        ctx.engine.dispose()
    return {
        "state": done.state,
        "content_hash": done.content_hash,
        "counts": (done.rows, done.loaded, done.duplicate, done.quarantined),
        "star": [tuple(row) for row in star],
    }


def test_each_format_says_the_same(
    tmp_path: Path, server: str, template: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("xlwt", reason="xlwt, which writes XLS, is not installed")
    by_form = {form: loaded(form, tmp_path, server, template) for form in WRITERS}
    first = by_form["csv"]
    assert first["state"] == "loaded"
    assert first["counts"] == (5, 3, 1, 1)
    assert [row[0] for row in first["star"]] == ["0012", "W1", "W2"]
    for (form, left), (other, right) in itertools.pairwise(by_form.items()):
        assert left == right, (form, other)
    assert len(by_form) == len(WRITERS) == 8
