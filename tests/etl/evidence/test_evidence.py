"""The evidence pack: verified by DuckDB alone, a change in it is found, its workbook gives the figures, no person is in it."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlalchemy as sa
from openpyxl import load_workbook

from etl.cli.main import run
from etl.context import Context
from etl.evaluate import evaluate
from etl.evidence import Pack, make
from etl.evidence.pack import WORKBOOK
from etl.settings import Settings
from tests.etl.load.files import INSTITUTION, SEAT, STAFF, Desk, institution, seats, staff

DAY = date(2020, 12, 31)
ORDER = [
    "工单编号", "一级分类", "被反映街乡镇", "承办单位", "来电时间", "更新时间", "来电人", "来电号码", "派单时间",
    "是否有效回访", "是否联系", "是否解决", "是否满意",
]  # fmt: skip
PERSONS = ("13800138001", "13800138002", "张三丰")


def _order(number: int, phone: str, solved: str, content: str) -> list[Any]:
    return [
        f"2020120100{number}", "住房保障", "旧宫镇", "旧宫镇", f"2020-12-0{number} 08:00:00", "2020-12-12 10:00:00",
        "张三丰", phone, f"2020-12-0{number} 09:00:00", "是", "是", solved, content,
    ]  # fmt: skip


@pytest.fixture(scope="module")
def desk(module_database: sa.Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A sum, a ratio, a score, a figure with a row in quarantine; two callers, one of them twice."""
    url = module_database.url.render_as_string(hide_password=False)
    env = {"MINSHENG_HOME": str(tmp_path_factory.mktemp("home")), "MINSHENG_DATABASE_URL": url}
    made = Desk(Context.of(Settings.load(env)), tmp_path_factory.mktemp("files"))
    made.register()
    rows = [institution(f"A{n}", "甲", "110115006001") for n in range(4)]
    made.send("医疗卫生机构2020年12月.csv", INSTITUTION, rows)
    towns = ("旧宫地区办事处", "青云店镇")
    made.send(
        "社工与社区工作者月报_2020年12月.csv", STAFF, [staff("2020-12", town) for town in towns]
    )
    made.send("学位变动_2020年第1季度.csv", SEAT, [seats("C1", 100), seats("C2", "多")])
    first, second, _ = PERSONS
    orders = [
        _order(1, first, "解决", "满意"), _order(2, second, "未解决", "不满意"), _order(3, first, "解决", "基本满意"),
    ]  # fmt: skip
    sent = made.send("接诉即办工单_2020年12月.csv", ORDER, orders)
    assert (sent.state, sent.loaded) == ("loaded", 3)
    yield made
    made.ctx.engine.dispose()


@pytest.fixture(scope="module")
def pack(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> Pack:
    return make(desk.ctx, tmp_path_factory.mktemp("pack") / "pack.zip", DAY)


@pytest.fixture
def folder(pack: Pack, tmp_path: Path) -> Path:
    with zipfile.ZipFile(pack.path) as packed:
        packed.extractall(tmp_path / "pack")
    return tmp_path / "pack"


@pytest.fixture(scope="module")
def only_duckdb(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of packages that has DuckDB and nothing else."""
    place, installed = tmp_path_factory.mktemp("packages"), Path(duckdb.__file__).parents[1]
    for name in [*installed.glob("duckdb*"), *installed.glob("_duckdb*")]:
        (place / name.name).symlink_to(name)
    return place


def _verify(only_duckdb: Path, script: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Without the environment's packages, the user's, the working directory's or any variable."""
    code = (
        "import runpy, sys; sys.path.insert(0, sys.argv.pop(1)); sys.argv.pop(0);"
        " runpy.run_path(sys.argv[0], run_name='__main__')"
    )
    command = [sys.executable, "-I", "-S", "-c", code, only_duckdb, script, *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, cwd="/", encoding="utf-8"
    )


def test_a_verifier_of_under_200_lines_recomputes_every_figure(
    desk: Desk, folder: Path, pack: Pack, only_duckdb: Path
) -> None:
    assert len((folder / "verify.py").read_text("utf-8").splitlines()) < 200
    done = _verify(only_duckdb, folder / "verify.py")
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    evaluated = evaluate(DAY, settings=desk.ctx.settings, hotline=True)
    results = json.loads((folder / "results.json").read_text("utf-8"))
    kept = {figure["code"]: figure["value"] for figure in results["figures"]}
    assert kept == {i.statement.code: i.value for i in evaluated.indicators}
    # By hand: 4 institutions, 2 of 20 workers, two of three orders solved, (1 + 0.9) of 3 satisfied.
    assert kept["hlt_institutions_total"] == 4
    assert kept["civ_community_worker_cert_rate"] == pytest.approx(0.1)
    score = 100 * (0.1 * 1 + 0.5 * 2 / 3 + 0.4 * 1.9 / 3)
    assert kept["hot_composite_score"] == pytest.approx(score)
    for code, value in kept.items():
        (line,) = [text for text in done.stdout.splitlines() if f" {code} " in text]
        told = line.split()[-1]
        assert (told == "—") if value is None else float(told) == pytest.approx(value), line
    assert _verify(only_duckdb, folder / "verify.py", str(pack.path)).returncode == 0


def _again(folder: Path, *names: str) -> None:
    """Let the manifest agree with what was changed, as one would who knows of it."""
    listed = json.loads((folder / "manifest.json").read_text("utf-8"))
    for name in names:
        listed[name] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(listed), "utf-8")


@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        ("rows/edu_compulsory_seats_added.csv", "C1,100,", "C1,110,", "edu_compulsory_seats_added"),
        ("results.json", '"value": 4.0', '"value": 5.0', "hlt_institutions_total"),
        ("tables/fact_seat_change.csv", ",100,", ",110,", None),
    ],
)
def test_a_tampered_row_is_found(
    folder: Path, only_duckdb: Path, name: str, old: str, new: str, told: str | None
) -> None:
    path = folder / name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    done = _verify(only_duckdb, folder / "verify.py")
    assert done.returncode == 1
    assert name in done.stderr
    if told:  # also if the manifest was made to agree
        _again(folder, name)
        done = _verify(only_duckdb, folder / "verify.py")
        assert done.returncode == 1
        assert told in done.stderr


def test_a_row_that_is_gone_is_found_in_rows_and_tables(folder: Path, only_duckdb: Path) -> None:
    for name in ("rows/hlt_institutions_total.csv", "tables/fact_social_worker_month.csv"):
        path = folder / name
        path.write_text("".join(path.read_text("utf-8").splitlines(keepends=True)[:-1]), "utf-8")
        _again(folder, name)
    done = _verify(only_duckdb, folder / "verify.py")
    assert done.returncode == 1
    told = "hlt_institutions_total numerator: 由行得出 from the rows 3.0, results.json 4.0"
    assert told in done.stderr
    assert "civ_community_worker_cert_rate: 批次 delivery" in done.stderr


def test_no_person_is_in_the_pack_and_the_key_is_not(desk: Desk, pack: Pack) -> None:
    stars = {row[0] for row in desk.ask("SELECT caller_token FROM star.fact_work_order")}
    assert len(stars) == 2
    key = desk.ctx.settings.token_key()
    with zipfile.ZipFile(pack.path) as packed:
        everything = b"\0".join(packed.read(name) for name in packed.namelist())
        orders = packed.read("tables/fact_work_order.csv").decode("utf-8-sig")
    for secret in (*PERSONS, *stars, key.hex()):
        assert secret.encode() not in everything
    assert key not in everything
    tokens = [row["caller_token"] for row in csv.DictReader(io.StringIO(orders))]
    assert len(tokens) == 3
    assert len(set(tokens)) == 2, "the same caller is the same"


def test_the_same_state_gives_the_same_bytes(desk: Desk, pack: Pack, tmp_path: Path) -> None:
    assert make(desk.ctx, tmp_path / "again.zip", DAY).sha256 == pack.sha256


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
def test_the_workbook_computes_the_figures_in_libreoffice(folder: Path, tmp_path: Path) -> None:
    source = tmp_path / "figures.xlsx"
    source.write_bytes((folder / WORKBOOK).read_bytes())
    formulas = load_workbook(source).worksheets[0]
    assert {str(r[2].value)[:1] for r in formulas.iter_rows(min_row=3) if r[5].value is not None} == {"="}  # fmt: skip
    assert load_workbook(source, data_only=True).worksheets[0]["C3"].value is None, "nothing kept"
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = ["soffice", profile, "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", tmp_path / "out", source]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    results = json.loads((folder / "results.json").read_text("utf-8"))
    sheet = load_workbook(tmp_path / "out" / "figures.xlsx", data_only=True).worksheets[0]
    computed = {row[0].value: (row[2].value, row[6].value) for row in sheet.iter_rows(min_row=3)}
    assert len(computed) == len(results["figures"])
    for figure in results["figures"]:
        found, equal = computed[figure["code"]]
        if figure["value"] is None:
            assert found is None, figure["code"]
            continue
        assert found == pytest.approx(figure["value"]), figure["code"]
        assert equal == "是 yes", figure["code"]


def test_the_index_names_all_and_links_to_what_is_there(folder: Path) -> None:
    page = (folder / "index.html").read_text("utf-8")
    assert "<script" not in page
    links = [part.split('"')[0] for part in page.split('href="')[1:]]
    assert len(links) > 57
    assert all((folder / link).is_file() for link in links)
    assert {path.suffix for path in (folder / "contracts").iterdir()} >= {".yaml", ".sql"}


def test_the_command(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MINSHENG_HOME", str(desk.ctx.settings.home))
    monkeypatch.setenv("MINSHENG_DATABASE_URL", str(desk.ctx.settings.database_url))
    path = tmp_path / "new" / "pack.zip"
    assert run(["evidence", "--as-of", "2020-12-31", "-o", str(path), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["figures"], told["sha256"]) == (57, hashlib.sha256(path.read_bytes()).hexdigest())
    assert run(["evidence", "--as-of", "2020-12-31"]) == 2, "where to?"
