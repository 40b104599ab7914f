"""What the filters of a query want, and tests of whether a row is it.

A filter on a name, or on the id of a lesson or member, wants labels of a dimension. They are found
among the distinct labels in force, never among records. A filter on an instant wants a span of a
time column. A filter on an id, unique id or system id points at its few rows at once.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from functools import reduce
from itertools import chain
from operator import attrgetter, or_
from typing import Any, Protocol

import attrs

from coursetrack.domain.folding import folded, folded_teams
from coursetrack.domain.values import microseconds
from coursetrack.listing.answers import Test
from coursetrack.listing.bitmaps import Bitmap, ZoneMap
from coursetrack.listing.dimensions import (
    Dimension,
    Label,
    each_of,
    label_for,
    label_of,
    labels_of_each,
)
from coursetrack.listing.fields import (
    FIELDS,
    FILTERS,
    SIDE_IDS,
    Bound,
    Kind,
    ListField,
    Side,
    named_by,
)
from coursetrack.listing.indexes import Index
from coursetrack.listing.postings import PostingList, SortOrder, Span, inside
from coursetrack.listing.query import CompletedLessonQuery
from coursetrack.listing.table import Table, unique_number
from coursetrack.listing.text_search import holds

_SIDES_COST = 16
"""To judge a row's side id for the first time costs as much as looking up so many."""

HOT = 100
"""Of a label that at least one row in so many has, the bits are kept: some n/7 bytes for each."""

_IDS = tuple(each.name for each in SIDE_IDS)
_NAMED = tuple(each for side in (Side.LESSON, Side.MEMBER) for each in named_by(side))
_texts_of = attrgetter(*(field.name for field in _NAMED))
_NO_TEXTS = (None,) * len(_NAMED)
_SECOND = timedelta(microseconds=999_999)


class Indexes(Protocol):
    """What planning asks of the store: indexes that are up to date."""

    @property
    def table(self) -> Table:
        """The rows."""

    @property
    def accents(self) -> bool:
        """Whether accents count where texts are compared."""

    def index(self, dimension: str) -> Index:
        """The index of a dimension."""

    def postings(self, dimension: str, label: Label, order: str) -> PostingList:
        """The posting list of a label in force in an order: ids, created, updated or unique_id."""

    def bitmap(self, dimension: str, label: Label) -> Bitmap:
        """The rows of a label in force, as bits that are kept."""

    def zones(self, name: str) -> ZoneMap:
        """The zone map of a column: ids, created or updated."""

    def dimension(self, name: str) -> Dimension:
        """A dimension by its name."""

    def order(self, name: str) -> SortOrder:
        """An order by its name: one of the indexes', or a dimension."""

    def rows_of_unique(self, unique_id: str) -> Sequence[int]:
        """The rows in force with this unique id; none or one."""

    def matching(self, dimension: str, text: str, match: str) -> Sequence[Label]:
        """The labels in force that a folded text matches, in order."""


@attrs.frozen
class Wanted:
    """What one filter asks for: rows with one of these labels, and how many those are."""

    dimension: str
    labels: Sequence[Label]
    size: int


class Filters:
    """The filters of one query, over indexes that are up to date."""

    def __init__(self, indexes: Indexes, query: CompletedLessonQuery) -> None:
        self.query = query
        self.spans: dict[str, Span] = _spans(query)
        self._indexes = indexes
        self._table = indexes.table

    def wanted(self) -> list[Wanted] | None:
        """One for each filter on a dimension, or None where one of them finds nothing."""
        found = []
        for dimension, labels in self.matched():
            lists = self._indexes.index(dimension).lists
            size = sum([lists[label].size for label in labels])
            if not size:
                return None
            found.append(Wanted(dimension, labels, size))
        return found

    def matched(self) -> Iterable[tuple[str, Sequence[Label]]]:
        """For each filter on a dimension, the labels in force that it matches."""
        query = self.query
        for name in _IDS:
            label = getattr(query, name)
            if label is not None:
                held = label in self._indexes.index(name).lists
                yield name, (label,) if held else ()
        for field in _NAMED:
            wanted = getattr(query, field.name)
            if wanted is not None:
                yield from self._matched_name(field, wanted)

    def _matched_name(self, field: ListField, wanted: Any) -> Iterable[tuple[str, Sequence[Label]]]:
        indexes, accents = self._indexes, self._indexes.accents
        match field.kind:
            # A text of nothing but accents, where those do not count, is no filter.
            case Kind.TEXT:
                if key := folded(wanted, accents=accents):
                    yield field.name, indexes.matching(field.name, key, self.query.text_match)
            case Kind.TEAMS:
                if key := folded_teams(wanted, accents=accents):
                    yield self._matched_teams(field.name, key)
            case _:
                label = label_for(field, wanted, accents=accents)
                yield field.name, (label,) if label in indexes.index(field.name).lists else ()

    def _matched_teams(self, name: str, text: str) -> tuple[str, Sequence[Label]]:
        # One team's name finds its posting list at once. Blanks at the ends could be blanks
        # around a comma of the joined text, so only the joined text can tell.
        team, match = text.strip(" \t"), self.query.text_match
        if match == "exact" and team and "," not in team:
            return each_of(name), self._indexes.matching(each_of(name), team, "exact")
        if match == "contains" and "," not in text and text == team:
            teams = self._indexes.matching(each_of(name), text, "contains")
            if len(teams) <= 1:
                return each_of(name), teams
        return name, self._indexes.matching(name, text, match)

    def points(self) -> list[int] | None:
        """The rows with the id, unique id and system id asked for; None if none is asked for."""
        query = self.query
        if query.id is not None:
            row = self._table.row_of(query.id)
            found = [] if row is None else [row]
        elif query.unique_id is not None:
            found = list(self._indexes.rows_of_unique(query.unique_id))
        elif query.system_id is not None:
            label = label_of(query.system_id, accents=self._indexes.accents)
            found = list(self._indexes.index("system_id").lists.get(label, ()))
        else:
            return None
        return self._test_points()(found)

    # -- few rows, whose own labels are looked at instead of all there are

    def few(self, most: int) -> tuple[str, list[int]] | None:
        """At most so many rows that hold all answers, and the filter that they are from ("": ids).

        None where there are more, or no text is asked for: then labels are found in no time.
        """
        if _texts_of(self.query) == _NO_TEXTS:
            return None
        points = self.points()
        if points is not None:
            return "", points
        found: tuple[str, list[int]] | None = None
        for name in _IDS:
            label = getattr(self.query, name)
            if label is not None:
                rows = self._indexes.index(name).lists.get(label) or ()
                if len(rows) <= most and (found is None or len(rows) < len(found[1])):
                    found = name, list(rows)
        return found

    def test_each(self, left_out: str) -> tuple[list[str], Test]:
        """The names of all filters but one and ids of records, and a test of rows for them."""
        tests: dict[str, Test] = {}
        for side_id in SIDE_IDS:
            id_ = getattr(self.query, side_id.name)
            if id_ is not None and side_id.name != left_out:
                tests[side_id.name] = self._test_id(str(side_id.side.value), id_)
        for field in _NAMED:
            wanted = getattr(self.query, field.name)
            matches = None if wanted is None else self._matches(field, wanted)
            if matches is not None:
                tests[field.name] = self._test_matches(field, matches)
        for name, span in self.spans.items():
            tests[f"{name} in range"] = self._test_span(name, span)

        def test(rows: Sequence[int]) -> list[int]:
            for each in tests.values():
                rows = each(rows)
            return list(rows)

        return list(tests), test

    def _matches(self, field: ListField, wanted: Any) -> Callable[[Label], bool] | None:
        """Whether one label is what `_matched_name` finds among all; None if it is no filter."""
        accents, exact = self._indexes.accents, self.query.text_match == "exact"
        match field.kind:
            case Kind.TEXT:
                key = folded(wanted, accents=accents)
            case Kind.TEAMS:
                key = folded_teams(wanted, accents=accents)
                team = key.strip(" \t")
                if exact and team and "," not in team:
                    return lambda label: "=" + team in labels_of_each(label)
            case _:
                of_it = label_for(field, wanted, accents=accents)
                return lambda label: bool(label == of_it)
        if not key:
            return None
        return ("=" + key).__eq__ if exact else lambda label: holds(label, key)

    def _test_matches(self, field: ListField, matches: Callable[[Label], bool]) -> Test:
        dimension = self._indexes.dimension(field.name)
        column = getattr(self._table, str(field.side.value))

        def test(rows: Sequence[int]) -> list[int]:
            sides = {column[row] for row in rows}
            passed = {side for side in sides if matches(dimension.labels(side)[0])}
            return [row for row in rows if column[row] in passed]

        return test

    # -- bits

    def has_bits(self, wanted: Wanted) -> bool:
        """Whether the bits of all labels wanted are kept, once they were made."""
        size, lists = self._table.now.size, self._indexes.index(wanted.dimension).lists
        if len(wanted.labels) > HOT:
            return False  # whatever they are: so many lists of bits cost more than marking rows
        return all(lists[label].size * HOT >= size for label in wanted.labels)

    def bitmap(self, wanted: Wanted) -> Bitmap:
        """The rows wanted as bits. O(blocks) where they are kept, else O(rows + size of table)."""
        indexes, name, size = self._indexes, wanted.dimension, self._table.now.size
        lists = indexes.index(name).lists
        kept = [label for label in wanted.labels if lists[label].size * HOT >= size]
        marked = [lists[label] for label in wanted.labels if lists[label].size * HOT < size]
        found = [indexes.bitmap(name, label) for label in kept]
        if marked:
            found.append(Bitmap.of(marked, sum([each.size for each in marked]), size))
        return reduce(or_, found)

    # -- tests

    def test(self, wanted: Sequence[Wanted], spans: dict[str, Span], *, once: bool = False) -> Test:
        """Tests rows for everything in turn; `once` for rows that are there now, and a lot."""
        label_test = self._test_sides if once else self._test_labels
        tests = [label_test(each) for each in sorted(wanted, key=lambda each: each.size)]
        tests += [self._test_span(name, span) for name, span in spans.items()]

        def test(rows: Sequence[int]) -> list[int]:
            for each in tests:
                rows = each(rows)
            return list(rows)

        return test

    def _test_points(self) -> Test:
        query, table = self.query, self._table
        number = None if query.unique_id is None else unique_number(query.unique_id)

        def test(rows: Sequence[int]) -> list[int]:
            return [
                row
                for row in rows
                if query.id in (None, table.ids[row])
                and query.system_id in (None, table.system_id(row))
                and (number is None or table.unique_number(row) == number)
            ]

        return test

    def _test_span(self, name: str, span: Span) -> Test:
        order = self._indexes.order(name)
        return lambda rows: inside(order.column(), span, rows)

    def _test_sides(self, wanted: Wanted) -> Test:
        """Like `_test_labels`, by the side ids of the rows wanted, where those are not many."""
        dimension, label_test = self._indexes.dimension(wanted.dimension), self._test_labels(wanted)
        if dimension.side is None or wanted.dimension in _IDS:
            return label_test
        column = getattr(self._table, dimension.side)

        def test(rows: Sequence[int]) -> list[int]:
            if wanted.size > _SIDES_COST * len(rows):
                return label_test(rows)
            lists = self._indexes.index(wanted.dimension).lists
            parts = map(lists.__getitem__, wanted.labels)
            held = set(map(column.__getitem__, chain.from_iterable(parts)))
            return [row for row in rows if column[row] in held]

        return test

    def _test_id(self, side: str, id_: int) -> Test:
        def test(rows: Sequence[int]) -> list[int]:
            column = getattr(self._table, side)
            return [row for row in rows if column[row] == id_]

        return test

    def _test_labels(self, wanted: Wanted) -> Test:
        dimension, table = self._indexes.dimension(wanted.dimension), self._table
        if wanted.dimension in _IDS and dimension.side is not None:
            return self._test_id(dimension.side, wanted.labels[0])
        verdicts = _Verdicts(dimension, frozenset(wanted.labels))

        def test(rows: Sequence[int]) -> list[int]:
            if dimension.side is None:
                return [row for row in rows if verdicts[dimension.side_of(table, row)]]
            column = getattr(table, dimension.side)
            return [row for row in rows if verdicts[column[row]]]

        return test


class _Verdicts(dict[int, bool]):
    """Whether a side id has one of some labels; found out once for each."""

    def __init__(self, dimension: Dimension, labels: frozenset[Label]) -> None:
        super().__init__()
        self._labels_of = dimension.labels
        self._missed = labels.isdisjoint

    def __missing__(self, side: int) -> bool:
        verdict = self[side] = not self._missed(self._labels_of(side))
        return verdict


def _ranges() -> Iterable[tuple[str, str, str, str]]:
    """For each instant its column, and the filters that bound it from both ends and by second."""
    for field in FIELDS.values():
        if field.kind is Kind.INSTANT and field.column:
            ends = {
                each.end: each.name
                for each in FILTERS
                if isinstance(each, Bound) and each.of == field.name
            }
            yield field.column, ends["from_"], ends["to_"], field.name


_RANGES = tuple(_ranges())
_bounds_of = attrgetter(*(name for _, *names in _RANGES for name in names))
_NO_BOUNDS = (None,) * 3 * len(_RANGES)


def _spans(query: CompletedLessonQuery) -> dict[str, Span]:
    """The span of each time column that is asked for, in microseconds, both ends included."""
    spans: dict[str, Span] = {}
    if _bounds_of(query) == _NO_BOUNDS:
        return spans
    for column, from_, to, on in _RANGES:
        low: float = float("-inf")
        high: float = float("inf")
        first, last, whole = getattr(query, from_), getattr(query, to), getattr(query, on)
        if first is not None:
            low = microseconds(first)
        if last is not None:
            high = microseconds(last)
        if whole is not None:
            second = whole.replace(microsecond=0)
            low = max(low, microseconds(second))
            high = min(high, microseconds(second + _SECOND))
        if (low, high) != (float("-inf"), float("inf")):
            spans[column] = (low, high)
    return spans
