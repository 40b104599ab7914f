"""What a failing machine says: which field of which record, and a program that shows it."""

import re
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import attrs
import pytest
from hypothesis import Phase, settings

import coursetrack
from coursetrack.domain.entities import (
    CompletedLesson,
    CompletionType,
    Course,
    CourseMember,
    Coworker,
    Lesson,
    UnlockType,
)
from coursetrack.domain.events import VideoProgress
from coursetrack.domain.outcomes import Outcome
from coursetrack.errors import MissingEntity
from coursetrack.testing.differences import difference, same
from coursetrack.testing.machine import SIZE, Feature, TrackerMachine, check_tracker
from coursetrack.testing.machine.story import Call, noted, program, shortest, simplest
from coursetrack.testing.program import code
from coursetrack.tracker import Tracker

FAST = settings(SIZE, phases=[Phase.generate], database=None, derandomize=True)
AT = datetime(2025, 1, 1, tzinfo=UTC)
FIRST = CompletedLesson(id=1, lesson_id=10, member_id=7, created_on=AT, updated_by="admin")
SECOND = CompletedLesson(id=2, lesson_id=11, member_id=7, created_on=AT)


# -- differences


@pytest.mark.parametrize(
    ("got", "expected", "says"),
    [
        ([FIRST], [attrs.evolve(FIRST, updated_by=None)], "record 1 (lesson 10, member 7): upd"),
        ([FIRST], [FIRST, SECOND], "record 2 (lesson 11, member 7) is missing"),
        ([FIRST, SECOND], [SECOND], "record 1 (lesson 10, member 7) should not be there"),
        ([SECOND, FIRST], [FIRST, SECOND], "the order of ids"),
        ([Course(id=1, title="a")], [Course(id=1, title="b")], "Course 1: title"),
        ({"a": 1, "b": 2}, {"a": 1, "b": 3}, "b"),
        ({"a": 1}, {"b": 1}, "b is missing"),
        ({"Records": [{"Id": 1}]}, {"Records": [{"Id": 2}]}, "Records"),
        (1, 2, "the thing"),
    ],
)
def test_a_difference_names_its_place(got: Any, expected: Any, says: str) -> None:
    where, mine, theirs = difference("the thing", got, expected)
    assert says in where
    assert mine != theirs


def test_errors_are_told_by_name() -> None:
    with pytest.raises(AssertionError) as told:
        same("the error raised", None, MissingEntity)
    assert str(told.value) == "the error raised\n     got: None\nexpected: MissingEntity"


# -- programs


@pytest.mark.parametrize(
    "value",
    [
        FIRST,
        Lesson(
            id=1,
            course_id=1,
            title="Fin(",
            unlock_type=UnlockType.TIMED,
            completion_type=CompletionType.VIDEO,
            video_coverage=Fraction(9, 10),
        ),
        VideoProgress(member_id=1, lesson_id=1, at=AT, start=0, end=2.5, duration=10),
        Coworker(id=1, full_name="Zoë\n", team_names=("a",)),
        [AT + timedelta(microseconds=1), ("a",), {"a": None}, -0.0],
    ],
)
def test_code_makes_the_value_again(value: Any) -> None:
    names = {**vars(coursetrack), "datetime": datetime, "UTC": UTC, "Fraction": Fraction}
    assert eval(code(value), names) == value


def test_what_is_usual_is_left_out() -> None:
    assert code(Course(id=1, title="a")) == "Course(id=1, title='a')"
    assert code(SECOND).count("=") == 5 - 1 + 1  # id, lesson, member, created_on, and its tzinfo


def test_calls_are_left_out_as_long_as_it_fails() -> None:
    calls = [Call("a", (number,)) for number in range(40)]

    def fails(some: Any) -> bool:
        return {5, 17, 30} <= {call.arguments[0] for call in some}

    assert [call.arguments[0] for call in shortest(calls, fails)] == [5, 17, 30]
    assert shortest(calls, lambda _: False) == calls


def test_ids_follow_when_a_record_less_is_made() -> None:
    calls = [Call("complete"), Call("complete"), Call("delete_completed", named={"id": 2})]

    def fails(some: Any) -> bool:
        made = sum(call.name == "complete" for call in some)
        return any(call.named.get("id", 99) <= made for call in some if call.named)

    assert shortest(calls, fails) == [Call("complete"), Call("delete_completed", named={"id": 1})]


def test_values_become_plain() -> None:
    lesson = Lesson(id=1, course_id=1, title="Zoë", unlock_type=UnlockType.TIMED)
    [call] = simplest([Call("add_all", ([lesson],))], lambda calls: True)
    assert call.arguments[0] == [Lesson(id=1, course_id=1, title="a")]


def test_a_program_names_what_it_imports() -> None:
    calls = [
        Call("add_all", ([Course(id=1, title="Lesson(")],)),
        noted("something else"),
        Call("delete_completed", named={"id": 1}),
    ]
    assert program(calls).splitlines() == [
        "from coursetrack import Course",
        "tracker = make_tracker()",
        "tracker.add_all([",
        "    Course(id=1, title='Lesson('),",
        "])",
        "# something else",
        "tracker.delete_completed(id=1)",
    ]


# -- through the whole


# Hardly more than what the fault needs, so that it is met soon.
BY_HAND = frozenset({Feature.ENTITIES, Feature.EVENTS, Feature.BY_HAND})


class KeepsTheEditor(Tracker):
    """A tracker that does not forget who wrote a record last."""

    def update_completed(self, *, id: int, by: str | None = None, **given: Any) -> Outcome:
        record = self.completed_lessons.get(id)
        kept = record.updated_by if record else None
        return super().update_completed(id=id, by=by or kept, **given)


@pytest.mark.slow
def test_a_failure_reads_and_its_program_shows_the_fault() -> None:
    with pytest.raises(AssertionError) as told:
        check_tracker(KeepsTheEditor, features=BY_HAND, settings=FAST)
    text = str(told.value)
    where = r"the completed lessons: record \d+ \(lesson \d+, member \d+\): updated_by"
    assert re.match(where + r"\n     got: (None|'.*')\nexpected: (None|'.*')\n", text)
    shown = text.partition("the shortest run found:\n\n")[2]
    assert len(shown.splitlines()) < 25
    assert "data(...)" not in text
    names: dict[str, Any] = {"make_tracker": KeepsTheEditor}
    exec(shown, names)
    wrong = names["tracker"].completed_lessons
    names = {"make_tracker": Tracker}
    exec(shown, names)
    right = names["tracker"].completed_lessons
    assert [each.updated_by for each in wrong] != [each.updated_by for each in right]
    assert getattr(told.value, "__notes__", []) == []


@pytest.mark.slow
def test_a_crash_is_told_with_its_cause() -> None:
    class Crashes(Tracker):
        def progress(self, *, member_id: int, **given: Any) -> Any:
            return {}[member_id]

    with pytest.raises(AssertionError, match="KeyError: ") as told:
        check_tracker(Crashes, settings=FAST)
    assert isinstance(told.value.__cause__, KeyError)


def test_a_machine_has_a_test_case_of_its_own() -> None:
    class One(TrackerMachine):
        """One."""

    class Two(TrackerMachine):
        """Two."""

    One.TestCase.settings = FAST
    assert (One.TestCase.settings, Two.TestCase.settings) == (FAST, SIZE)
    assert One.TestCase is One.TestCase
    assert One.TestCase.__name__ == "One.TestCase"


def test_members_of_a_course_are_told_apart() -> None:
    members = [CourseMember(id=1, course_id=1, coworker_id=1, created_on=AT)]
    later = [attrs.evolve(members[0], created_on=AT + timedelta(days=1))]
    assert (
        difference("the entities", members, later)[0] == "the entities: CourseMember 1: created_on"
    )
