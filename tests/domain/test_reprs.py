"""How values show themselves: shortly in a terminal, as an escaped table in a notebook."""

from datetime import UTC, datetime

import attrs
import pytest
from hypothesis import given

from coursetrack import (
    CompletedLesson,
    CompletedLessonQuery,
    Course,
    CourseMember,
    Coworker,
    Lesson,
    PageVisit,
    Section,
    UnlockType,
)
from coursetrack.domain.reprs import _told, html_table
from coursetrack.testing import strategies
from tests.domain.courses import SEQUENTIAL, START, lesson, parts
from tests.tracker.test_rules_properties import academy, begun, hands, streams

AT = datetime(2025, 1, 10, 8, tzinfo=UTC)


def test_what_is_as_usual_is_left_out():
    assert repr(Lesson(id=10, course_id=1, title="Welcome")) == (
        "Lesson(id=10, course_id=1, title='Welcome')"
    )
    assert repr(Section(id=5, course_id=1, title="Week", unlock_type=UnlockType.TIMED)) == (
        "Section(id=5, course_id=1, title='Week', unlock_type=UnlockType.TIMED)"
    )
    record = CompletedLesson(id=1, lesson_id=10, member_id=7, created_on=AT)
    assert repr(record) == (
        "CompletedLesson(id=1, lesson_id=10, member_id=7, created_on=2025-01-10T08:00:00Z)"
    )
    assert repr(attrs.evolve(record, updated_on=START)).endswith("updated_on=2025-01-01T00:00:00Z)")


def test_tuples_are_told_as_python_writes_them():
    def told(*teams):
        return repr(Coworker(id=1, full_name="Ada", team_names=teams)).partition("Ada', ")[2]

    assert told("Ops") == "team_names=('Ops',))"
    assert told("Ops", "Design") == "team_names=('Ops', 'Design'))"
    assert _told(()) == "()"


@pytest.mark.parametrize(
    "value",
    [
        Coworker(id=1, full_name="x" * 10_000, team_names=("team",) * 1_000),
        Course(id=1, title="y" * 10_000),
        CompletedLesson(
            id=1, lesson_id=1, member_id=1, created_on=AT, custom_fields={"a": ["z" * 9_999] * 99}
        ),
    ],
)
def test_long_texts_are_cut_and_long_collections_counted(value):
    assert len(repr(value)) < 300
    assert len(str(value)) < 300


@given(parts(), hands, streams)
def test_answers_about_a_course_of_any_length_are_short(given_parts, hand, stream):
    tracker = begun(given_parts, {}, hand)
    tracker.record_many(stream)
    for value in (tracker, tracker.progress(member_id=7), tracker.record_many(stream)):
        assert len(repr(value)) < 400


def test_a_query_tells_what_it_asks_for_and_a_page_how_much_it_holds():
    assert repr(CompletedLessonQuery()) == "CompletedLessonQuery()"
    assert repr(CompletedLessonQuery(lesson_id=10, direction=-1)) == (
        "CompletedLessonQuery(lesson_id=10, direction=-1)"
    )
    tracker = academy([lesson(id_) for id_ in range(10, 20)])
    for id_ in range(10, 20):
        tracker.record(PageVisit(member_id=7, lesson_id=id_, at=AT))
    assert repr(tracker.completed_lessons.find(CompletedLessonQuery(size=9))) == (
        "Page(records=<9 items>, total_items=10, page_number=1, page_size=9)"
    )


def test_a_long_course_is_counted():
    tracker = academy([lesson(id_, unlock_type=SEQUENTIAL) for id_ in range(10, 200)])
    found = tracker.open_lessons(member_id=7, at=START)
    assert "closed=<189 items>" in repr(found)
    assert "countable_lesson_ids=<190 items>" in repr(tracker.progress(member_id=7))


@given(strategies.texts())
def test_tables_for_notebooks_are_escaped(text):
    table = html_table(text, [text], [[text, None, 1, AT]])
    for character in "<>":
        assert table.count(character) == html_table("", [""], [["", None, 1, AT]]).count(character)


def test_what_a_notebook_shows():
    tracker = academy([lesson(10, title="<b>"), lesson(11, unlock_type=SEQUENTIAL)])
    tracker.record(PageVisit(member_id=7, lesson_id=10, at=AT))
    shown = {
        "<td>1 of 2</td><td>50%</td>": tracker.progress(member_id=7),
        "<td>gains</td><td>50%</td><td>100%</td><td>11</td>": tracker.what_if(
            replace=[lesson(11, required=False)]
        ),
        "<td>Lesson</td><td>2</td>": tracker,
        "<td>2025-01-10T08:00:00Z</td><td></td>": tracker.completed_lessons.find(),
        "&lt;b&gt;": tracker.explain(lesson_id=10, member_id=7, at=AT),
    }
    for told, value in shown.items():
        assert told in value._repr_html_()


# -- unique ids, derived or given


@pytest.mark.parametrize(
    "entity",
    [
        Coworker(id=1, full_name="Ada"),
        Lesson(id=1, course_id=1, title="Welcome"),
        CourseMember(id=1, course_id=1, coworker_id=1, created_on=START),
        CompletedLesson(id=1, lesson_id=1, member_id=1, created_on=START),
    ],
)
def test_another_id_derives_another_unique_id_and_a_given_one_stays(entity):
    other = attrs.evolve(entity, id=2)
    assert other.unique_id == attrs.evolve(entity, id=2, unique_id="").unique_id
    assert other.unique_id != entity.unique_id
    assert attrs.evolve(other, id=1) == entity
    given_one = attrs.evolve(entity, unique_id="a1b2c3d4-e5f6-7890-abcd-ef1234567890")
    assert attrs.evolve(given_one, id=2).unique_id == given_one.unique_id
    taken = attrs.evolve(entity, id=2, unique_id=entity.unique_id)
    assert taken.unique_id == entity.unique_id
    assert attrs.evolve(taken, id=3).unique_id == entity.unique_id
    # What an id derives is derived, also where it was said.
    said = attrs.evolve(entity, unique_id=entity.unique_id)
    assert said == entity
    assert attrs.evolve(said, id=2) == other


def test_a_record_that_was_read_derives_anew_too():
    tracker = academy([lesson(10)])
    tracker.record(PageVisit(member_id=7, lesson_id=10, at=START))
    record = tracker.completed_lessons.get(1)
    assert record is not None
    assert attrs.evolve(record, id=2) == CompletedLesson(
        id=2, lesson_id=10, member_id=7, created_on=START
    )
