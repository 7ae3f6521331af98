from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner
from minsheng_sample.cli.sample import sample


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(sample, arguments)
    return result.exit_code, result.output


def test_a_sample_is_written_and_summed_up(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    code, output = run(str(folder), "--from", "2020", "--to", "2020", "--orders", "30", "--json")
    assert code == 0
    summary = json.loads(output)
    assert summary["synthetic"] is True
    assert summary["orders"] == 30
    assert Path(summary["manifest"]).is_file()
    assert summary["totals"]["history"]["files"] > 20


def test_the_summary_says_that_all_is_synthetic(tmp_path: Path) -> None:
    code, output = run(str(tmp_path / "s"), "--from", "2020", "--to", "2020", "--orders", "0")
    assert code == 0
    assert "合成数据" in output
    assert "Synthetic data" in output


def test_years_in_the_wrong_order_are_refused(tmp_path: Path) -> None:
    code, _ = run(str(tmp_path / "s"), "--from", "2021", "--to", "2020")
    assert code != 0
    assert not (tmp_path / "s").exists()
