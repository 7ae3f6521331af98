"""Receive: the bytes are kept under their hash, and every arrival is in the ledger, also one nobody can read."""

from __future__ import annotations

import errno
import hashlib
import stat
import zipfile
from pathlib import Path

import pytest

from etl.context import Context
from etl.errors import MinshengError
from etl.receive import receive
from tests.make import write_csv

HEADER, ROWS = ("编号", "名称", "状态"), [("2111000001", "一小", "正常")]


def school(folder: Path, name: str = "模型学校_20200131_a.csv", title: str = "") -> Path:
    return write_csv(folder / name, HEADER, [("2111000001", title or "一小", "正常")])


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def kept(ctx: Context, sha256: str) -> list[Path]:
    return [path for path in ctx.settings.archive.rglob("*") if path.name == sha256]


def test_the_archive_has_the_bytes_and_the_ledger_the_arrival(
    opened: Context, tmp_path: Path
) -> None:
    path = school(tmp_path)
    (delivery,) = receive(path, ctx=opened)
    assert (delivery.feed, delivery.department) == ("education.model_school", "education")
    assert (delivery.state, delivery.mode, delivery.reasons) == ("received", "full", [])
    assert (delivery.sha256, delivery.file_name, delivery.member) == (
        digest(path),
        path.name,
        None,
    )
    assert delivery.contract_hash == opened.contract("education.model_school").hash
    (file,) = kept(opened, delivery.sha256)
    assert file.read_bytes() == path.read_bytes()
    assert stat.S_IMODE(file.stat().st_mode) == 0o440, "nobody writes in the archive"
    assert not list(opened.settings.archive.glob(".incoming-*"))
    assert path.exists(), "taken away only where it is asked for"


def test_the_same_bytes_are_kept_once_and_told_twice(opened: Context, tmp_path: Path) -> None:
    first, second = (
        school(tmp_path, "模型学校_20200229_a.csv"),
        tmp_path / "模型学校_20200229_b.csv",
    )
    second.write_bytes(first.read_bytes())
    (one,), (other,) = receive(first, ctx=opened), receive(second, ctx=opened)
    assert one.sha256 == other.sha256
    assert other.delivery_id > one.delivery_id
    assert len(kept(opened, one.sha256)) == 1


def test_what_no_contract_claims_is_rejected_and_kept(opened: Context, tmp_path: Path) -> None:
    path = school(tmp_path, "谁的文件.csv", title="谁的")
    (delivery,) = receive(path, ctx=opened)
    assert (delivery.state, delivery.feed, delivery.mode) == ("rejected", None, None)
    assert [reason["rule"] for reason in delivery.reasons] == ["unclaimed"]
    assert kept(opened, digest(path))
    (named,) = receive(path, feed="education.model_school", ctx=opened)
    assert (named.state, named.feed) == ("received", "education.model_school")


@pytest.mark.parametrize(
    ("name", "mode"), [("更正", "correction"), ("撤回", "retraction"), ("x", "full")]
)
def test_the_name_says_how_it_is_meant(
    opened: Context, tmp_path: Path, name: str, mode: str
) -> None:
    (delivery,) = receive(school(tmp_path, f"模型学校_20200331_{name}.csv"), ctx=opened)
    assert delivery.mode == mode


def test_a_zip_is_a_delivery_a_member(opened: Context, tmp_path: Path) -> None:
    parts = [school(tmp_path, name) for name in ("模型学校_20200430_撤回.csv", "谁的.csv")]
    path = tmp_path / "打包.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for part in parts:
            archive.write(part, part.name)
    deliveries = {delivery.member: delivery for delivery in receive(path, ctx=opened)}
    assert {name: delivery.state for name, delivery in deliveries.items()} == {
        "模型学校_20200430_撤回.csv": "received",
        "谁的.csv": "rejected",
    }
    assert {delivery.sha256 for delivery in deliveries.values()} == {digest(path)}
    assert deliveries["模型学校_20200430_撤回.csv"].mode == "retraction"


def test_a_zip_that_cannot_be_opened_is_one_rejected_delivery(
    opened: Context, tmp_path: Path
) -> None:
    path = tmp_path / "模型学校_20200531_a.zip"
    path.write_bytes(b"PK\x03\x04" + b"?" * 100)
    (delivery,) = receive(path, feed="education.model_school", ctx=opened)
    assert (delivery.state, delivery.member) == ("rejected", None)
    assert delivery.reasons, "and says why"
    assert kept(opened, digest(path))


def test_consumed_it_is_gone_and_kept(opened: Context, tmp_path: Path) -> None:
    path = school(tmp_path, "模型学校_20200630_a.csv", title="取走")
    (delivery,) = receive(path, ctx=opened, consume=True)
    assert not path.exists()
    assert kept(opened, delivery.sha256)


def test_what_could_not_be_taken_away_is_not_received(
    opened: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = school(tmp_path, "模型学校_20200731_a.csv", title="留下")

    def refused(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", refused)
        with pytest.raises(MinshengError, match=str(tmp_path)):
            receive(path, ctx=opened, consume=True)
    assert path.exists()
    assert not kept(opened, digest(path)), "or every look would receive it again"


@pytest.mark.parametrize("consume", [True, False])
def test_answers_on_rejected_rows_are_received_as_such(
    opened: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, consume: bool
) -> None:
    """What they become is held in tests/etl/quarantine; here, that nothing else is made of the file."""
    path = school(tmp_path, "模型学校_20200831_a.csv", title="答复")
    monkeypatch.setattr("etl.receive.receive_answers", lambda *_: [])
    assert receive(path, ctx=opened, consume=consume) == []
    assert path.exists() is not consume
