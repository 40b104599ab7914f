"""The question and its page as values."""

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import attrs
import pytest

from coursetrack.domain.entities import CompletedLesson
from coursetrack.errors import InvalidValue
from coursetrack.listing.fields import FIELDS
from coursetrack.listing.query import CompletedLessonQuery, Page

AT = datetime(2025, 1, 1, tzinfo=UTC)
UNIQUE = "a1b2c3d4-e5f6-7890-abcd-ef1234567890"


def record(id_: int) -> CompletedLesson:
    return CompletedLesson(id=id_, lesson_id=1, member_id=1, created_on=AT)


def page(total: int, number: int, size: int, *ids: int) -> Page:
    return Page(
        records=tuple(map(record, ids)), total_items=total, page_number=number, page_size=size
    )


def test_without_arguments_it_asks_for_the_first_25_of_all_by_id() -> None:
    query = CompletedLessonQuery()
    given = attrs.asdict(query)
    paging = {"order_by": "Id", "direction": 1, "page": 1, "size": 25, "text_match": "contains"}
    assert given == dict.fromkeys(given, None) | paging


@pytest.mark.parametrize("name", ["lesson_title", "full_name", "company_name", "team_names"])
def test_an_empty_text_is_no_filter(name: str) -> None:
    assert CompletedLessonQuery(**{name: ""}) == CompletedLessonQuery()
    assert getattr(CompletedLessonQuery(**{name: " "}), name) == " "


def test_an_empty_system_id_is_no_filter() -> None:
    assert CompletedLessonQuery(system_id="") == CompletedLessonQuery()


def test_instants_and_unique_ids_take_their_normal_form() -> None:
    far = AT.astimezone(timezone(timedelta(hours=5)))
    assert CompletedLessonQuery(created_from=far).created_from.tzinfo is UTC
    assert CompletedLessonQuery(unique_id=UNIQUE.upper()).unique_id == UNIQUE


@pytest.mark.parametrize("field", FIELDS.values(), ids=FIELDS)
def test_a_filters_spelling_of_an_order_becomes_the_canonical_one(field: Any) -> None:
    assert CompletedLessonQuery(order_by=field.spelling).order_by == field.order
    assert CompletedLessonQuery(order_by=field.order).order_by == field.order


BAD = [
    ({"lesson_id": 0}, "lesson_id"),
    ({"member_id": "7"}, "member_id"),
    ({"id": 2**63}, "id"),
    ({"id": True}, "id"),
    ({"lesson_title": 5}, "lesson_title"),
    ({"team_names": "\ud800"}, "team_names"),
    ({"unique_id": "x"}, "unique_id"),
    ({"created_from": datetime(2025, 1, 1)}, "created_from"),  # noqa: DTZ001
    ({"updated_on": "2025"}, "updated_on"),
    ({"order_by": "Name"}, "order_by"),
    ({"order_by": None}, "order_by"),
    ({"order_by": ["Id"]}, "order_by"),
    ({"direction": 0}, "direction"),
    ({"direction": True}, "direction"),
    ({"direction": 1.0}, "direction"),
    ({"page": 0}, "page"),
    ({"page": 2**63}, "page"),
    ({"size": 0}, "size"),
    ({"size": 2**63}, "size"),
    ({"text_match": "prefix"}, "text_match"),
]


@pytest.mark.parametrize(("fields", "name"), BAD)
def test_bad_input_is_named(fields: dict[str, Any], name: str) -> None:
    with pytest.raises(InvalidValue, match=rf"^{name}: "):
        CompletedLessonQuery(**fields)


@pytest.mark.parametrize("fields", [{"page": 2**63 - 1}, {"size": 2**63 - 1}, {"direction": -1}])
def test_the_ends_of_what_is_allowed_are_allowed(fields: dict[str, Any]) -> None:
    CompletedLessonQuery(**fields)


@pytest.mark.parametrize(
    ("given", "near"),
    [
        ("CreatedBy", "CreatedOn"),
        ("CourseCompletedLesson_UpdatedOm", "CourseCompletedLesson_UpdatedOn"),
    ],
)
def test_a_misspelled_order_is_told_the_nearest(given: Any, near: str) -> None:
    with pytest.raises(InvalidValue, match=re.escape(f"did you mean '{near}'?")):
        CompletedLessonQuery(order_by=given)


NUMBERS = [
    # total, number, size, ids, pages, first, last, next, previous
    ((0, 1, 25), 0, 1, 0, False, False),
    ((1, 1, 25, 1), 1, 1, 1, False, False),
    ((4, 1, 2, 1, 2), 2, 1, 2, True, False),
    ((4, 2, 2, 3, 4), 2, 3, 4, False, True),
    ((5, 2, 2, 3, 4), 3, 3, 4, True, True),
    ((5, 3, 2, 5), 3, 5, 5, False, True),
    ((5, 4, 2), 3, 7, 6, False, True),
]


@pytest.mark.parametrize(("made", "pages", "first", "last", "more", "less"), NUMBERS)
def test_a_page_knows_where_it_lies(
    made: tuple[int, ...], pages: int, first: int, last: int, more: bool, less: bool
) -> None:
    found = page(*made)
    assert (found.total_pages, found.first_item, found.last_item) == (pages, first, last)
    assert (found.has_next_page, found.has_previous_page) == (more, less)


def test_a_page_is_a_sequence_of_its_records() -> None:
    found = page(9, 1, 3, 5, 6, 7)
    assert len(found) == 3
    assert [each.id for each in found] == [5, 6, 7]
    assert (found[0].id, found[-1].id) == (5, 7)
    assert found[1:] == found.records[1:]
    assert found.records[1] in found
    with pytest.raises(IndexError):
        found[3]
