"""The simulation benchmark: its figures have the promised form, from a small made-up export."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

import attrs
import pytest

from benchmarks.closeness import PREDICTED, TRAINED, left_out, runs_of
from benchmarks.simulate import as_json, compare
from benchmarks.source import Source
from benchmarks.streaming import course, measure, members
from coursetrack import CompletionType, Course, CourseMember, Coworker, Lesson, Section
from coursetrack.simulation import Distance, by_member

START = datetime(2025, 1, 6, tzinfo=UTC)
NAMES = {field.name for field in attrs.fields(Distance)}


def export() -> Source:
    """Five runs of one short course, by learners of the shipped habits, and one of the staff."""
    entities: list[object] = [
        Coworker(id=1, full_name="A"),
        Coworker(id=2, full_name="B", team_names=("Staff",)),
    ]
    opens = {}
    for run in (*TRAINED, *PREDICTED):
        opens[run] = START + timedelta(days=70 * run)
        entities.append(Course(id=run, title=f"Run {run}"))
        entities += [
            Section(id=run * 10 + week, course_id=run, title=f"Week {week}", display_order=week)
            for week in (1, 2)
        ]
        entities += [
            Lesson(
                id=run * 100 + n,
                course_id=run,
                section_id=run * 10 + 1 + n // 5,
                title=f"{n}",
                display_order=n,
                completion_type=CompletionType.BUTTON,
            )
            for n in range(9)
        ]
        entities += [
            CourseMember(
                id=run * 1_000 + n,
                course_id=run,
                coworker_id=2 if n == 0 else 1,
                created_on=opens[run] + timedelta(hours=5 * n - 40),
            )
            for n in range(40)
        ]
    events = list(by_member(entities, opens=opens, seed=1))
    return Source("made up", entities, events)  # type: ignore[arg-type]


def plainly(numbers: Sequence[int]) -> Iterable[int]:
    """No progress is shown."""
    return numbers


@pytest.mark.slow
def test_the_figures_have_the_promised_form() -> None:
    runs = runs_of(export())
    assert set(runs) == {*TRAINED, *PREDICTED}
    assert all(run.facts.members == 39 for run in runs.values())
    dated = left_out(runs, plainly)
    told = as_json(compare(runs, range(2), plainly), dated)
    assert list(told) == ["distance", "yardstick", "floor", "intervals"]
    for name in ("distance", "yardstick", "floor"):
        found = told[name]
        assert isinstance(found, dict)
        assert list(found) == ["run 7", "run 6"]
        assert all(set(each) == NAMES for each in found.values())
    intervals = told["intervals"]
    assert isinstance(intervals, dict)
    assert intervals["of"] == 6 * len(runs)
    assert 0 <= intervals["covered"] <= intervals["of"]


@pytest.mark.slow
def test_streams_are_measured() -> None:
    speed = measure(60)
    assert speed.events == len(list(by_member([*course(), *members(60)], opens=START)))
    assert 0 < speed.bare < speed.by_member
