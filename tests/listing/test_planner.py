"""The planner: which way it goes, and that every way finds the same."""

from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coursetrack.domain.entities import Coworker
from coursetrack.domain.values import instant
from coursetrack.listing import planner
from coursetrack.listing.answers import Few
from coursetrack.listing.fields import ORDERS
from coursetrack.listing.index_set import IndexSet
from coursetrack.listing.planner import Planned, Planner
from coursetrack.listing.query import CompletedLessonQuery
from tests.listing.rows import pieces_of
from tests.listing.test_filters import QUERIES, oracle
from tests.listing.worlds import WRITES, Changing

FULL_NAME = "CourseMemberCoworkerFullName"


COSTS = ("_AGAIN", "_GATHER_COST", "_BITS_COST", "_BLOCK_COST", "_MARK_COST")


def plan(world: Changing, query: CompletedLessonQuery, *, asked_before: bool = False) -> Planned:
    indexes = IndexSet(world.table, world.names, 9)
    return Planner(indexes, query, asked_before=asked_before, earlier=None).plan()


@settings(max_examples=40)
@given(
    writes=WRITES,
    query=QUERIES,
    order_by=st.sampled_from([*ORDERS]),
    asked_before=st.booleans(),
    near=st.sampled_from([(0, 2), (10**6, 0), (10**6, 10**6)]),
    bits=st.sampled_from([(-(10**6), 0, 0), (1, 1, 0.5), (10**6, 1, 1)]),
)
def test_every_way_finds_the_same(
    writes: list[tuple[str, int, int, int]],
    query: CompletedLessonQuery,
    order_by: Any,
    asked_before: bool,
    near: tuple[int, int],
    bits: tuple[int, int, float],
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for name, cost in zip(COSTS, near + bits, strict=True):
            patch.setattr(planner, name, cost)
        with pieces_of(4):
            world = Changing()
            for n in range(3):
                world.complete_many(n, n, 3 * n)
            for write in writes:
                world.write(*write)
            query = attrs.evolve(query, order_by=order_by, size=99)
            planned = plan(world, query, asked_before=asked_before)
            total, records = oracle(world).find(query)
            answer = planned.answer
            assert answer.total == total, planned.strategy
            for start in range(0, total, 5):
                rows = answer.rows(start, min(start + 5, total))
                ids = [world.table.ids[row] for row in rows]
                assert ids == [each.id for each in records[start : start + 5]], planned.strategy


# -- which way


@pytest.fixture(scope="module")
def world() -> Changing:
    """6,300 records in order; Zoë's are a ninth, and few are of lesson 4."""
    world = Changing()
    for id_, name in ((1, 0), (2, 2), (3, 3)):
        world.rename_coworker(id_, name, id_ % 3)
    for n in range(700):
        for member_id in (1, 2, 3, 4, 1, 2, 4, 1, 4):
            world.complete(1 + n % 3, member_id, n)
    for n in range(20):
        world.complete(4, 1 + n % 4, 700 + n)
    return world


HALF = {"created_from": instant(100), "created_to": instant(450)}
FEW = {"created_from": instant(700)}


@pytest.mark.parametrize(
    ("fields", "strategy", "order"),
    [
        ({}, "slice", "created"),
        ({"order_by": "CreatedOn", "page": 9}, "slice", "created"),
        ({"order_by": "UpdatedOn"}, "slice", "updated"),
        ({"order_by": "UniqueId"}, "slice", "unique_id"),
        ({"order_by": FULL_NAME}, "slice", "full_name"),
        ({"order_by": "SystemId"}, "slice", "created"),  # all have none
        ({"order_by": "UpdatedBy"}, "slice", "created"),
        ({"lesson_id": 2}, "slice", "created"),
        ({"lesson_id": 2, "order_by": "CourseLessonTitle"}, "slice", "created"),
        ({"lesson_id": 2, **HALF}, "slice", "created"),
        ({"member_id": 3, "order_by": FULL_NAME}, "slice", "created"),
        ({"full_name": "ada", "order_by": FULL_NAME}, "slice", "created"),
        (HALF, "slice", "created"),
        ({"lesson_id": 9}, "nothing", ""),
        ({"created_from": instant(9), "created_to": instant(8)}, "nothing", ""),
        ({"lesson_id": 4, "created_to": instant(5)}, "nothing", ""),
        ({"created_from": instant(100), "order_by": "UpdatedOn"}, "counted", "updated"),
        ({"created_from": instant(100), "order_by": FULL_NAME}, "counted", "full_name"),
        ({"updated_from": instant(100)}, "counted", "created"),
        ({**HALF, "order_by": FULL_NAME}, "gathered", "full_name"),  # 3,150 rows are few
        ({**FEW, "order_by": "UpdatedOn"}, "gathered", "updated"),
        ({"full_name": "o", "order_by": FULL_NAME}, "chained", "full_name"),
        ({"full_name": "o", **HALF, "order_by": FULL_NAME}, "chained", "full_name"),
        ({"full_name": "o"}, "walked", "ids"),
        ({"full_name": "o", **HALF}, "walked", "ids"),
        ({"full_name": "o", "page": 60}, "walked", "ids"),  # 6,320 rows are few
        ({"full_name": "o", "order_by": "CourseLessonId"}, "walked", "lesson_id"),
        ({"full_name": "bo", "order_by": "CourseLessonId"}, "walked", "lesson_id"),
        ({"full_name": "bo", "order_by": "UpdatedOn"}, "walked", "updated"),
        ({"full_name": "o", "updated_from": instant(3)}, "bitmap", "ids"),
        ({"full_name": "bo", "lesson_id": 2}, "bitmap", "ids"),
        ({"full_name": "bo", "lesson_id": 2, "order_by": "UpdatedOn"}, "bitmap", "updated"),
        ({"full_name": "bo", "lesson_id": 2, "order_by": FULL_NAME}, "bitmap", "ids"),
        ({"full_name": "o", "lesson_id": 2, "order_by": FULL_NAME}, "gathered", "full_name"),
        ({"id": 7}, "gathered", "ids"),
        ({"id": 7, "lesson_id": 1, **HALF}, "gathered", "ids"),
    ],
)
def test_the_way_to_answer(
    world: Changing, fields: dict[str, Any], strategy: str, order: str
) -> None:
    planned = plan(world, CompletedLessonQuery(**fields))
    assert (planned.strategy, planned.order) == (strategy, order)


@pytest.mark.parametrize(
    ("order_by", "fields"),
    [("Id", {"page": 60}), ("UpdatedOn", {"page": 60}), ("UpdatedOn", {**HALF, "page": 30})],
)
def test_a_far_page_is_found_by_bits(world: Changing, fields: Any, order_by: Any) -> None:
    with pieces_of(64):
        query = CompletedLessonQuery(full_name="o", order_by=order_by, **fields)
        assert plan(world, query).strategy == "bitmap"
        assert plan(world, attrs.evolve(query, page=1)).strategy == "walked"


def test_what_filters_with_bits_have_in_common_is_gathered(world: Changing) -> None:
    """By name every row is needed: those of both, of which there are less than of either."""
    query = CompletedLessonQuery(full_name="o", lesson_id=2, order_by=FULL_NAME)
    planned = plan(world, query)
    assert planned.source == "rows of lesson_id and full_name"
    assert planned.touched == planned.answer.total
    with_another = plan(world, attrs.evolve(query, member_id=1, company_name="b"))
    assert with_another.answer.total <= planned.answer.total


def test_an_empty_table_has_nothing() -> None:
    assert plan(Changing(), CompletedLessonQuery()).strategy == "nothing"


def test_a_walk_fits_the_pages_that_are_near(world: Changing) -> None:
    query = CompletedLessonQuery(full_name="o")
    planned = plan(world, query)
    last = -(-planned.answer.total // 25)
    assert planned.fits(query)
    assert planned.fits(attrs.evolve(query, page=last))
    assert planned.fits(attrs.evolve(query, page=10**9))
    assert planned.fits(attrs.evolve(query, direction=-1))
    assert not planned.fits(attrs.evolve(query, page=last // 2))
    assert not planned.fits(attrs.evolve(query, page=last // 2, direction=-1))
    assert planned.touched == planner._steps(planned.answer, query) > 0


def test_a_walk_that_misses_its_page_becomes_another_way() -> None:
    """Those of one company are the last by name: a walk by name would go over all others."""
    world = Changing()
    world.rename_coworker(1, 0, 0)
    world.rename_coworker(2, 3, 1)
    world.move_member(1, 1, 0)
    world.move_member(2, 2, 0)
    for n in range(9_000):
        world.complete(1 + n % 3, 1 if n % 6 else 2, n)
    world.names.put(None, Coworker(id=1, full_name="Ada", company_name="Engines"))
    world.names.put(None, Coworker(id=2, full_name="Zoë", company_name="Looms"))
    query = CompletedLessonQuery(company_name="looms", order_by=FULL_NAME)
    planned = plan(world, query)
    assert (planned.strategy, planned.became, planned.answer.total) == ("walked", None, 1_500)
    rows = planned.answer.rows(0, 25)
    assert [world.table.ids[each] for each in rows] == [*range(1, 151, 6)]
    assert planned.became is not None
    assert planned.became.strategy == "gathered"
    assert planned.became.refill is not None
    assert planned.became.answer.rows(0, 25) == rows


def test_few_rows_are_sorted_at_once() -> None:
    """A member's, in any order, with any other filter: nothing is planned for writes to come."""
    world = Changing()
    world.complete_many(1, 1, 3)
    for fields in ({"member_id": 2}, {"member_id": 2, "full_name": "a", **HALF}, {"id": 2}):
        for order in ("CreatedOn", FULL_NAME):
            query = CompletedLessonQuery(**fields, order_by=order, size=99)
            planned = plan(world, query)
            if planned.strategy == "gathered":
                assert isinstance(planned.answer, Few)
                assert planned.refill is None
            rows = planned.answer.rows(0, planned.answer.total)
            records = oracle(world).find(query)[1]
            assert [world.table.ids[row] for row in rows] == [each.id for each in records]


def test_a_question_that_was_asked_before_is_walked_only_a_little(world: Changing) -> None:
    far = CompletedLessonQuery(full_name="o", order_by="CourseLessonId", page=60)
    assert plan(world, far).strategy == "walked"
    before, planner._AGAIN = planner._AGAIN, 100
    try:
        assert plan(world, far).strategy == "walked"
        assert plan(world, far, asked_before=True).strategy == "gathered"
        near = attrs.evolve(far, page=1)
        assert plan(world, near, asked_before=True).strategy == "walked"
    finally:
        planner._AGAIN = before


@pytest.mark.parametrize(
    ("fields", "source", "tests"),
    [
        ({"lesson_id": 4, "full_name": "ada"}, "1 posting lists of lesson_id", ("full_name",)),
        (
            {"lesson_id": 1, "full_name": "ada", **FEW},
            "lesson_id 1 in the range of created",
            ("full_name",),
        ),
        (
            {"full_name": "o", "updated_from": instant(719)},
            "all records in the range of updated",
            ("full_name",),
        ),
        (
            {"id": 7, "lesson_id": 1, **FEW},
            "records with the id",
            ("lesson_id", "created in range"),
        ),
    ],
)
def test_the_smallest_source_is_gathered(
    world: Changing, fields: dict[str, Any], source: str, tests: tuple[str, ...]
) -> None:
    planned = plan(world, CompletedLessonQuery(**fields))
    assert planned.strategy == "gathered"
    assert planned.source.startswith(source)
    assert planned.tests == tests


@pytest.fixture
def nothing_is_few(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is gathered is brought up to date after writes, however small it is."""
    monkeypatch.setattr(planner, "LONG", 0)


@pytest.mark.usefixtures("nothing_is_few")
def test_a_gathered_answer_knows_what_came_since() -> None:
    world = Changing()
    world.complete_many(1, 1, 3)
    query = CompletedLessonQuery(lesson_id=1, full_name="a", order_by="CourseLessonTitle")
    planned = plan(world, query)
    assert planned.refill is not None
    late = world.table.now.size
    for lesson_id in (1, 2):
        for member_id in range(1, 6):
            world.complete(lesson_id, member_id, 9)
    rows = [*world.table.rows(late)]
    ids = {world.table.ids[row] for row in planned.refill(rows)}
    records = oracle(world).find(attrs.evolve(query, size=99))[1]
    assert ids == {each.id for each in records if each.id > world.table.ids[late - 1]}
    assert planned.stands()


@pytest.mark.usefixtures("nothing_is_few")
def test_labels_that_came_since_make_it_fall() -> None:
    """Zoë completes something for the first time: her name matches too, and was not in force."""
    world = Changing()
    for id_, name in ((1, 2), (2, 2), (3, 3)):
        world.rename_coworker(id_, name, 0)
    for member_id, coworker_id in ((1, 1), (2, 3)):
        world.move_member(member_id, coworker_id, 0)
    world.complete(1, 1, 3)
    world.complete(2, 1, 3)
    planned = plan(world, CompletedLessonQuery(full_name="o", lesson_id=1, order_by="UpdatedBy"))
    assert planned.strategy == "gathered"
    world.complete(3, 1, 3)
    assert planned.stands()
    world.complete(1, 2, 3)
    assert not planned.stands()


@pytest.mark.usefixtures("nothing_is_few")
def test_a_name_that_decides_the_order_now_makes_it_fall() -> None:
    world = Changing()
    world.complete(1, 1, 3)
    query = CompletedLessonQuery(lesson_id=1, full_name="o", order_by="UpdatedBy")
    planned = plan(world, query)
    assert (planned.order, planned.stands()) == ("ids", True)
    world.table._editor_number("Ed")  # until then nobody had updated anything
    assert not planned.stands()


def test_a_plan_reads_as_a_sentence() -> None:
    shown = planner.Plan(
        strategy="gathered",
        source="all records",
        tests=("a", "b"),
        order="ids",
        total=3,
        rows_touched=9,
    )
    assert (
        str(shown)
        == "gathered of all records, tested for a and b, by ids: 3 found, about 9 touched"
    )
    assert str(attrs.evolve(shown, tests=())) == (
        "gathered of all records, by ids: 3 found, about 9 touched"
    )
