"""pandas at its best: index arrays sorted ahead, masks kept, and no write possible.

A frame is only where it starts. Each order is an array of row numbers, each value that can be
filtered by is an array of its rows in order of time, and the mask of a condition is kept once made.
A write would make all of it anew, so it takes none and is reported beside the others.
"""

from typing import Any

import numpy
import pandas

from benchmarks.peers.coded import COLUMN_OF_ORDER, Coder
from benchmarks.peers.engine import Answer, Engine
from benchmarks.workload import Completion, Workload
from coursetrack.domain.values import microseconds
from coursetrack.listing.query import CompletedLessonQuery

Array = Any
"""A numpy array: of row numbers, or of booleans for a mask."""

Condition = tuple[str, tuple[int, ...]]
"""A column, and either its matching codes, or a range's two ends."""

_SHOWN = ("id", "lesson", "member", "created", "updated")
_RANGES = ("created", "updated")


def engines() -> list[Engine]:
    """The engine of this module."""
    return [Pandas()]


class Pandas:
    """Static arrays over one frame."""

    name = "pandas (static arrays)"
    takes_writes = False

    def build(self, workload: Workload) -> None:
        self._coder = Coder(workload)
        columns = self._coder.columns(workload)
        frame = pandas.DataFrame({name: numpy.array(cells) for name, cells in columns.items()})
        self._columns = {name: frame[name].to_numpy() for name in frame.columns}
        self._orders = {
            name: numpy.lexsort((self._columns["id"], cells))
            for name, cells in self._columns.items()
        }
        self._sorted_times = {name: self._columns[name][self._orders[name]] for name in _RANGES}
        self._groups = {
            name: self._grouped(name) for name in ("lesson", "member", "title", "name", "company")
        }
        self._masks: dict[Condition, Array] = {}

    def _grouped(self, column: str) -> tuple[Array, Array]:
        """Rows by value and then by time, and where each value starts."""
        cells = self._columns[column]
        rows = numpy.lexsort((self._columns["id"], self._columns["created"], cells))
        starts = numpy.searchsorted(cells[rows], numpy.arange(int(cells.max()) + 2))
        return rows, starts

    def prepare(self, query: CompletedLessonQuery) -> tuple[CompletedLessonQuery, list[Condition]]:
        return query, _conditions(query)

    def ask(self, prepared: tuple[CompletedLessonQuery, list[Condition]]) -> Answer:
        query, conditions = prepared
        texts = self._coder.matched(query).items()
        rows = self._rows(
            [*conditions, *((column, tuple(codes)) for column, codes in texts)],
            COLUMN_OF_ORDER[query.order_by],
        )
        total = len(rows)
        first = (query.page - 1) * query.size
        count = max(0, min(query.size, total - first))
        start = first if query.direction > 0 else total - first - count
        page = rows[start : start + count][:: query.direction]
        cells = [self._columns[name][page].tolist() for name in _SHOWN]
        return total, self._coder.shown(zip(*cells, strict=True))

    def _rows(self, conditions: list[Condition], order: str) -> Array:
        if not conditions:
            return self._orders[order]
        if len(conditions) == 1 and order == "created":
            found = self._by_time(*conditions[0])
            if found is not None:
                return found
        rows = self._orders[order]
        return rows[self._mask(conditions)[rows]]

    def _by_time(self, column: str, codes: tuple[int, ...]) -> Array | None:
        if column == "created":
            times = self._sorted_times[column]
            start = numpy.searchsorted(times, codes[0])
            return self._orders[column][start : numpy.searchsorted(times, codes[1], "right")]
        if len(codes) == 1 and column in self._groups:
            rows, starts = self._groups[column]
            start, stop = (starts[min(code, len(starts) - 1)] for code in (codes[0], codes[0] + 1))
            return rows[start:stop]
        return None

    def _mask(self, conditions: list[Condition]) -> Array:
        masks = [self._kept_mask(condition) for condition in conditions]
        return numpy.logical_and.reduce(masks) if len(masks) > 1 else masks[0]

    def _kept_mask(self, condition: Condition) -> Array:
        if condition not in self._masks:
            column, codes = condition
            cells = self._columns[column]
            if column in _RANGES:
                self._masks[condition] = (cells >= codes[0]) & (cells <= codes[1])
            else:
                self._masks[condition] = numpy.isin(cells, codes)
        return self._masks[condition]

    def answer(self, asked: Answer) -> Answer:
        return asked

    def write(self, completion: Completion) -> None:
        raise NotImplementedError("static arrays take no write")

    def forget(self) -> None:
        self._masks.clear()


def _conditions(query: CompletedLessonQuery) -> list[Condition]:
    conditions: list[Condition] = []
    if query.lesson_id is not None:
        conditions.append(("lesson", (query.lesson_id,)))
    if query.member_id is not None:
        conditions.append(("member", (query.member_id,)))
    for name, low, high in (
        ("created", query.created_from, query.created_to),
        ("updated", query.updated_from, query.updated_to),
    ):
        if low is not None or high is not None:
            start = microseconds(low) if low else -(2**62)
            conditions.append((name, (start, microseconds(high) if high else 2**62)))
    return conditions
