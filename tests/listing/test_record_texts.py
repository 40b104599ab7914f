"""Records as JSON texts: what is kept of them, and that nothing depends on it; records far away."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from coursetrack.domain.entities import CompletedLesson, CourseMember, Coworker, Lesson
from coursetrack.listing import record_texts
from coursetrack.listing.dimensions import LiveNames
from coursetrack.listing.query import CompletedLessonQuery
from coursetrack.listing.sizes import bytes_of
from coursetrack.listing.store import Store

START = datetime(2025, 1, 1, tzinfo=UTC)
LESSON = Lesson(id=1, course_id=1, title="Welcome")
COWORKER = Coworker(id=1, full_name="Ada")


def made(many: int) -> Store:
    store = Store()
    store.put_named(None, LESSON)
    store.put_named(None, COWORKER)
    store.put_named(None, CourseMember(id=1, course_id=1, coworker_id=1, created_on=START))
    for id_ in range(1, many + 1):
        at = START + timedelta(days=id_)
        store.put(None, CompletedLesson(id=id_, lesson_id=1, member_id=1, created_on=at))
    return store


def test_so_many_texts_are_kept_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record_texts, "_KEPT", 3)
    monkeypatch.setattr(record_texts, "_KEPT_DAYS", 2)
    texts = made(9).indexes.texts
    for row, kept in ((0, {0}), (1, {0, 1}), (2, {0, 1, 2}), (1, {0, 1, 2}), (3, {3})):
        (text,) = texts.of([row])
        assert json.loads(text)["Id"] == row + 1
        assert json.loads(text)["CreatedOn"] == f"2025-01-0{row + 2}T00:00:00Z"
        assert texts._rows.keys() == kept
        assert len(texts._days) <= 2
    texts.forget()
    assert not texts._rows


def test_a_text_is_kept_while_its_names_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    store, texts = made(2), []
    usual = record_texts.RecordTexts._text

    def counted(self: record_texts.RecordTexts, *told: object) -> str:
        texts.append(told[0])
        return usual(self, *told)  # type: ignore[arg-type]

    monkeypatch.setattr(record_texts.RecordTexts, "_text", counted)
    store.find_json(CompletedLessonQuery())
    store.find_json(CompletedLessonQuery(order_by="CreatedOn"))
    assert texts == [0, 1]
    store.put_named(LESSON, Lesson(id=1, course_id=1, title="Renamed"))
    (one, _) = store.find_json(CompletedLessonQuery()).records
    assert json.loads(one)["CourseLessonTitle"] == "Renamed"
    store.put_named(None, Lesson(id=2, course_id=1, title="Another"))
    store.find_json(CompletedLessonQuery())
    assert texts == [0, 1, 0, 1]


FAR = (
    datetime(1, 1, 1, tzinfo=UTC),
    datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    datetime(1970, 1, 1, tzinfo=UTC),
    datetime(2106, 2, 7, 6, 28, 15, 999_999, tzinfo=UTC),
    datetime(2106, 2, 7, 6, 28, 16, 1, tzinfo=UTC),
    datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
)


@pytest.mark.parametrize("created", FAR)
@pytest.mark.parametrize("updated", FAR)
def test_instants_are_exact_however_far_away(created: datetime, updated: datetime) -> None:
    record = CompletedLesson(id=1, lesson_id=1, member_id=1, created_on=created, updated_on=updated)
    store = made(0)
    store.put(None, record)
    (found,) = store.find(CompletedLessonQuery()).records
    assert (found, found.created_on, found.updated_on) == (record, created, updated)


def test_only_names_that_a_query_asks_for_count_as_renamed() -> None:
    names = LiveNames()
    plain = len(names.renames(CompletedLessonQuery()))
    found = {
        field: len(names.renames(CompletedLessonQuery(**{field: "a"}))) - plain
        for field in ("lesson_title", "full_name", "company_name", "team_names")
    }
    # Of teams, those together and each of them have labels of their own.
    assert found == {"lesson_title": 1, "full_name": 1, "company_name": 1, "team_names": 2}
    assert plain == 0
    names.put(None, LESSON)
    names.put(None, COWORKER)
    names.put(None, CourseMember(id=1, course_id=1, coworker_id=1, created_on=START))
    names.put(COWORKER, Coworker(id=1, full_name="Zoë"))
    asked = {
        field: names.renames(CompletedLessonQuery(**{field: "a"}))
        for field in ("lesson_title", "full_name", "company_name", "team_names")
    }
    assert asked == {
        "lesson_title": (0,),
        "full_name": (1,),
        "company_name": (0,),
        "team_names": (0, 0),
    }


def test_bytes_are_what_things_say_and_what_is_added_to_each() -> None:
    things = (b"x" * 100, [1, 2], {})
    assert bytes_of(things) == sum(each.__sizeof__() for each in things) + 16 * 3
    assert bytes_of(()) == 0
