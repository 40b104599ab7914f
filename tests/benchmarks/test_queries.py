"""The query benchmark at a tiny size: every engine answers alike, and the goals can be judged."""

import json
from pathlib import Path
from typing import Any

import attrs
import pytest

from benchmarks.cases import PAGES, cases
from benchmarks.measuring import AnswersDiffer, Cell, Measuring, Pace, built
from benchmarks.peers.choice import NAMES, PEERS, chosen
from benchmarks.peers.engine import Answer, Engine
from benchmarks.peers.sqlite import Sqlite
from benchmarks.queries import main, usual_queries
from benchmarks.report import Report, geometric_mean, goals
from benchmarks.sweep import percentile, random_queries
from benchmarks.workload import Workload, make_workload

ONCE = Pace(fresh=1, warm=1, warm_seconds=0.0, written=1, patience=10.0)


@pytest.fixture(scope="module")
def workload() -> Workload:
    return make_workload(400, late_writes=200)


def engines(workload: Workload) -> list[Engine]:
    found = chosen(NAMES, lambda note: None)
    built(found, workload, lambda name: None)
    return found


@pytest.mark.slow
def test_all_engines_answer_every_case_alike_before_and_after_writes(workload: Workload) -> None:
    measuring = Measuring(engines(workload), ONCE, usual_queries(workload))
    writes = iter(workload.late_writes)
    for case in cases(workload):
        measuring.first_asks(case, lambda: None)
    for case in cases(workload):
        measuring.after_writes(case, writes, lambda: None)
    names = {cell.engine for cell in measuring.cells}
    assert {"coursetrack", "plain list", "SQLite, ids first", "SQLite, joined directly"} <= names
    for cell in measuring.cells:
        static = cell.engine.startswith("pandas")
        assert [bool(times) for times in cell.times.values()] == [True, True, not static]


@pytest.mark.slow
def test_all_engines_answer_random_queries_alike(workload: Workload) -> None:
    found = engines(workload)
    totals = set()
    for query in random_queries(workload, 60, seed=3):
        for page in (1, 2):
            asked = attrs.evolve(query, page=page)
            right = found[0].answer(found[0].ask(found[0].prepare(asked)))
            totals.add(right[0])
            for engine in found[1:]:
                total, rows = engine.answer(engine.ask(engine.prepare(asked)))
                assert (engine.name, total, rows) == (engine.name, *right)
    assert len(totals) > 10


class Wrong(Sqlite):
    """Leaves out the first row of every page."""

    def answer(self, asked: Answer) -> Answer:
        return asked[0], asked[1][1:]


def test_an_engine_that_answers_differently_is_named(workload: Workload) -> None:
    first = Sqlite("joined directly")
    wrong = Wrong("ids first", first)
    built([first, wrong], workload, lambda name: None)
    measuring = Measuring([first, wrong], ONCE, usual_queries(workload))
    with pytest.raises(AnswersDiffer, match=r"SQLite, ids first answers .*'order_by': 'CreatedOn'"):
        measuring.first_asks(cases(workload)[0], lambda: None)


def test_a_peer_that_is_not_installed_is_left_out_with_a_note(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(PEERS, "polars", "benchmarks.peers.not_there")
    notes: list[str] = []
    assert len(chosen(["polars"], notes.append)) == 2
    assert "polars is left out" in notes[0]


def cells(engine: str, times: dict[str, float], rows: int = 25) -> list[Cell]:
    every: Any = {name: [micros] for name, micros in times.items()}
    return [Cell("case", True, page, engine, rows, dict(every)) for page in PAGES]


def judged(ours: float, sqlite: float, *, floor: float = 10.0) -> dict[str, bool]:
    times = dict.fromkeys(("cold", "warm", "written"), ours)
    peer = dict.fromkeys(times, sqlite)
    both = [*cells("coursetrack", times), *cells("SQLite, ids first", peer)]
    both += cells("SQLite, joined directly", dict.fromkeys(times, sqlite * 9))
    report = Report(100_000, {}, both, {25: floor})
    return {goal.text: goal.reached for goal in goals([report, report])}


def test_goals_are_judged_by_the_better_form_of_sqlite() -> None:
    verdicts = judged(10.0, 251.0)
    assert len(verdicts) == 8
    assert all(verdicts.values())
    assert {text for text, reached in judged(10.0, 249.0).items() if not reached} == {
        "at 100,000, warm: 25 times faster than SQLite"
    }
    slow = judged(21.0, 20.0)
    assert not slow["at 100,000, warm: no cell behind the fastest peer"]
    assert not slow["at 100,000, warm: plain full pages at most 2 times the floor"]


def test_means_and_percentiles() -> None:
    assert geometric_mean([2.0, None, 8.0]) == pytest.approx(4.0)
    assert geometric_mean([]) is None
    assert [percentile([3.0, 1.0, 2.0], share) for share in (0.5, 0.99, 1.0)] == [2.0, 3.0, 3.0]


@pytest.mark.slow
def test_the_command_writes_its_tables_as_json_and_as_a_picture(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results, table, picture = (tmp_path / name for name in ("r.json", "t.md", "p.png"))
    arguments = ["--size", "300", "--only", "coursetrack,plain", "--case", "team", "--quick"]
    arguments += ["--json", str(results), "--markdown", str(table), "--plot", str(picture)]
    assert main(arguments) == 0
    shown = capsys.readouterr().out
    assert "how many times faster" in shown
    (report,) = json.loads(results.read_text())
    assert report["size"] == 300
    assert len(report["cells"]) == 3 * 3 * 4
    assert [line.split(" | ")[0] for line in table.read_text().splitlines()][2:] == [
        "| team",
        "| team + lesson, by CreatedOn",
        "| team + created range, by full name",
    ]
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_the_command_names_an_unknown_engine(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--only", "oracle"]) == 2
    assert "no engine oracle" in capsys.readouterr().err
