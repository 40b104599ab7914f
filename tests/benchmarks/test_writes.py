"""The write, sweep and snapshot benchmarks at a tiny size: they run, and measure what they say."""

import json
from pathlib import Path

import pytest

from benchmarks import snapshots, sweep, writes


@pytest.mark.slow
def test_writes_measures_every_row(tmp_path: Path) -> None:
    results = tmp_path / "results.json"
    assert writes.main(["--size", "2000", "--json", str(results)]) == 0
    rows = json.loads(results.read_text())["2000"]
    names = [row["name"] for row in rows]
    assert names[:2] == ["build, all indexes", "memory, all indexes"]
    assert names[2:5] == ["insert", "update", "delete"]
    assert [row["name"] for row in rows if not row["ours"] > 0] == []


def test_the_sweep_compares_and_judges(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    results = tmp_path / "results.json"
    assert sweep.main(["--size", "500", "--count", "30", "--json", str(results)]) == 0
    assert len(json.loads(results.read_text())["500"]) == 30
    shown = capsys.readouterr().out
    assert "30 random queries, 500 completions" in shown
    assert "asked again, p99 under 2,000 µs" in shown


def test_snapshots_come_back_equal_and_are_timed(tmp_path: Path) -> None:
    results = tmp_path / "results.json"
    assert snapshots.main(["--size", "300", "--json", str(results)]) == 0
    (times,) = json.loads(results.read_text())
    assert 250 < times["completions"] < 350
    assert {"fork, ms", "snapshot, ms", "restore, ms", "pickle the records, ms"} <= times.keys()
    assert all(value >= 0 for value in times.values())
