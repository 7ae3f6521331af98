"""The wheels: complete, alike in version, and at work in an environment that has no checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import zipfile
from importlib.metadata import requires
from pathlib import Path

import pytest

from etl.settings import ROOT
from hatch_build import FOLDERS

Wheels = dict[str, Path]


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Wheels:
    """Both wheels, built from this checkout with nothing fetched."""
    folder = tmp_path_factory.mktemp("dist")
    command = "-m pip wheel -q --no-deps --no-index --no-build-isolation".split()
    subprocess.run([sys.executable, *command, "-w", folder, ".", "./sample"], cwd=ROOT, check=True)
    return {path.name.partition("-")[0]: path for path in folder.iterdir()}


def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def tracked(*folders: str) -> set[str]:
    """What git keeps in these folders; pytest is skipped where there is no git."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", *folders], cwd=ROOT, capture_output=True, text=True
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    return {name for name in listed.stdout.split("\0") if name and (ROOT / name).exists()}


def test_the_wheel_holds_what_is_needed_and_nothing_else(wheels: Wheels) -> None:
    found = {name for name in names(wheels["minsheng"]) if ".dist-info/" not in name}
    assert found == tracked("etl") | {f"etl/_files/{name}" for name in tracked(*FOLDERS)}
    generator = {n for n in names(wheels["minsheng_sample"]) if ".dist-info/" not in n}
    assert {f"sample/{name}" for name in generator} == tracked("sample/minsheng_sample")


def test_both_have_one_version_and_the_extra_brings_the_generator(wheels: Wheels) -> None:
    ours, generator = (wheels[name].name.split("-")[1] for name in ("minsheng", "minsheng_sample"))
    assert ours == generator
    assert any("minsheng-sample" in each and "demo" in each for each in requires("minsheng") or ())


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_installed_it_evaluates_its_sample_without_a_checkout(
    wheels: Wheels, tmp_path: Path
) -> None:
    """The demonstration without Airflow; the other packages are those of this environment."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    [site] = (tmp_path / "venv").glob("lib/python*/site-packages")
    # A .pth within that folder is not read, so the checkout that it names is not on the path.
    (site / "others.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    python = tmp_path / "venv" / "bin" / "python"
    install = [sys.executable, "-m", "pip", "--python", python, "install", "-q"]
    subprocess.run([*install, "--no-deps", "--no-index", *wheels.values()], check=True)

    env = {name: value for name, value in os.environ.items() if not name.startswith("MINSHENG_")}
    env |= {"XDG_DATA_HOME": str(tmp_path / "data"), "PATH": "/usr/bin:/bin"}

    def run(*arguments: str) -> str:
        command = [python.with_name("minsheng"), *arguments]
        done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    where = "import etl, minsheng_sample; print(etl.__file__, minsheng_sample.__file__)"
    shown = subprocess.run(
        [python, "-c", where], cwd=tmp_path, env=env, capture_output=True, text=True, check=True
    )
    assert all(Path(name).is_relative_to(site) for name in shown.stdout.split())
    assert wheels["minsheng"].name.split("-")[1] in run("--version")
    run("sample", "extracts", "--from", "2020", "--to", "2020", "--orders", "50")
    tmp_path.chmod(0o755)  # root's server runs as nobody, who must get through
    try:
        register = min(tmp_path.glob("extracts/reference/division/*"))
        run("ingest", str(register), "extracts/education/school")
        assert "loaded" in run("deliveries", "--feed", "education.school")
        assert "edu_compulsory_seats_added" in run("evaluate")
        assert (tmp_path / "data" / "minsheng" / "archive").is_dir()
    finally:
        run("db", "destroy", "--yes")
