"""The landing zone: what is offered, what is passed over and why, and what is taken away."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from etl.errors import MinshengError, UsageError
from etl.reasons import Reason
from etl.sources import LandingZone, LocalPaths, claims, landing
from etl.sources.claims import place_of
from etl.sources.landing import LandedFile
from etl.sources.told import news
from etl.sources.walk import CLAIMED


@pytest.fixture
def zone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(landing, "QUIET_SECONDS", -1.0)
    folder = tmp_path / "landing"
    folder.mkdir()
    return folder


def offered(zone: Path) -> list[LandedFile]:
    return list(LandingZone(zone).look().files)  # type: ignore[arg-type]


def names(zone: Path) -> list[str]:
    return sorted(str(file.place) for file in offered(zone))


def refused(zone: Path) -> dict[str, str]:
    """File -> code of what is passed over."""
    return {Path(str(r.file)).name: r.code for r in LandingZone(zone).look().passed_over}


def put(zone: Path, name: str | bytes, text: str = "x") -> Path:
    path = Path(os.fsdecode(os.path.join(os.fsencode(zone), os.fsencode(name))))  # noqa: PTH118
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.fixture
def odd(zone: Path) -> Iterator[Path]:
    """A zone with one of everything that is no file."""
    put(zone, "education/school/好.csv")
    (zone / "夹.csv").mkdir()
    put(zone, "夹.csv/里.csv")
    os.mkfifo(zone / "管.csv")
    (zone / "链.csv").symlink_to("/etc/hostname")
    (zone / "断.csv").symlink_to("nowhere")
    (zone / "环").symlink_to(zone)
    with socket.socket(socket.AF_UNIX) as plug:
        here = Path.cwd()
        os.chdir(zone)  # a socket's address may not be long
        try:
            plug.bind("插.csv")
        finally:
            os.chdir(here)
        yield zone


def test_what_is_no_file_is_passed_over_with_its_reason(odd: Path) -> None:
    assert names(odd) == ["education/school/好.csv", "夹.csv/里.csv"]
    assert refused(odd) == {
        "夹.csv": "folder_as_file",
        "管.csv": "special_file",
        "链.csv": "link",
        "断.csv": "link",
        "环": "link",
        "插.csv": "special_file",
    }
    told = {reason.found for reason in LandingZone(odd).look().passed_over}
    assert {"FIFO", "socket"} <= told


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes devices")
def test_a_device_is_passed_over(zone: Path) -> None:
    with suppress(PermissionError):  # a container may not either
        os.mknod(zone / "设备.csv", 0o020644, os.makedev(1, 5))  # /dev/zero never ends
        assert refused(zone) == {"设备.csv": "special_file"}


def test_names_in_any_bytes_are_offered_under_names_that_can_be_stored(zone: Path) -> None:
    put(zone, "学校名录2021年.csv".encode("gbk"))
    put(zone, b"caf\xe9.csv")
    put(zone, "换\n行.csv")
    put(zone, "空格 ")
    put(zone, "点.csv.")
    put(zone, "🏫.csv")
    put(zone, "长" * 83 + ".csv")
    assert names(zone) == sorted(
        [
            "学校名录2021年.csv",
            r"caf\xe9.csv",
            r"换\x0a行.csv",
            "空格 ",
            "点.csv.",
            "🏫.csv",
            "长" * 83 + ".csv",
        ]
    )
    assert refused(zone) == {}


def test_a_path_that_is_too_long_is_told_and_stops_nothing(zone: Path) -> None:
    put(zone, "好.csv")
    here = os.open(zone, os.O_RDONLY)
    try:
        for _ in range(25):  # deeper than any path that may be written
            os.mkdir("d" * 200, dir_fd=here)
            deeper = os.open("d" * 200, os.O_RDONLY, dir_fd=here)
            os.close(here)
            here = deeper
        os.close(os.open("深.csv", os.O_CREAT | os.O_WRONLY, dir_fd=here))
        assert names(zone) == ["好.csv"]
        assert set(refused(zone).values()) == {"path_too_long"}
    finally:
        os.close(here)


def test_unfinished_and_hidden_files_are_left_alone(zone: Path) -> None:
    for name in ("a.part", ".hidden.csv", "~$lock.xlsx", ".snapshot/old.csv"):
        put(zone, name)
    assert names(zone) == []
    assert refused(zone) == {}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_passed_over(zone: Path) -> None:
    put(zone, "锁.csv").chmod(0)
    assert refused(zone) == {"锁.csv": "file_unreadable"}


def test_what_is_passed_over_is_told_once(odd: Path, tmp_path: Path) -> None:
    def fresh() -> list[Reason]:
        return news(tmp_path / "home", LandingZone(odd).look().passed_over)

    assert len(fresh()) == 6
    assert fresh() == []
    (odd / "管.csv").unlink()
    assert fresh() == []
    os.mkfifo(odd / "管.csv")
    assert [reason.code for reason in fresh()] == ["special_file"]


def test_a_file_is_claimed_and_taken_away(zone: Path, tmp_path: Path) -> None:
    put(zone, "education/school/甲.csv", "first")
    (file,) = offered(zone)
    file.save(tmp_path / "copy")
    assert not file.path.exists(), "its name is free as soon as it is read"
    assert offered(zone) == [], "nobody else is offered it"
    file.taken()
    assert (tmp_path / "copy").read_text() == "first"
    assert [p.name for p in zone.rglob("*")] == ["education", "school"]


def test_a_corrected_file_under_the_same_name_is_not_lost(zone: Path, tmp_path: Path) -> None:
    path = put(zone, "education/school/甲.csv", "first")
    (file,) = offered(zone)
    file.save(tmp_path / "first")
    path.write_text("second")
    file.taken()
    assert path.read_text() == "second"
    (file,) = offered(zone)
    assert str(file.place) == "education/school/甲.csv"
    file.save(tmp_path / "second")
    assert (tmp_path / "second").read_text() == "second"


def test_a_file_replaced_before_it_was_claimed_is_read_as_it_is_now(
    zone: Path, tmp_path: Path
) -> None:
    path = put(zone, "甲.csv", "first")
    (file,) = offered(zone)
    put(zone, "乙", "second").rename(path)
    file.save(tmp_path / "copy")
    file.taken()
    assert (tmp_path / "copy").read_text() == "second"
    assert names(zone) == []


def test_a_file_replaced_while_it_is_claimed_is_read_as_it_is_now(
    zone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(zone, "甲.csv", "first")
    (file,) = offered(zone)
    real = claims._moved

    def replaced(path: Path, zone: Path) -> Path:
        monkeypatch.setattr(claims, "_moved", real)
        put(zone, "乙", "second").rename(path)
        return real(path, zone)

    monkeypatch.setattr(claims, "_moved", replaced)
    file.save(tmp_path / "copy")
    file.taken()
    assert (tmp_path / "copy").read_text() == "second"
    assert names(zone) == []
    assert not path.exists()


def test_a_file_that_is_gone_is_not_asked_for_again(zone: Path) -> None:
    with pytest.raises(FileNotFoundError, match="甲"):
        claims._moved(zone / "甲.csv", zone)
    assert len(list((zone / CLAIMED).iterdir())) == 1


def test_a_file_is_found_by_its_path(zone: Path) -> None:
    path = put(zone, "education/school/甲.csv")
    file = LandingZone(zone).file(path)
    assert (str(file.place), file.path) == ("education/school/甲.csv", path)
    with pytest.raises(OSError, match="乙"):
        LandingZone(zone).file(zone / "乙.csv")


def test_what_is_written_after_the_claim_is_not_lost(zone: Path, tmp_path: Path) -> None:
    path = put(zone, "甲.csv", "first")
    with path.open("a") as sender:
        (file,) = offered(zone)
        file.save(tmp_path / "copy")
        sender.write(", and more")
    file.taken()
    (again,) = offered(zone)
    assert str(again.place) == "甲.csv"
    again.save(tmp_path / "whole")
    assert (tmp_path / "whole").read_text() == "first, and more"


def test_a_claim_of_a_dead_process_is_offered_again(zone: Path, tmp_path: Path) -> None:
    put(zone, "education/school/甲.csv", "first")
    code = (
        "import os, sys; from pathlib import Path; from etl.sources import LandingZone, landing;"
        "landing.QUIET_SECONDS = -1; (file,) = LandingZone(Path(sys.argv[1])).look().files;"
        "file.save(Path(sys.argv[2])); os.kill(os.getpid(), 9)"
    )
    ended = subprocess.run([sys.executable, "-c", code, zone, tmp_path / "lost"], check=False)
    assert ended.returncode == -9
    assert not (zone / "education" / "school" / "甲.csv").exists()
    put(zone, "education/school/甲.csv", "second")  # the sender knows nothing of it
    files = offered(zone)
    assert [str(file.place) for file in files] == ["education/school/甲.csv"] * 2
    for number, file in enumerate(files):
        file.save(tmp_path / str(number))
        file.taken()
    assert {(tmp_path / n).read_text() for n in "01"} == {"first", "second"}
    assert not (zone / CLAIMED).exists()


def test_of_two_receivers_one_gets_the_file(zone: Path, tmp_path: Path) -> None:
    put(zone, "甲.csv")
    (first,), (second,) = offered(zone), offered(zone)
    first.save(tmp_path / "1")
    with pytest.raises(FileNotFoundError):
        second.save(tmp_path / "2")


@pytest.mark.parametrize("kind", ["link", "fifo", "folder"])
def test_what_became_something_else_after_the_look_is_left_alone(
    zone: Path, tmp_path: Path, kind: str
) -> None:
    path = put(zone, "甲.csv")
    (file,) = offered(zone)
    path.unlink()
    if kind == "link":
        path.symlink_to("/etc/hostname")
    elif kind == "fifo":
        os.mkfifo(path)
    else:
        path.mkdir()
    with pytest.raises((MinshengError, FileNotFoundError)):
        file.save(tmp_path / "copy")
    assert os.path.lexists(path)
    assert not (tmp_path / "copy").exists()


def test_the_place_of_a_claimed_file() -> None:
    zone = Path("/zone")
    assert (
        place_of(zone / CLAIMED / "ab12" / "education" / "甲.csv") == zone / "education" / "甲.csv"
    )
    assert place_of(zone / CLAIMED / "甲.csv") == zone / "甲.csv"
    assert place_of(zone / "甲.csv") == zone / "甲.csv"


def test_named_paths_are_read_in_order_and_left(odd: Path) -> None:
    look = LocalPaths((odd,)).look()
    assert [file.place.name for file in look.files] == ["好.csv", "里.csv", "链.csv"]
    assert {(Path(str(r.file)).name, r.code) for r in look.passed_over} == {
        ("夹.csv", "folder_as_file"),
        ("管.csv", "special_file"),
        ("断.csv", "link"),
        ("环", "link"),
        ("插.csv", "special_file"),
    }
    (link,) = LocalPaths((odd / "链.csv",)).look().files
    assert link.place.name == "链.csv"
    (fifo,) = LocalPaths((odd / "管.csv",)).look().passed_over
    assert fifo.code == "special_file"
    with pytest.raises(UsageError):
        LocalPaths((odd / "nowhere.csv",)).look()
