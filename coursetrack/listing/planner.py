"""From a query to the cheapest way of answering it.

1. Each filter becomes labels of a dimension (found among the distinct labels, never among
   records) or a span of a time column; an impossible one ends it here.
2. An order by what the filters make constant is the order by id.
3. If what is left is one posting list, or a label order, that stands in the wanted order, the
   answer is a slice of it (`Slice`), or posting lists in a row (`Chained`); one span on another
   column is counted block by block (`Counted`).
4. One filter's posting lists know the total by themselves, also within a range of CreatedOn while
   that is in step. Then the page is found without the rest: by walking the wanted order up to it
   (`Walked`, which the next page goes on from).
5. Rows that are few by one filter alone are tested and sorted at once (`Few`); a text that is asked
   for with them is matched with their own labels, before any of this.
6. Several filters, or far pages, by Id or an instant: bits have the total, and the page is sorted
   out of the few blocks that it may lie in (`Bitmapped`).
7. Otherwise the smallest source that holds all answers is tested row by row for everything else and
   sorted (`Gathered`), which the store remembers.
"""

from collections.abc import Callable, Sequence
from functools import reduce
from operator import and_
from typing import NamedTuple

import attrs

from coursetrack.listing.answers import (
    Answer,
    Bitmapped,
    Chained,
    Counted,
    Few,
    Gathered,
    Nothing,
    Part,
    Slice,
    Walked,
)
from coursetrack.listing.bitmaps import BlockSize
from coursetrack.listing.dimensions import Label
from coursetrack.listing.fields import CONSTANT_WITH, FIELDS, ORDERS
from coursetrack.listing.filters import Filters, Indexes, Wanted
from coursetrack.listing.indexes import EVERYTHING
from coursetrack.listing.label_order import LabelOrder
from coursetrack.listing.postings import PieceLimit, PostingList, SortOrder, Span, merged
from coursetrack.listing.query import CompletedLessonQuery

_GATHER_COST = 2
"""To gather, merge and sort a row costs as much as walking past so many."""

_BLOCK_COST = 4
"""To go over a block of bits costs as much as testing so many rows."""

_BITS_COST = 512
"""To plan with bits at all costs as much as testing so many rows."""

_COUNT_SHARE = 16
"""Of a range that leaves one row in so many or fewer, the rows are gathered, not all counted."""

_MARK_COST = 0.5
"""To mark a row in bits, where they are not kept, costs so much of testing it."""

_MARKED_BLOCK_COST = 24
"""To turn the marks of a block into bits costs as much as testing so many rows."""

_AGAIN = 4096
"""Rows worth walking past for a question that was asked before: what is gathered keeps up."""

LONG = 256
"""Posting lists with more rows than this are kept in order of CreatedOn where that is not Id's;
a filter that wants no more rows is answered by testing and sorting them all."""

_BY_COLUMN = ("ids", "created", "updated", "unique_id")
_ZONED = ("ids", "created", "updated")

_COLUMNS = {each.name: each.column for each in FIELDS.values() if each.column}


class Source(NamedTuple):
    """Rows that hold all answers, ascending as they arrived, and what remains to be tested."""

    size: int
    name: str
    rows: Callable[[], list[int]]
    left: Sequence[Wanted]
    spans: dict[str, Span]

    def tests(self) -> tuple[str, ...]:
        """What remains, as `explain` shows it."""
        dimensions = (each.dimension for each in self.left)
        return (*dimensions, *(f"{name} in range" for name in self.spans))


@attrs.frozen
class Plan:
    """How a query is answered; what `explain` shows.

    `strategy` is one of nothing, slice, chained, counted, walked, bitmap, gathered; `source` what
    is read, `tests` what each row read is tested for, `order` the order that is followed.
    `rows_touched` estimates the rows (or blocks of rows, for counted) that are looked at to find
    the total and the page asked for; making the page's records comes on top.
    """

    strategy: str
    source: str
    tests: tuple[str, ...]
    order: str
    total: int
    rows_touched: int

    def __str__(self) -> str:
        tests = f", tested for {' and '.join(self.tests)}" if self.tests else ""
        return (
            f"{self.strategy} of {self.source}{tests}, by {self.order}: "
            f"{self.total} found, about {self.rows_touched} touched"
        )


@attrs.define
class Planned:
    """An answer with what explains it."""

    answer: Answer
    strategy: str
    source: str = ""
    tests: tuple[str, ...] = ()
    order: str = ""
    touched: int = 0
    fits: Callable[[CompletedLessonQuery], bool] = lambda _: True  # whether it leads to its page
    refill: Callable[[list[int]], list[int]] | None = None  # tests rows that came later
    stands: Callable[[], bool] = bool  # whether `refill` still tests for the right labels
    sorted_by: SortOrder | None = None
    became: "Planned | None" = None  # what answers in its place since a walk was given up


class Planner:
    """Plans one query against indexes that are up to date."""

    def __init__(
        self,
        indexes: Indexes,
        query: CompletedLessonQuery,
        *,
        asked_before: bool,
        earlier: Answer | None,
    ) -> None:
        self._indexes = indexes
        self._table = indexes.table
        self._query = query
        self._asked_before = asked_before
        self._earlier = earlier  # the same question's answer before some writes
        self._filters = Filters(indexes, query)
        self._spans = self._filters.spans

    def plan(self) -> Planned:
        """The way to answer."""
        if self._table.now.live and (few := self._filters.few(LONG)) is not None:
            return self._of_few(*few)
        wanted = self._filters.wanted()
        if (
            not self._table.now.live
            or wanted is None
            or any(low > high for low, high in self._spans.values())
        ):
            return Planned(Nothing(), "nothing")
        order = self._order(wanted)
        points = self._filters.points()
        if points is None:
            return self._ready(wanted, order) or self._made(wanted, order)
        source = Source(len(points), "records with the id", points.copy, wanted, self._spans)
        return self._few(source, order)

    def _order(self, wanted: Sequence[Wanted]) -> str:
        """The name of the order to follow: a column, unique_id, or a dimension."""
        name = ORDERS[self._query.order_by]
        constant: set[str] = set()
        if len(self._table.editor_names) == 1:
            constant.add("updated_by")
        if not self._table.extras:
            constant.add("system_id")
        for each in wanted:
            if len(each.labels) == 1:
                constant.update(CONSTANT_WITH.get(each.dimension, (each.dimension,)))
        name = _COLUMNS.get(name, name)
        if name in constant or (name == "created" and self._table.now.instants_ascend):
            return "ids"
        return name

    # -- answers that stand ready

    def _ready(self, wanted: Sequence[Wanted], order: str) -> Planned | None:
        if not wanted:
            return self._from_everything(order)
        only = wanted[0]
        if len(wanted) == 1 and len(only.labels) == 1:
            ready = self._from_run(only, only.labels[0], order)
            if ready is not None:
                return ready
        smallest = min(wanted, key=_size)
        if smallest.size <= LONG:
            left = [each for each in wanted if each is not smallest]
            return self._few(self._union(smallest, left, self._spans), order)
        if len(wanted) > 1:
            return None
        parts = self._parts(only)
        if parts is None:
            return None
        total = sum([stop - start for _, start, stop in parts]) if self._spans else only.size
        if not total:
            return Planned(Nothing(), "nothing")
        return self._by_parts(only, order, parts, total)

    def _parts(self, only: Wanted) -> list[Part] | None:
        """What a range leaves of each wanted posting list, where that is found by bisection."""
        lists = map(self._indexes.index(only.dimension).lists.__getitem__, only.labels)
        if not self._spans:
            return [(postings, 0, postings.size) for postings in lists]
        if not self._table.now.instants_ascend or [*self._spans] != ["created"]:
            return None
        column, span = self._indexes.order("created").column(), self._spans["created"]
        return [(postings, *postings.bounds(column, span)) for postings in lists]

    def _by_parts(self, only: Wanted, order: str, parts: list[Part], total: int) -> Planned | None:
        """Chained, or walked as far as the page, which know their total; else what must be made."""
        source = f"{len(parts)} posting lists of {only.dimension}"
        if only.dimension == order:
            return Planned(Chained.of(parts), "chained", source, (), order)
        most = total * _GATHER_COST
        if order in _ZONED:
            most = min(most, max(self._cost_of_bits([only]), PieceLimit.piece))
        if self._asked_before:
            most = min(most, _AGAIN)

        def otherwise() -> Planned:
            return self._made([only], order)

        def given_up() -> Answer:
            walked.became = otherwise()
            return walked.became.answer

        walked = self._walked(only, order, total, most, given_up)
        return walked if self._is_near(walked, most) else otherwise()

    def _is_near(self, walked: Planned, most: int) -> bool:
        """Whether walking to the page tests at most so many rows; asked for each page anew."""

        def fits(query: CompletedLessonQuery) -> bool:
            return _steps(walked.answer, query) <= most

        walked.fits = fits
        return fits(self._query)

    def _from_everything(self, order: str) -> Planned | None:
        everything = Wanted(EVERYTHING, (0,), self._table.now.live)
        if order in _BY_COLUMN:
            return self._from_run(everything, 0, order)
        label_order = self._indexes.index(order).in_label_order()
        size = self._table.now.live
        if not self._spans:
            return Planned(
                Slice(label_order, 0, size), "slice", f"the posting lists of {order}", (), order
            )
        if len(self._spans) == 1:
            ((name, span),) = self._spans.items()
            least = 0 if label_order.has_zones(name) else size // _COUNT_SHARE
            if not self._is_wide(size, least):
                return None
            return self._counted(
                label_order, f"the posting lists of {order}", name, span, 0, size, order
            )
        return None

    def _from_run(self, only: Wanted, label: Label, order: str) -> Planned | None:
        if not self._is_kept(only, order):
            return None
        source, rest = _named(only.dimension, label), dict(self._spans)
        postings = self._indexes.postings(only.dimension, label, order)
        start, stop = 0, postings.size
        if order == "ids" and self._table.now.instants_ascend:
            order = "created"
        if order in rest:
            start, stop = postings.bounds(self._indexes.order(order).column(), rest.pop(order))
        if start >= stop:
            return Planned(Nothing(), "nothing")
        if not rest:
            return Planned(Slice(postings, start, stop - start), "slice", source, (), order)
        if len(rest) == 1 and self._is_wide(stop - start):
            ((name, span),) = rest.items()
            return self._counted(postings, source, name, span, start, stop, order)
        return None

    def _is_wide(self, size: int, least: int = 0) -> bool:
        """Whether the spans leave so many of `size` rows that counting beats gathering them."""
        for name, span in self._spans.items():
            postings = self._indexes.postings(EVERYTHING, 0, name)
            start, stop = postings.bounds(self._indexes.order(name).column(), span)
            size = size * max(stop - start, 0) // postings.size
        return size > max(2 * PieceLimit.piece, least)

    def _is_kept(self, only: Wanted, order: str) -> bool:
        """Whether a label's posting list is kept in this order, not sorted when asked for."""
        if only.dimension == EVERYTHING or order == "ids":
            return True
        return order == "created" and (self._table.now.instants_ascend or only.size > LONG)

    def _counted(
        self,
        blocks: PostingList | LabelOrder,
        source: str,
        name: str,
        span: Span,
        start: int,
        stop: int,
        order: str,
    ) -> Planned:
        column = self._indexes.order(name).column()
        answer = Counted.of(blocks, name, column, span, start, stop, self._earlier)
        touched = answer.source.blocks + PieceLimit.piece
        return Planned(answer, "counted", source, (f"{name} in range",), order, touched)

    def _walked(
        self, only: Wanted, order: str, total: int, most: int, otherwise: Callable[[], Answer]
    ) -> Planned:
        source: PostingList | LabelOrder
        start, stop = 0, self._table.now.live
        if order in _BY_COLUMN:
            source = self._indexes.postings(EVERYTHING, 0, order)
            if order == "ids" and self._spans:  # which is in step, and then ids are by CreatedOn
                column = self._indexes.order("created").column()
                start, stop = source.bounds(column, self._spans["created"])
        else:
            source = self._indexes.index(order).in_label_order()
        test = self._filters.test([only], self._spans)
        most = max(most, 2 * PieceLimit.piece)  # at least a block of the usual size
        answer = Walked(source, test, total, (start, stop), most, otherwise)
        tests = (only.dimension, *(f"{name} in range" for name in self._spans))
        touched = _steps(answer, self._query)
        return Planned(answer, "walked", "all records", tests, order, touched)

    # -- answers that are made

    def _of_few(self, dimension: str, rows: list[int]) -> Planned:
        """What filters leave of few rows, by the rows' own labels."""
        tests, test = self._filters.test_each(dimension)
        name = f"1 posting lists of {dimension}" if dimension else "records with the id"
        kept, order = test(rows), ORDERS[self._query.order_by]
        order = _COLUMNS.get(order, order)
        kept.sort()
        self._indexes.order(order).sort(kept)
        return Planned(Few(kept), "gathered", name, tuple(tests), order, len(rows))

    def _few(self, source: Source, order: str) -> Planned:
        """What a short source leaves: sorted at once, and made anew after a write."""
        kept = source.rows()
        if source.left or source.spans:
            kept = self._filters.test(source.left, source.spans)(kept)
        self._indexes.order(order).sort(kept)
        return Planned(Few(kept), "gathered", source.name, source.tests(), order, source.size)

    def _made(self, wanted: list[Wanted], order: str) -> Planned:
        source = self._smallest(wanted)
        in_bits = wanted and order in _ZONED
        if in_bits and self._cost_of_bits(wanted) < source.size * _GATHER_COST:
            return self._by_bits(wanted, order)
        kept = [each for each in wanted if self._filters.has_bits(each)]
        if len(kept) > 1 and self._cost_of_bits(kept) < source.size:
            common = self._in_common(kept, [each for each in wanted if each not in kept])
            source = min(common, source, key=_size)
        return self._gathered(wanted, order, source)

    def _cost_of_bits(self, wanted: Sequence[Wanted]) -> int:
        """What the bits of all that is wanted cost, in rows tested."""
        blocks = 1 + self._table.now.size // BlockSize.rows
        marked = [each.size for each in wanted if not self._filters.has_bits(each)]
        made = int(sum(marked) * _MARK_COST) + len(marked) * blocks * _MARKED_BLOCK_COST
        return made + blocks * _BLOCK_COST + _BITS_COST

    def _by_bits(self, wanted: list[Wanted], order: str) -> Planned:
        bitmap = reduce(and_, map(self._filters.bitmap, wanted))
        for name, span in self._spans.items():
            bitmap = bitmap.within(self._indexes.zones(name), span)
        sorted_by = self._indexes.order(order)
        return Planned(
            Bitmapped(bitmap, self._indexes.zones(order), sorted_by),
            "bitmap",
            " and ".join(each.dimension for each in wanted),
            tuple(f"{name} in range" for name in self._spans),
            order,
            len(bitmap.blocks),
            refill=lambda rows: self._filters.test(wanted, self._spans)(rows),
            stands=lambda: self._stands(wanted, order),
            sorted_by=sorted_by,
        )

    def _gathered(self, wanted: list[Wanted], order: str, source: Source) -> Planned:
        kept = source.rows()
        if source.left or source.spans:
            kept = self._filters.test(source.left, source.spans, once=True)(kept)
        sorted_by = self._indexes.order(order)
        sorted_by.sort(kept)
        return Planned(
            Gathered(PostingList(kept)),
            "gathered",
            source.name,
            source.tests(),
            order,
            source.size,
            refill=lambda rows: self._filters.test(wanted, self._spans)(rows),
            stands=lambda: self._stands(wanted, order),
            sorted_by=sorted_by,
        )

    def _stands(self, wanted: Sequence[Wanted], order: str) -> bool:
        """Whether no row since brought a label into force that a filter or the order must know."""
        found = [(each.dimension, each.labels) for each in wanted]
        return list(self._filters.matched()) == found and self._order(wanted) == order

    def _smallest(self, wanted: list[Wanted]) -> Source:
        """The smallest set of rows that holds all answers."""
        spans = self._spans
        if len(wanted) == 1 and not spans:
            return self._union(wanted[0], [], spans)
        everything = self._indexes.postings(EVERYTHING, 0, "ids")
        choices = [
            Source(everything.size, "all records", lambda: sorted(everything), wanted, spans)
        ]
        for each in wanted:
            others = [other for other in wanted if other is not each]
            if len(each.labels) == 1 and "created" in spans and self._is_kept(each, "created"):
                choices.append(self._run_in_span(each.dimension, each.labels[0], others, "created"))
            elif each.size * 3 < everything.size or each.size <= PieceLimit.piece:
                choices.append(self._union(each, others, spans))
        choices += [self._run_in_span(EVERYTHING, 0, wanted, name) for name in spans]
        return min(choices, key=_size)

    def _in_common(self, kept: list[Wanted], left: list[Wanted]) -> Source:
        """What filters have in common whose bits are kept."""
        bitmap = reduce(and_, map(self._filters.bitmap, kept))
        name = f"rows of {' and '.join(each.dimension for each in kept)}"
        return Source(len(bitmap), name, lambda: list(bitmap), left, self._spans)

    def _union(self, wanted: Wanted, left: list[Wanted], spans: dict[str, Span]) -> Source:
        lists = self._indexes.index(wanted.dimension).lists
        parts = [lists[label] for label in wanted.labels]
        name = f"{len(parts)} posting lists of {wanted.dimension}"
        size = self._table.now.size
        if len(parts) == 1:
            return Source(wanted.size, name, lambda: list(parts[0]), left, spans)
        return Source(wanted.size, name, lambda: merged(parts, wanted.size, size), left, spans)

    def _run_in_span(self, dimension: str, label: Label, left: list[Wanted], name: str) -> Source:
        postings = self._indexes.postings(dimension, label, name)
        start, stop = postings.bounds(self._indexes.order(name).column(), self._spans[name])
        rest = {other: span for other, span in self._spans.items() if other != name}
        shown = f"{_named(dimension, label)} in the range of {name}"
        return Source(
            max(stop - start, 0), shown, lambda: sorted(postings.slice(start, stop)), left, rest
        )


def _steps(answer: Answer, query: CompletedLessonQuery) -> int:
    """How many rows walking to a query's page would still test; 0 for any other answer."""
    if not isinstance(answer, Walked):
        return 0
    start = min((query.page - 1) * query.size, answer.total)
    stop = min(start + query.size, answer.total)
    if query.direction == -1:
        start, stop = answer.total - stop, answer.total - start
    return answer.steps(start, stop)


def _size(rows: Wanted | Source) -> int:
    return rows.size


def _named(dimension: str, label: Label) -> str:
    return "all records" if dimension == EVERYTHING else f"{dimension} {label!r}"
