"""The benchmark of whole answers at a tiny size: every peer answers alike, and goals are judged."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.answers import __main__ as command
from benchmarks.answers.asked import PAGES, questions
from benchmarks.answers.database import filled_database
from benchmarks.answers.goals import goals
from benchmarks.answers.measuring import Measuring
from benchmarks.answers.peer import Coursetrack
from benchmarks.answers.sqlite import peers
from benchmarks.measuring import AnswersDiffer, Cell, Pace
from benchmarks.report import Report
from benchmarks.workload import make_workload

ONCE = Pace(fresh=1, warm=1, warm_seconds=0.0, written=1)


class Wrong:
    """Says that there is nothing."""

    name = "wrong"

    def answer(self, text: str) -> bytes:
        return b"{}"


def test_sqlite_and_coursetrack_answer_alike_before_and_after_writes() -> None:
    workload = make_workload(300, late_writes=30)
    measuring = Measuring(workload, ONCE, lambda _: [])
    seen: list[str] = []
    measuring.run(seen.append)
    assert len(seen) == measuring.steps() == 18
    assert {cell.engine for cell in measuring.cells} == {
        "coursetrack",
        "SQLite, ids first",
        "SQLite, joined directly",
    }
    assert all(len(times) == 1 for cell in measuring.cells for times in cell.times.values())


def test_a_peer_that_answers_differently_is_named() -> None:
    measuring = Measuring(make_workload(100), ONCE, lambda _: [Wrong()])
    with pytest.raises(AnswersDiffer, match="wrong answers page=1&size=25"):
        measuring.run(lambda _: None)


def test_what_is_forgotten_is_answered_the_same() -> None:
    workload = make_workload(200)
    ours, (first, _) = Coursetrack(workload), peers(filled_database(workload))
    text = questions(workload)[2].text(2, 25)
    before = ours.answer(text)
    ours.forget()
    assert ours.answer(text) == before
    assert json.loads(before) == json.loads(first.answer(text))


def cells(size: str, name: str, micros: float) -> list[Cell]:
    times: Any = {column: [micros] for column in ("cold", "warm", "written")}
    rows = int(size.replace(",", ""))
    return [Cell(f"all, {size} records", True, page, name, rows, dict(times)) for page in PAGES]


def judged(ours: float, sqlite: float) -> dict[str, bool]:
    both = [
        *(cell for size in ("25", "1,000") for cell in cells(size, "coursetrack", ours)),
        *(cell for size in ("25", "1,000") for cell in cells(size, "SQLite, ids first", sqlite)),
        *(cell for size in ("25", "1,000") for cell in cells(size, "SQLite, direct", sqlite * 2)),
    ]
    reports = [Report(1_000_000, {}, both, {}), Report(1_000_000, {}, both, {})]
    return {goal.text: goal.reached for goal in goals(reports)}


def test_goals_are_shares_of_the_better_form_of_sqlite() -> None:
    assert all(judged(5.0, 100.0).values())
    assert {text for text, reached in judged(6.0, 100.0).items() if not reached} == {
        "at 1,000,000, warm, 25 records of all, middle page: at most 0.05 of sqlite3's time"
    }
    assert not any(reached for text, reached in judged(101.0, 100.0).items() if "share" in text)
    assert sum(judged(101.0, 100.0).values()) == 3  # nothing grows


@pytest.mark.slow
def test_the_command_asks_all_peers_and_writes_json_and_a_picture(tmp_path: Path) -> None:
    for name in ("sqlalchemy", "django", "rest_framework"):
        pytest.importorskip(name)
    results, table, picture = (tmp_path / name for name in ("r.json", "t.md", "p.png"))
    arguments = ["--size", "200", "--quick", "--json", str(results), "--plot", str(picture)]
    arguments += ["--markdown", str(table)]
    # A process of its own: Django's settings are made once a process, and the recipes make theirs.
    run = [sys.executable, "-m", "benchmarks.answers", *arguments]
    assert "Django REST" in subprocess.run(run, check=True, capture_output=True, text=True).stdout
    (report,) = json.loads(results.read_text())
    assert len(report["cells"]) == 18 * 6
    assert len(table.read_text().splitlines()) == 2 + 6
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_a_peer_that_is_not_installed_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(command.PEERS, "sqlalchemy", "benchmarks.answers.not_there")
    notes: list[str] = []
    assert command._others(["sqlalchemy"], None, notes.append) == []
    assert "sqlalchemy is left out" in notes[0]


def test_an_unknown_peer_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--only", "oracle"]) == 2
    assert "no peer oracle" in capsys.readouterr().err
