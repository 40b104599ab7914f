"""Each way to answer against the plain list of its rows."""

from collections.abc import Sequence
from types import SimpleNamespace

from hypothesis import given, settings
from hypothesis import strategies as st

from coursetrack.listing import answers
from coursetrack.listing.answers import (
    Bitmapped,
    Chained,
    Counted,
    Few,
    Gathered,
    Nothing,
    Slice,
    Walked,
)
from coursetrack.listing.bitmaps import Bitmap, ZoneMap
from coursetrack.listing.label_order import LabelOrder
from coursetrack.listing.postings import PostingList, SortOrder
from coursetrack.listing.table import Table
from tests.listing.rows import pieces_of, row, table_of

N = 60
PAGES = st.lists(st.tuples(st.integers(0, N), st.integers(0, N)), min_size=1, max_size=8)
VALUES = st.lists(st.integers(0, 9), min_size=N, max_size=N)
SPANS = st.tuples(st.integers(0, 9), st.integers(0, 9)).map(lambda ends: (min(ends), max(ends)))


def same_pages(answer: object, rows: Sequence[int], pages: list[tuple[int, int]]) -> None:
    """Any pages in any order, each twice: an answer may remember."""
    assert answer.total == len(rows)  # type: ignore[attr-defined]
    for ends in pages * 2:
        start, stop = (min(each, len(rows)) for each in sorted(ends))
        assert answer.rows(start, stop) == [*rows[start:stop]]  # type: ignore[attr-defined]


def test_nothing_has_no_row() -> None:
    assert (Nothing().total, Nothing().rows(0, 0)) == (0, [])


@given(start=st.integers(0, N), total=st.integers(0, N), pages=PAGES)
def test_a_slice(start: int, total: int, pages: list[tuple[int, int]]) -> None:
    with pieces_of(4):
        postings = PostingList(range(N))
        total = min(total, N - start)
        same_pages(Slice(postings, start, total), range(start, start + total), pages)


PARTS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=9)


@given(cuts=PARTS, pages=PAGES)
def test_a_chain_is_its_parts_one_after_the_other(
    cuts: list[tuple[int, int]], pages: list[tuple[int, int]]
) -> None:
    with pieces_of(4):
        lists = [PostingList(range(at * 6, at * 6 + 6)) for at in range(len(cuts))]
        parts = [(each, *sorted(cut)) for each, cut in zip(lists, cuts, strict=True)]
        rows = [row for each, start, stop in parts for row in [*each][start:stop]]
        same_pages(Chained.of(parts), rows, pages)


def created(values: Sequence[int], held: Sequence[int]) -> tuple[Table, Bitmapped]:
    """A table with these instants, and an answer of the rows `held` by them."""
    table = table_of(range(1, len(values) + 1), values)
    bitmap = Bitmap.of((held,), len(held), table.now.size)
    return table, Bitmapped(bitmap, ZoneMap(table, "created"), SortOrder(table, "created"))


@given(values=VALUES, late=st.integers(0, N), held=st.sets(st.integers(0, N - 1)), pages=PAGES)
def test_pages_of_bits_are_those_of_all_rows_sorted(
    values: list[int], late: int, held: set[int], pages: list[tuple[int, int]]
) -> None:
    """Instants that ascend up to a row, and lie anywhere from there on."""
    values = [*sorted(values[:late]), *values[late:]]
    with pieces_of(4):
        table, answer = created(values, sorted(held))
        key = SortOrder(table, "created").key
        same_pages(answer, sorted(held, key=key), pages)
        order = SortOrder(table, "created")
        table.extend([row(N + 1, 5), row(N + 2, 0)])
        for each in (N, N + 1):
            answer.add(order, each)
        for each in (0, 1):
            answer.discard(order, each)
        rows = sorted({*held, N, N + 1} - {0, 1}, key=key)
        same_pages(answer, rows, pages)


def test_a_page_of_bits_looks_into_the_blocks_that_it_may_lie_in() -> None:
    """Of 64 blocks those next to the page's, as far as instants are late."""
    with pieces_of(4):
        values = [4 * n - 9 * (n % 7 == 0) for n in range(256)]
        _, answer = created(values, range(256))
        looked: list[int] = []
        bitmap, rows = answer.bitmap, Bitmap.rows
        answer.bitmap = SimpleNamespace(  # type: ignore[assignment]
            counts=bitmap.counts,
            rows=lambda places: looked.extend(places) or rows(bitmap, places),  # type: ignore[func-returns-value]
        )
        for start in range(0, 256, 8):
            answer.rows(start, start + 8)
        assert len(looked) <= 32 * (2 + 2 + 2)


def test_a_page_of_bits_is_found_once() -> None:
    _, answer = created(range(9), range(9))
    page = answer.rows(2, 4)
    page.append(99)  # the caller's own
    answer.bitmap = None  # type: ignore[assignment]
    assert answer.rows(2, 4) == [2, 3]
    _, answer = created(range(9), range(9))
    for start in range(answers._PAGES_HELD):
        answer.rows(start, start + 1)
    assert len(answer._pages) <= answers._PAGES_HELD


def blocks_of(values: list[int], by_label: bool) -> tuple[PostingList | LabelOrder, list[int]]:
    if not by_label:
        return PostingList(range(N)), [*range(N)]
    lists = {
        label: PostingList([row for row in range(N) if values[row] == label]) for label in {*values}
    }
    order = LabelOrder(lists, sorted(lists))
    return order, order.slice(0, N)


@settings(max_examples=40)
@given(
    values=VALUES,
    other=VALUES,
    by_label=st.booleans(),
    span=SPANS,
    ends=st.tuples(st.integers(0, N), st.integers(0, N)),
    pages=PAGES,
)
def test_a_count_finds_the_rows_in_a_span(
    values: list[int],
    other: list[int],
    by_label: bool,
    span: tuple[int, int],
    ends: tuple[int, int],
    pages: list[tuple[int, int]],
) -> None:
    with pieces_of(4):
        source, rows = blocks_of(other, by_label)
        start, stop = sorted(ends)
        wanted = [row for row in rows[start:stop] if span[0] <= values[row] <= span[1]]
        counted = Counted.of(source, "created", values, span, start, stop)
        same_pages(counted, wanted, pages)
        assert len(counted._hits) <= answers._BLOCKS_HELD
        again = Counted.of(source, "created", values, span, start, stop, counted)
        assert again.counts == counted.counts
        same_pages(again, wanted, pages)
        inner = (span[0], (span[0] + span[1]) // 2)  # another span counts anew
        wanted = [row for row in rows[start:stop] if inner[0] <= values[row] <= inner[1]]
        other_span = Counted.of(source, "created", values, inner, start, stop, counted)
        same_pages(other_span, wanted, pages)


def test_an_order_by_label_is_sorted_by_another_column_when_it_is_counted_again() -> None:
    with pieces_of(4):
        source, _ = blocks_of([n % 10 for n in range(N)], by_label=True)
        assert isinstance(source, LabelOrder)
        values = [*range(N)]
        for tested in (True, False, False):
            counted = Counted.of(source, "created", values, (10, 40), 0, N)
            assert counted.total == 31
            assert (len(counted.zones) == 0) is tested
            assert source.has_zones("created") is not tested
        assert source.copy({})._counted == {"created"}


def test_after_a_write_only_changed_blocks_are_counted_anew() -> None:
    table = table_of(range(1, 30))
    with pieces_of(4):
        postings = PostingList(range(16))
        before = Counted.of(postings, "created", table.created, (3, 14), 0, 16)
        assert before.counts == [2, 4, 4, 2]
        before.counts[0] = 77  # if this is seen again, the block was not counted again
        postings.discard(SortOrder(table, "ids"), 15)
        after = Counted.of(postings, "created", table.created, (3, 14), 0, 15, before)
        assert after.counts == [77, 4, 4, 2]
        postings.discard(SortOrder(table, "ids"), 5)
        after = Counted.of(postings, "created", table.created, (3, 14), 0, 14, before)
        assert after.counts == [77, 3, 4, 2]


@settings(max_examples=40)
@given(
    values=VALUES,
    by_label=st.booleans(),
    wanted=st.sets(st.integers(0, 9)),
    ends=st.tuples(st.integers(0, N), st.integers(0, N)),
    most=st.integers(0, 2 * N),
    pages=PAGES,
)
def test_a_walk_finds_the_rows_that_pass(
    values: list[int],
    by_label: bool,
    wanted: set[int],
    ends: tuple[int, int],
    most: int,
    pages: list[tuple[int, int]],
) -> None:
    start, stop = sorted(ends)
    with pieces_of(4):
        source, rows = blocks_of(values[::-1], by_label)
        held = {row for row in rows[start:stop] if values[row] in wanted}
        passing = [row for row in rows if row in held]
        walked = Walked(
            source,
            lambda block: [row for row in block if row in held],
            len(passing),
            (start, stop),
            most,
            lambda: Gathered(PostingList(passing)),
        )
        same_pages(walked, passing, pages)


def otherwise() -> Gathered:
    return Gathered(PostingList([*range(100, 100 + N)]))


def walk(hits: int = 60, most: int = 999) -> tuple[Walked, list[int]]:
    """A walk over 60 rows in pieces of four, of which every `60 / hits`-th passes."""
    tested: list[int] = []

    def test(rows: Sequence[int]) -> list[int]:
        tested.append(rows[0] // 4)
        return [row for row in rows if row % (60 // hits) == 0]

    with pieces_of(4):
        return Walked(PostingList(range(N)), test, hits, (0, N), most, otherwise), tested


def test_a_walk_goes_on_where_it_stopped() -> None:
    walked, tested = walk()
    walked.rows(0, 6)
    assert tested == [0, 1]
    walked.rows(0, 8)
    assert tested == [0, 1]
    walked.rows(6, 12)
    assert tested == [0, 1, 2]


def test_a_walk_begins_at_the_nearer_end() -> None:
    walked, tested = walk()
    assert walked.rows(54, 58) == [54, 55, 56, 57]
    assert tested == [14, 13]
    walked.rows(0, 4)
    assert tested == [14, 13, 0]
    walked.rows(28, 32)  # the front has less to go: 28 rows, not 24 + 2 blocks
    assert tested[:4] == [14, 13, 0, 12]
    walked.rows(0, 60)  # what is missing is walked once, from one end
    assert sorted(tested) == sorted({*tested}) or len(tested) <= 30


def test_a_walk_tells_how_far_it_is() -> None:
    walked, _ = walk(hits=30)
    assert walked.steps(0, 5) == 10
    assert walked.steps(25, 30) == 10
    assert walked.steps(10, 15) == 30
    walked.rows(0, 15)
    assert walked.steps(10, 15) == 0
    assert walked.steps(15, 20) == (20 - 16) * 2
    assert Walked(PostingList(), lambda rows: [*rows], 0, (0, 0), 9, otherwise).steps(0, 0) == 0


def test_a_walk_that_goes_too_far_is_given_up() -> None:
    walked, tested = walk(most=8)
    assert walked.rows(0, 8) == [*range(8)]
    assert tested == [0, 1]
    assert walked.rows(0, 8) == [*range(8)]  # what was found already
    assert walked.rows(4, 9) == [*range(104, 109)]
    assert walked.rows(0, 4) == [*range(100, 104)]
    assert tested == [0, 1]
    walked, tested = walk(most=12)
    assert walked.rows(0, 12) == [*range(12)]
    assert walked.rows(56, 60) == [*range(156, 160)]


def test_a_step_that_is_cut_off_is_taken_again() -> None:
    failing = [True, False]

    def test(rows: Sequence[int]) -> list[int]:
        if failing.pop():
            return [*rows]
        raise KeyboardInterrupt

    walked = Walked(PostingList(range(9)), test, 9, (0, 9), 99, otherwise)
    failing[:] = [True, False]
    try:
        walked.rows(0, 3)
    except KeyboardInterrupt:
        assert walked.rows(0, 3) == [0, 1, 2]
    else:
        raise AssertionError("the first step was to fail")


def test_what_was_gathered_is_a_list() -> None:
    for answer in (Gathered(PostingList([5, 3, 4])), Few([5, 3, 4])):
        same_pages(answer, [5, 3, 4], [(0, 2), (1, 3), (0, 3)])
