"""What the container files promise, read from the files: no Docker is needed."""

from __future__ import annotations

import fnmatch
import re
import shlex
import subprocess
from typing import Any

import pytest
import yaml

from etl import server
from etl.airflow.container import COMPONENTS
from etl.settings import ROOT
from hatch_build import FOLDERS

COMPOSE_TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
DOCKERFILE = re.sub(r"\\\n", " ", (ROOT / "Dockerfile").read_text(encoding="utf-8"))
EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load(COMPOSE_TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
# Comments may speak of anything.
SETTINGS = re.sub(r"(^|\s)#.*$", "", COMPOSE_TEXT, flags=re.MULTILINE)
STAGES = re.split(r"^FROM ", DOCKERFILE, flags=re.MULTILINE)[1:]
VARIABLE = re.compile(r"\$\{(\w+)(:?[-?+])?")
PINNED = {"python:3.13-slim-trixie", "postgres:17"}
ONE_SHOT = {"prepare"}

each_service = pytest.mark.parametrize("name", sorted(SERVICES))


def defaults() -> dict[str, str]:
    """The variables of `.env.example`."""
    return dict(re.findall(r"^(\w+)=(.*)$", EXAMPLE, re.MULTILINE))


def instructions(word: str) -> list[str]:
    return re.findall(rf"^{word} +(.+)$", DOCKERFILE, re.MULTILINE)


def copied() -> list[str]:
    """What the Dockerfile takes from the checkout."""
    copies = [shlex.split(line) for line in instructions("COPY") if not line.startswith("--from")]
    return sorted({source for line in copies for source in line[:-1]})


def test_the_services_are_the_four_components_their_database_and_its_preparation() -> None:
    assert set(SERVICES) == {"postgres", "prepare", *COMPONENTS}
    for name in ("prepare", *COMPONENTS):
        assert SERVICES[name]["command"] == [name]


@each_service
def test_a_service_has_a_health_check_and_comes_back_unless_it_runs_once(name: str) -> None:
    service = SERVICES[name]
    if name in ONE_SHOT:
        assert service["restart"] == "no"
        assert "healthcheck" not in service
        return
    assert service["restart"] == "unless-stopped"
    assert service["healthcheck"]["start_period"]
    test = service["healthcheck"]["test"]
    assert test[0] == "CMD", "a shell of its own for every check"
    if name in COMPONENTS:
        assert test[1:] == ["python", "-m", "etl.airflow.container", "healthy", name]


@each_service
def test_nothing_starts_before_what_it_needs(name: str) -> None:
    needs = {
        service: how["condition"] for service, how in SERVICES[name].get("depends_on", {}).items()
    }
    expected = {service: {"prepare": "service_completed_successfully"} for service in COMPONENTS}
    expected |= {"prepare": {"postgres": "service_healthy"}, "postgres": {}}
    assert needs == expected[name]


@each_service
def test_ports_are_open_to_this_machine_only(name: str) -> None:
    service = SERVICES[name]
    assert all(str(port).startswith("127.0.0.1:") for port in service.get("ports", []))
    assert "network_mode" not in service
    assert name == "api-server" or "ports" not in service


@each_service
def test_our_own_containers_have_no_privileges(name: str) -> None:
    service = SERVICES[name]
    assert not {"privileged", "user", "cap_add", "devices", "pid", "ipc"} & set(service)
    if service["image"] == "minsheng:local":
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service["init"] is True
    assert not any("docker.sock" in str(volume) for volume in service.get("volumes", []))


def test_images_are_pinned_and_ours_is_never_pulled() -> None:
    used = {service["image"] for service in SERVICES.values()}
    bases = {line.split()[0] for line in instructions("FROM")}
    assert used - {"minsheng:local"} | bases == PINNED
    ours = {
        name: service for name, service in SERVICES.items() if service["image"] == "minsheng:local"
    }
    assert {name for name, service in ours.items() if "build" in service} == {"prepare"}
    assert all(
        service["pull_policy"] == ("build" if "build" in service else "never")
        for service in ours.values()
    )


def test_every_password_has_to_be_given() -> None:
    passwords = [(name, how) for name, how in VARIABLE.findall(SETTINGS) if "PASSWORD" in name]
    assert {name for name, _ in passwords} == {
        "POSTGRES_PASSWORD",
        "WAREHOUSE_PASSWORD",
        "AIRFLOW_PASSWORD",
    }
    assert {how for _, how in passwords} == {":?"}, "an empty password must be refused, too"
    checked = 0
    for service in SERVICES.values():
        for key, value in service.get("environment", {}).items():
            in_address = re.search(r"://\w+:(.*)@", value)
            if "PASSWORD" in key or in_address:
                password = in_address[1] if in_address else value
                assert re.fullmatch(r"\$\{\w+_PASSWORD:\?[^}]+\}", password), key
                checked += 1
    assert checked == 3 + 2 * len({"prepare", *COMPONENTS})


def test_the_example_names_every_variable_and_gives_no_password() -> None:
    used = {name for name, _ in VARIABLE.findall(SETTINGS)}
    assert used == set(defaults())
    assert not any(value for name, value in defaults().items() if "PASSWORD" in name)


def test_the_example_and_the_compose_file_have_the_same_defaults() -> None:
    given = dict(re.findall(r"\$\{(\w+):-([^${}]*)\}", SETTINGS))
    for name, value in defaults().items():
        assert given.get(name, "") == value


def test_bind_mounts_have_to_exist() -> None:
    binds = [
        volume
        for service in SERVICES.values()
        for volume in service.get("volumes", [])
        if isinstance(volume, dict)
    ]
    assert {bind["target"] for bind in binds} == {"/landing", "/feeds"}
    assert all(bind["bind"]["create_host_path"] is False for bind in binds), (
        "Docker would make it root's"
    )
    assert all(bind["target"] == "/landing" or bind["read_only"] for bind in binds)


def test_the_database_is_set_as_the_embedded_one() -> None:
    words = shlex.split(SERVICES["postgres"]["command"])
    given = dict(word.split("=", 1) for word in words if "=" in word)
    assert given
    assert given == {name: server._TUNING[name] for name in given}


def test_the_dockerfile_copies_exactly_what_runs() -> None:
    folders = set()
    for file in (ROOT / "etl").rglob("*.py"):
        folders |= set(re.findall(r'FILES / "(\w+)"', file.read_text(encoding="utf-8")))
    assert folders == set(FOLDERS), "the wheel holds what the program reads"
    assert folders <= set(copied()) | {"etl"}, "the program reads folders that the image lacks"
    assert set(copied()) == {
        *("LICENSE", "pyproject.toml", "hatch_build.py", "requirements.lock", "etl/__init__.py"),
        *("etl", "dags", "examples", "expectations", "warehouse"),
    }
    assert all((ROOT / source).exists() for source in copied())


def test_the_build_sees_nothing_but_what_is_copied() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    allowed = {rule[1:] for rule in rules if rule.startswith("!")}
    assert allowed == set(copied()) - {"etl/__init__.py"}
    assert not any(fnmatch.fnmatch(".env", pattern) for pattern in allowed)
    assert "**/.*" in rules


def test_the_lock_is_installed_before_the_code_is_copied() -> None:
    build, final = STAGES
    assert (
        build.index("COPY requirements.lock")
        < build.index("pip download")
        < build.index("COPY etl")
    )
    assert "--require-hashes" in build
    assert "--no-index" in build, "nothing may be installed that was not locked"
    assert final.index("COPY --from=build") < final.index("COPY etl")


def test_the_image_is_left_with_no_tools_and_no_root() -> None:
    final = STAGES[-1]
    assert not re.search(r"\b(apt-get|pip|curl|wget|gcc)\b", final)
    assert re.search(r"^USER minsheng$", final, re.MULTILINE)
    assert final.index("USER minsheng") < final.index("ENTRYPOINT")
    assert not re.search(r"PASSWORD|SECRET|TOKEN", DOCKERFILE)


def test_the_databases_script_is_sound_and_runs_by_itself() -> None:
    script = ROOT / "docker" / "create-databases.sh"
    # Without the bit, the image's entry point would source it, and our shell options with it.
    assert script.stat().st_mode & 0o111 == 0o111
    assert "set -euo pipefail" in script.read_text(encoding="utf-8")
    subprocess.run(["bash", "-n", str(script)], check=True)
    mounts = SERVICES["postgres"]["volumes"]
    assert (
        "./docker/create-databases.sh:/docker-entrypoint-initdb.d/create-databases.sh:ro" in mounts
    )
