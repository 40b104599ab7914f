"""Queries and query strings, records and pages: there and back, and in the seed's names."""

import json
import string
from datetime import UTC

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursetrack.domain.entities import CompletedLesson
from coursetrack.domain.values import MAX_ID
from coursetrack.endpoint import Limits, page_dict, read_query, record_dict, write_query
from coursetrack.endpoint.readers import MAX_PAGE
from coursetrack.errors import InvalidRequest, Problem
from coursetrack.listing.fields import ORDERS
from coursetrack.listing.query import CompletedLessonQuery, Page
from tests.endpoint.test_openapi import FREE
from tests.endpoint.worlds import SEED_RECORD, Caller, at

UNCLAMPED = Limits(max_page_size=MAX_PAGE)

ids = st.integers(1, MAX_ID)
pages = st.integers(1, MAX_PAGE)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
instants = st.datetimes(timezones=st.just(UTC))
queries = st.builds(
    CompletedLessonQuery,
    lesson_id=st.none() | ids,
    lesson_title=st.none() | texts,
    member_id=st.none() | ids,
    full_name=st.none() | texts,
    company_name=st.none() | texts,
    team_names=st.none() | texts,
    created_from=st.none() | instants,
    created_to=st.none() | instants,
    updated_from=st.none() | instants,
    updated_to=st.none() | instants,
    created_on=st.none() | instants,
    updated_on=st.none() | instants,
    id=st.none() | ids,
    unique_id=st.none() | st.uuids().map(str),
    system_id=st.none() | texts,
    order_by=st.sampled_from(sorted(ORDERS)),
    direction=st.sampled_from([1, -1]),
    page=pages,
    size=pages,
)


@given(queries)
def test_a_query_survives_its_string(query: CompletedLessonQuery) -> None:
    text = write_query(query)
    assert text.isascii()
    assert read_query(text, limits=UNCLAMPED) == query
    assert read_query(text.encode(), limits=UNCLAMPED) == query


@given(queries, st.sampled_from([str.upper, str.lower, str.swapcase]))
def test_the_case_of_names_does_not_matter(query: CompletedLessonQuery, change: object) -> None:
    parts = [part.partition("=") for part in write_query(query).split("&")]
    odd = "&".join(f"{change(name)}={value}" for name, _, value in parts)  # type: ignore[operator]
    assert read_query(odd, limits=UNCLAMPED) == query


def test_the_string_of_the_empty_query_is_short() -> None:
    assert write_query(CompletedLessonQuery()) == "page=1&size=25&orderBy=Id&dir=1"


def test_a_query_that_cannot_be_read_tells_all_problems() -> None:
    with pytest.raises(InvalidRequest, match=r"page: .*; size: ") as caught:
        read_query("page=0&size=x")
    assert [each.property_name for each in caught.value.problems] == ["page", "size"]
    assert isinstance(caught.value.problems[0], Problem)


def test_a_size_is_clamped_as_the_endpoint_would() -> None:
    assert read_query("size=5000").size == 1000
    assert read_query("size=5000", limits=Limits(max_page_size=7)).size == 7


def test_the_record_s_keys_are_the_seed_s() -> None:
    found = record_dict(SEED_RECORD, (None, None, None, None))
    assert found["ToStringText"] == "CourseCompletedLesson Example"
    bare = attrs.evolve(SEED_RECORD, to_string_text=None)
    assert record_dict(bare, ("T", "N", "C", "A, B")) == {
        **found,
        "ToStringText": "CourseCompletedLesson 87654321",
        "CourseLessonTitle": "T",
        "CourseMemberCoworkerFullName": "N",
        "CourseMemberCoworkerCompanyName": "C",
        "CourseMemberCoworkerTeamNames": "A, B",
    }


def test_parts_of_a_second_are_cut_and_early_years_keep_four_digits() -> None:
    record = CompletedLesson(
        id=1, lesson_id=1, member_id=1, created_on=at("0009-01-02T03:04:05.999999")
    )
    assert record_dict(record, (None,) * 4)["CreatedOn"] == "0009-01-02T03:04:05Z"


def test_custom_fields_are_plain_again() -> None:
    given = {"a": [1, {"b": [None, 1.5, "x"]}]}
    record = attrs.evolve(SEED_RECORD, custom_fields=given, localization_details=[given])
    found = record_dict(record, (None,) * 4)
    assert found["CustomFields"] == given
    assert type(found["CustomFields"]) is dict
    assert json.loads(json.dumps(found)) == found


def test_a_page_is_the_envelope() -> None:
    page = Page(records=(SEED_RECORD,), total_items=31, page_number=3, page_size=15)
    found = page_dict(page, lambda _: (None,) * 4, order_by="CreatedOn", direction=-1)
    assert next(iter(found)) == "Records"
    del found["Records"]
    assert found == {
        "CurrentPageSize": 15,
        "CurrentPage": 3,
        "CurrentOrderField": "CreatedOn",
        "CurrentSortDirection": -1,
        "FirstItem": 31,
        "HasNextPage": False,
        "HasPreviousPage": True,
        "LastItem": 31,
        "PageNumber": 3,
        "PageSize": 15,
        "TotalItems": 31,
        "TotalPages": 3,
    }


@given(st.data())
def test_a_client_that_walks_by_has_next_page_sees_each_record_once(data: st.DataObject) -> None:
    caller = Caller()
    caller.ask("POST", body=FREE)
    size = data.draw(st.integers(1, 5000))
    order = data.draw(st.sampled_from(sorted(ORDERS)))
    direction = data.draw(st.sampled_from(["asc", "desc"]))
    base = f"size={size}&orderBy={order}&dir={direction}&apiVersion=2&_={string.digits}"
    since = "&from_courseCompletedLesson_UpdatedOn=1970-01-01T00:00:00Z"
    seen: list[int] = []
    page, more = 0, True
    while more:
        page += 1
        body = caller.get(f"{base}{since}&page={page}").body
        seen += [record["Id"] for record in body["Records"]]
        more = body["HasNextPage"]
    assert page == max(1, -(-4 // size))
    assert sorted(seen) == [1, 2, 3, 4]
    whole = caller.get(f"size=5000&orderBy={order}&dir={direction}").body
    assert seen == [record["Id"] for record in whole["Records"]]
    assert whole["PageSize"] == 1000
