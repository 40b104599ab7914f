"""What queries cost, counted in values read from the columns: no clock, no noise.

Finding a row, comparing a key, testing a row and making a record all read columns, so the reads
bound the work. Every answer is counted twice: asked for the first time, and after a write.
"""

from array import array
from datetime import UTC, datetime, timedelta
from functools import cache
from math import log2
from random import Random
from typing import Any

import attrs
import pytest

from coursetrack.domain.entities import CourseMember, Coworker, Lesson
from coursetrack.listing import answers
from coursetrack.listing.bitmaps import BlockSize
from coursetrack.listing.fields import ORDERS
from coursetrack.listing.index_set import IndexSet
from coursetrack.listing.postings import PieceLimit
from coursetrack.listing.query import CompletedLessonQuery
from coursetrack.listing.store import Store

START = datetime(2025, 1, 1, tzinfo=UTC)
SIZES = (1_000, 8_000, 40_000)
PAGE = 25
PER_RECORD = 6  # columns that a record is made from
PER_STEP = 8  # columns that one step of a bisection may read


class Reads(array):  # type: ignore[type-arg]
    """A column that counts what is read from it."""

    count = 0

    def __getitem__(self, place: Any) -> Any:
        found = super().__getitem__(place)
        Reads.count += len(found) if isinstance(place, slice) else 1
        return found


@cache
def filled(size: int) -> Store:
    """A store with `size` records, all indexes built, whose columns count."""
    random, store = Random(size), Store()
    lessons, members, coworkers = 50, max(20, size // 20), max(10, size // 50)
    for id_ in range(1, lessons + 1):
        store.put_named(None, Lesson(id=id_, course_id=1, title=f"Lesson {id_ % 40:02}"))
    for id_ in range(1, coworkers + 1):
        teams = tuple(f"Team {team}" for team in random.sample(range(10), id_ % 3))
        coworker = Coworker(
            id=id_,
            full_name=f"Name {random.randrange(10**6)}",
            company_name=f"Company {id_ % 20:02}",
            team_names=teams,
        )
        store.put_named(None, coworker)
    for id_ in range(1, members + 1):
        member = CourseMember(
            id=id_, course_id=1, coworker_id=random.randint(1, coworkers), created_on=START
        )
        store.put_named(None, member)
    store.extend(
        [
            (id_, min(random.randint(1, 70), lessons), random.randint(1, members), at(id_, size))
            for id_ in range(1, size + 1)
        ]
    )
    store.prepare()
    table = store.table
    for name in ("ids", "lessons", "members", "created", "updated", "editors"):
        column = getattr(table, name)
        setattr(table, name, Reads(column.typecode, column))
    return store


def at(id_: int, size: int) -> datetime:
    """Instants over one year, in order."""
    return START + timedelta(days=365) * id_ / size


def reads(store: Store, query: CompletedLessonQuery) -> int:
    """How many values answering `query` reads from the columns."""
    before = Reads.count
    store.find(query)
    return Reads.count - before


def after_a_write(store: Store, query: CompletedLessonQuery) -> int:
    """The same after one more record, which is taken back."""
    last = list(store)[-1]
    savepoint = store.savepoint()
    store.append((last.id + 1, 1, 1, last.created_on + timedelta(seconds=1)))
    found = reads(store, query)
    store.roll_back_to(savepoint)
    store.prepare()
    return found


HALF = {
    "created_from": START + timedelta(days=90, seconds=1),
    "created_to": START + timedelta(days=270, seconds=7),
}
PLAIN: dict[str, dict[str, Any]] = {
    "all, by Id": {},
    "all, by CreatedOn": {"order_by": "CreatedOn"},
    "all, by UpdatedOn": {"order_by": "UpdatedOn"},
    "all, by title": {"order_by": "CourseLessonTitle"},
    "all, by full name": {"order_by": "CourseMemberCoworkerFullName"},
    "all, by company": {"order_by": "CourseMemberCoworkerCompanyName"},
    "all, by teams": {"order_by": "CourseMemberCoworkerTeamNames"},
    "all, by lesson": {"order_by": "CourseLessonId"},
    "all, by member": {"order_by": "CourseMemberId"},
    "one id": {"id": 77},
    "hot lesson": {"lesson_id": 50, "order_by": "CreatedOn"},
    "hot lesson, by its title": {"lesson_id": 50, "order_by": "CourseLessonTitle"},
    "member": {"member_id": 7},
    "shared title": {"lesson_title": "Lesson 05", "order_by": "CreatedOn"},
    "company": {"company_name": "Company 07", "order_by": "CreatedOn"},
    "team": {"team_names": "Team 3", "order_by": "CreatedOn"},
    "created range": {**HALF, "order_by": "CreatedOn"},
    "hot lesson in a created range": {"lesson_id": 50, **HALF, "order_by": "CreatedOn"},
}


@pytest.mark.parametrize("page", [1, 3, 20])
@pytest.mark.parametrize("name", PLAIN)
def test_a_plain_query_reads_what_its_page_needs(name: str, page: int) -> None:
    for size in SIZES:
        store = filled(size)
        query = CompletedLessonQuery(**PLAIN[name], page=page)
        allowed = PER_RECORD * PAGE + PER_STEP * 2 * log2(size)
        store.indexes.cache.clear()
        assert reads(store, query) <= allowed, f"first ask at {size}"
        assert reads(store, query) <= allowed, f"asked again at {size}"


@pytest.mark.parametrize("name", PLAIN)
@pytest.mark.slow
def test_a_write_adds_a_few_comparisons_to_the_next_read(name: str) -> None:
    for size in SIZES:
        store = filled(size)
        query = CompletedLessonQuery(**PLAIN[name])
        allowed = PER_RECORD * PAGE + PER_STEP * 8 * log2(size)
        assert after_a_write(store, query) <= allowed, f"at {size}"


@pytest.mark.parametrize("order", ["UpdatedOn", "CourseMemberCoworkerFullName"])
def test_a_range_on_another_column_looks_into_the_blocks_of_its_page(order: str) -> None:
    for size in SIZES:
        store = filled(size)
        for page in (1, max(1, size // PAGE // 4)):
            query = CompletedLessonQuery(**HALF, order_by=order, page=page)
            store.find(query)  # the sorted values of each block are made once
            store.indexes.cache.clear()
            allowed = PER_RECORD * PAGE + PER_STEP * 2 * log2(size) + 4 * PieceLimit.piece
            assert reads(store, query) <= allowed, f"page {page} at {size}"


def test_two_conditions_read_the_smaller_one() -> None:
    for size in SIZES:
        store = filled(size)
        teams = store.find(CompletedLessonQuery(team_names="Team 3")).total_items
        members = store.find(CompletedLessonQuery(member_id=7)).total_items
        lesson = CompletedLessonQuery(lesson_id=3).lesson_id
        store.indexes.cache.clear()
        query = CompletedLessonQuery(team_names="Team 3", member_id=7, lesson_id=lesson)
        smallest = min(teams, members)
        assert reads(store, query) <= PER_RECORD * PAGE + 8 * smallest + PER_STEP * 2 * log2(size)


@pytest.mark.parametrize("order", ["Id", "CreatedOn", "UpdatedOn"])
def test_two_conditions_with_bits_read_the_blocks_of_their_page(order: Any) -> None:
    for size in SIZES[1:]:
        store = filled(size)
        fields: dict[str, Any] = {"team_names": "Team 3", "lesson_id": 50, "order_by": order}
        total = store.count(CompletedLessonQuery(**fields))
        for page in (1, total // PAGE // 2):
            store.indexes.cache.clear()
            allowed = PER_RECORD * PAGE + (order == "UpdatedOn") * total
            assert reads(store, CompletedLessonQuery(**fields, page=page)) <= allowed
            ranged = CompletedLessonQuery(**fields, page=page, **HALF)
            assert reads(store, ranged) <= allowed + 2 * BlockSize.rows, f"at {size}"


def test_the_worst_query_reads_each_record_a_few_times() -> None:
    for size in SIZES:
        store = filled(size)
        query = CompletedLessonQuery(
            lesson_title="lesson",
            full_name="name",
            company_name="company",
            **HALF,
            updated_from=START,
            order_by="CourseMemberCoworkerTeamNames",
            page=3,
        )
        store.indexes.cache.clear()
        assert reads(store, query) <= 10 * size
        assert reads(store, query) <= PER_RECORD * PAGE  # remembered


WIDE: dict[str, Any] = {"full_name": "1", "order_by": "CreatedOn"}


def test_a_wide_text_filter_reads_what_its_pages_need() -> None:
    """Page after page goes on where the last one stopped; it does not gather everything."""
    for size in SIZES:
        store = filled(size)
        density = size / store.count(CompletedLessonQuery(**WIDE))
        store.indexes.cache.clear()
        for page in range(1, 6):
            query = CompletedLessonQuery(**WIDE, page=page)
            allowed = PER_RECORD * PAGE + 2 * density * PAGE + answers._STRIDE
            assert reads(store, query) <= allowed, f"page {page} at {size}"
        again = reads(store, CompletedLessonQuery(**WIDE, page=3))
        assert again == PER_RECORD * PAGE, f"at {size}"


def test_a_page_in_the_middle_is_found_by_bits() -> None:
    for size in SIZES[1:]:
        store = filled(size)
        total = store.count(CompletedLessonQuery(**WIDE))
        store.indexes.cache.clear()
        query = CompletedLessonQuery(**WIDE, page=total // PAGE // 2)
        assert store.explain(query).strategy == "bitmap"
        assert reads(store, query) == PER_RECORD * PAGE, f"at {size}"  # rows alone are compared


def test_a_team_in_a_range_by_name_walks_to_its_page() -> None:
    for size in SIZES[1:]:
        store = filled(size)
        fields: dict[str, Any] = {"team_names": "Team 3", **HALF}
        total = store.count(CompletedLessonQuery(**fields))
        query = CompletedLessonQuery(**fields, order_by="CourseMemberCoworkerFullName")
        store.indexes.cache.clear()
        allowed = PER_RECORD * PAGE + 2 * PAGE * size / total + 4 * PieceLimit.piece
        assert reads(store, query) <= allowed + PER_STEP * 8 * log2(size), f"at {size}"


def test_a_rename_leaves_answers_that_do_not_use_the_name() -> None:
    size = 10_000
    store = filled(size)
    fields: dict[str, Any] = {"company_name": "Company 07", "lesson_id": 50}
    query = CompletedLessonQuery(**fields, order_by="CourseMemberId")
    store.find(query)
    lesson = store._live_names.lessons[1]
    for title in ("Renamed", lesson.title):
        store.put_named(lesson, Lesson(id=1, course_id=1, title=title))
        assert reads(store, query) == PER_RECORD * min(PAGE, store.count(query))


def test_a_coworker_who_moves_takes_their_own_rows_along() -> None:
    """Out of a company and a team of hundreds, whose other rows are not looked at."""
    size = SIZES[1]
    store = filled(size)
    teams = CompletedLessonQuery(team_names="Team 3", lesson_id=50)
    queries = (teams, CompletedLessonQuery(company_name="Company 07", order_by="CreatedOn"))
    for query in queries:
        store.find(query)
    names = store._live_names
    who = next(
        each
        for each in names.coworkers.values()
        if each.company_name == "Company 07"
        and "Team 3" in each.team_names
        and each.id in names.members_of
    )
    members = store.indexes.index("member_id").lists
    own = sum(len(members.get(each, ())) for each in names.members_of[who.id])
    moved = attrs.evolve(who, company_name="Company 08", team_names=("Team 4",))
    store.put_named(who, moved)
    for query in queries:
        allowed = PER_RECORD * PAGE + own * 2 * PER_STEP * log2(size)
        assert reads(store, query) <= allowed
    store.put_named(moved, who)


def test_a_record_is_found_by_its_id_without_an_index() -> None:
    for size in SIZES:
        store = filled(size)
        before = Reads.count
        assert store.get(size // 2) is not None
        assert Reads.count - before <= PER_RECORD + 1 + PER_STEP * log2(size)


@pytest.mark.slow
def test_what_is_remembered_is_bounded() -> None:
    store = filled(10_000)
    store.indexes.cache.clear()
    for second in range(300):
        store.find(
            CompletedLessonQuery(
                full_name="1", created_from=START + timedelta(hours=second), order_by="UpdatedOn"
            )
        )
    held = store.indexes.cache._held.values()
    assert len(held) <= store.indexes.cache.limit
    assert sum(each.planned.answer.total for each in held) <= 5 * len(store)


def test_texts_of_few_rows_are_matched_with_their_own_labels(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store = filled(8_000)
    monkeypatch.setattr(IndexSet, "_text_search", lambda *_: 1 / 0)  # no search among all names
    for ids in ({"member_id": 7}, {"id": 7}, {"lesson_id": 3, "member_id": 7}):
        for texts in ({"full_name": "1"}, {"company_name": "company", "team_names": "team"}):
            for match in ("exact", "contains"):
                query = CompletedLessonQuery(**ids, **texts, text_match=match)
                assert reads(store, query) <= 400


def test_explain_tells_plain_from_gathered() -> None:
    store = filled(10_000)
    assert store.explain(CompletedLessonQuery(lesson_id=50)).strategy == "slice"
    assert store.explain(CompletedLessonQuery(**HALF, order_by="UpdatedOn")).strategy == "counted"
    both = store.explain(CompletedLessonQuery(team_names="Team 3", lesson_id=50))
    assert (both.strategy, both.tests) == ("bitmap", ())
    both = store.explain(CompletedLessonQuery(company_name="Company 07", lesson_id=3))
    assert (both.strategy, len(both.tests)) == ("gathered", 1)
    assert both.total <= both.rows_touched < 10_000
    assert store.explain(CompletedLessonQuery(lesson_id=999)).strategy == "nothing"
    assert "gathered of" in str(both)


def test_every_order_is_explained() -> None:
    store = filled(1_000)
    for order in ORDERS:
        plan = store.explain(CompletedLessonQuery(order_by=order))
        assert plan.total == 1_000
        assert plan.strategy == "slice"
