"""What filters want, and which rows pass their tests, against the records themselves."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coursetrack.domain.entities import CompletedLesson, CourseMember, Coworker
from coursetrack.domain.values import derived_unique_id, instant, microseconds
from coursetrack.listing import filters
from coursetrack.listing.filters import Filters, Wanted
from coursetrack.listing.index_set import IndexSet
from coursetrack.listing.query import CompletedLessonQuery
from tests.listing.naive import World
from tests.listing.worlds import AT, WRITES, Changing

INFINITE = float("inf")


def index_set(world: Changing) -> IndexSet:
    return IndexSet(world.table, world.names, 9)


def filters_of(world: Changing, **fields: Any) -> Filters:
    return Filters(index_set(world), CompletedLessonQuery(**fields))


def oracle(world: Changing) -> World:
    """The same records and names, for a full scan."""
    found = World()
    found.records = {each.id: each for each in world.table.records(world.table.rows())}
    found.lessons, found.coworkers = world.names.lessons, world.names.coworkers
    for id_, coworker_id in world.coworker_of.items():
        found.members[id_] = CourseMember(
            id=id_, course_id=1, coworker_id=coworker_id, created_on=AT
        )
    return found


FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "lesson_id": st.integers(1, 5),
    "member_id": st.integers(1, 6),
    "lesson_title": st.sampled_from(["a", "ADA", "zo", "x"]),
    "full_name": st.sampled_from(["a", "bo", "zoe", "zoë"]),
    "company_name": st.sampled_from(["a", "bo"]),
    "team_names": st.sampled_from(["ada", "ada,", " ada", "bo , a", "o", ",", "ada,ada"]),
    "created_from": st.integers(0, 9).map(instant),
    "created_to": st.integers(0, 9).map(instant),
    "updated_on": st.integers(0, 9).map(instant),
    "id": st.integers(1, 12),
    "unique_id": st.integers(1, 12).map(lambda id_: derived_unique_id("CompletedLesson", id_)),
    "text_match": st.sampled_from(["contains", "exact"]),
}
QUERIES = st.lists(st.sampled_from([*FIELDS]), max_size=4, unique=True).flatmap(
    lambda names: st.builds(CompletedLessonQuery, **{name: FIELDS[name] for name in names})
)


@settings(max_examples=40)
@given(writes=WRITES, query=QUERIES, once=st.booleans(), cost=st.sampled_from([0, 16, 10**6]))
def test_rows_that_pass_are_the_records_that_match(
    writes: list[tuple[str, int, int, int]], query: CompletedLessonQuery, once: bool, cost: int
) -> None:
    world = Changing()
    world.complete_many(1, 1, 3)
    for write in writes:
        world.write(*write)
    every, table = oracle(world), world.table
    expected = {id_ for id_, each in every.records.items() if every.matches(each, query)}
    found, before = Filters(index_set(world), query), filters._SIDES_COST
    filters._SIDES_COST = cost
    try:
        wanted = found.wanted()
        if wanted is None:
            assert expected == set()
            return
        rows = [*table.rows()]
        points = found.points()
        passed = found.test(wanted, found.spans, once=once)(rows if points is None else points)
        assert passed == [row for row in rows if table.ids[row] in expected]
        assert all(each.size == _size(world, each) for each in wanted)
        if points is not None:
            ids = {id_ for id_, each in every.records.items() if _pointed_at(each, query)}
            assert {table.ids[row] for row in points} == ids
    finally:
        filters._SIDES_COST = before


def _size(world: Changing, wanted: Wanted) -> int:
    lists = world.lists(wanted.dimension)
    return sum(len(lists[label]) for label in wanted.labels)


def _pointed_at(record: CompletedLesson, query: CompletedLessonQuery) -> bool:
    return query.id in (None, record.id) and query.unique_id in (None, record.unique_id)


# -- what is wanted


@pytest.fixture
def world() -> Changing:
    """Coworker 1 in no team, 2 in Ada, 3 in Ada and ADA; nine records."""
    world = Changing()
    world.rename_coworker(1, 0, 0)
    world.rename_coworker(2, 2, 1)
    world.rename_coworker(3, 3, 3)
    world.complete_many(1, 1, 3)
    return world


def matched(world: Changing, **fields: Any) -> list[tuple[str, tuple[Any, ...]]]:
    found = filters_of(world, **fields).matched()
    return [(dimension, tuple(labels)) for dimension, labels in found]


def test_a_filter_wants_labels_in_force(world: Changing) -> None:
    assert matched(world) == []
    assert matched(world, lesson_id=2) == [("lesson_id", (2,))]
    assert matched(world, lesson_id=9, member_id=1) == [("lesson_id", ()), ("member_id", (1,))]
    assert matched(world, full_name="O") == [("full_name", ("=bo", "=zoe\u0308"))]
    assert matched(world, full_name="BO", text_match="exact") == [("full_name", ("=bo",))]
    assert matched(world, full_name="b", text_match="exact") == [("full_name", ())]
    assert matched(world, created_from=AT, id=1, system_id="x") == []


def test_one_team_is_found_by_its_own_posting_list(world: Changing) -> None:
    each, joined = "team_names/each", "team_names"
    assert matched(world, team_names="Ada") == [(each, ("=ada",))]
    assert matched(world, team_names="x") == [(each, ())]
    assert matched(world, team_names="bo") == [(each, ("=bo",))]
    assert matched(world, team_names="o") == [(each, ("=bo",))]
    assert matched(world, team_names="a ") == [(joined, ())]
    assert matched(world, team_names="ada,a") == [(joined, ("=ada,ada,bo",))]
    world.rename_coworker(1, 0, 1)
    world.names.put(None, Coworker(id=1, full_name="Ada", team_names=("Adas",)))
    assert matched(world, team_names="ada") == [(joined, ("=ada", "=ada,ada,bo", "=adas"))]
    assert matched(world, team_names=" ADA ", text_match="exact") == [(each, ("=ada",))]
    assert matched(world, team_names="ada,ada,bo", text_match="exact") == [
        (joined, ("=ada,ada,bo",))
    ]


def test_a_filter_that_finds_nothing_ends_it(world: Changing) -> None:
    assert filters_of(world, lesson_id=9).wanted() is None
    assert filters_of(world, full_name="x", lesson_id=1).wanted() is None
    assert filters_of(world).wanted() == []


def test_a_text_of_nothing_but_accents_is_no_filter_where_they_do_not_count() -> None:
    world = Changing()
    world.complete(1, 1, 3)
    world.names.accents = False
    assert matched(world, full_name="\u0301", team_names="\u0301") == []
    world.names.accents = True
    assert matched(world, full_name="\u0301") == [("full_name", ())]


# -- spans


def spans(**fields: Any) -> dict[str, tuple[float, float]]:
    return filters_of(Changing(), **fields).spans


def test_a_span_includes_both_ends_in_microseconds() -> None:
    assert spans() == {}
    assert spans(created_from=instant(5)) == {"created": (5, INFINITE)}
    assert spans(created_to=instant(5)) == {"created": (-INFINITE, 5)}
    assert spans(updated_from=instant(5), updated_to=instant(9)) == {"updated": (5, 9)}
    assert spans(created_from=instant(5), updated_to=instant(9)) == {
        "created": (5, INFINITE),
        "updated": (-INFINITE, 9),
    }


def test_an_instant_is_the_second_that_it_lies_in() -> None:
    second = microseconds(AT)
    whole = {"created": (second, second + 999_999)}
    assert spans(created_on=AT) == whole
    assert spans(created_on=AT + timedelta(microseconds=999_999)) == whole
    inside = AT + timedelta(microseconds=7)
    assert spans(created_on=AT, created_from=inside) == {"created": (second + 7, second + 999_999)}
    assert spans(created_on=AT, created_to=inside) == {"created": (second, second + 7)}
    assert spans(updated_on=AT, updated_from=AT - timedelta(1), updated_to=AT + timedelta(1)) == {
        "updated": (second, second + 999_999)
    }


# -- points


def with_system_ids() -> Changing:
    world = Changing()
    for id_, system_id in ((1, "s"), (2, "S"), (3, None), (4, "s")):
        world.table.put(
            CompletedLesson(
                id=id_, lesson_id=1, member_id=1, created_on=instant(id_), system_id=system_id
            )
        )
    return world


@pytest.mark.parametrize(
    ("fields", "rows"),
    [
        ({}, None),
        ({"id": 2}, [1]),
        ({"id": 9}, []),
        ({"system_id": "s"}, [0, 3]),
        ({"system_id": "S"}, [1]),
        ({"system_id": "x"}, []),
        ({"system_id": "s", "id": 4}, [3]),
        ({"system_id": "s", "id": 2}, []),
        ({"unique_id": derived_unique_id("CompletedLesson", 3)}, [2]),
        ({"unique_id": derived_unique_id("CompletedLesson", 3), "id": 3}, [2]),
        ({"unique_id": derived_unique_id("CompletedLesson", 3), "id": 2}, []),
        ({"unique_id": derived_unique_id("CompletedLesson", 4), "system_id": "s"}, [3]),
        ({"unique_id": derived_unique_id("CompletedLesson", 4), "system_id": "S"}, []),
    ],
)
def test_points_are_the_rows_with_all_of_them(fields: dict[str, Any], rows: Any) -> None:
    assert filters_of(with_system_ids(), **fields).points() == rows


def test_a_test_of_nothing_keeps_all() -> None:
    assert filters_of(with_system_ids()).test([], {})([3, 0]) == [3, 0]


def test_the_smallest_filter_is_tested_first(world: Changing) -> None:
    found = filters_of(world, lesson_id=2, full_name="o")
    wanted = found.wanted()
    assert wanted is not None
    order: list[int] = []
    found._test_labels = lambda each: order.append(each.size) or (lambda rows: [*rows])  # type: ignore[method-assign, func-returns-value]
    found.test(wanted, {})
    assert order == sorted(each.size for each in wanted)
    assert len({*order}) == 2
