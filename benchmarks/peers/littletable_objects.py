"""littletable: a table of objects, indexed on what can be equal; the rest is Python's own work."""

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any

from littletable import Table

from benchmarks.peers.coded import COLUMN_OF_ORDER, Coder
from benchmarks.peers.engine import Answer, Engine
from benchmarks.workload import Completion, Workload
from coursetrack.domain.values import microseconds
from coursetrack.listing.query import CompletedLessonQuery

_INDEXED = ("lesson", "member", "title", "name", "company", "teams")
_completion = attrgetter("id", "lesson", "member", "created", "updated")


def engines() -> list[Engine]:
    """The engine of this module."""
    return [Littletable()]


class Record:
    """A completion with its codes."""

    __slots__ = (
        "company",
        "created",
        "id",
        "lesson",
        "member",
        "name",
        "teams",
        "title",
        "updated",
    )

    def __init__(self, completion: Completion, codes: Sequence[int]) -> None:
        self.id, self.lesson, self.member, self.created, self.updated = completion
        self.title, self.name, self.company, self.teams = codes


class Littletable:
    """The smallest index that the query names, then tests and a sort of what it holds."""

    name = "littletable"
    takes_writes = True

    def build(self, workload: Workload) -> None:
        self._coder = Coder(workload)
        self._table: Any = Table()
        self._table.create_index("id", unique=True)
        for column in _INDEXED:
            self._table.create_index(column)
        self._table.insert_many(self._record(completion) for completion in workload.rows())

    def _record(self, completion: Completion) -> Record:
        return Record(completion, self._coder.codes(completion))

    def prepare(self, query: CompletedLessonQuery) -> CompletedLessonQuery:
        return query

    def ask(self, prepared: CompletedLessonQuery) -> Answer:
        found = self._found(prepared)
        order = attrgetter(COLUMN_OF_ORDER[prepared.order_by], "id")
        found.sort(key=order, reverse=prepared.direction < 0)
        first = (prepared.page - 1) * prepared.size
        page = found[first : first + prepared.size]
        return len(found), self._coder.shown(map(_completion, page))

    def _found(self, query: CompletedLessonQuery) -> list[Record]:
        equal = self._coder.matched(query)
        if query.lesson_id is not None:
            equal["lesson"] = [query.lesson_id]
        if query.member_id is not None:
            equal["member"] = [query.member_id]
        tests = _ranges(query)
        if not equal:
            rows: Any = self._table
        else:
            column, codes = min(equal.items(), key=lambda each: self._held(*each))
            index = getattr(self._table.by, column)
            rows = (row for code in codes for row in index[code])
            del equal[column]
        for column, codes in equal.items():
            tests.append(_among(column, codes))
        return [row for row in rows if all(test(row) for test in tests)] if tests else list(rows)

    def _held(self, column: str, codes: Sequence[int]) -> int:
        index = getattr(self._table.by, column)
        return sum(len(index[code]) for code in codes)

    def answer(self, asked: Answer) -> Answer:
        return asked

    def write(self, completion: Completion) -> None:
        self._table.insert(self._record(completion))

    def forget(self) -> None:
        pass


Test = Callable[[Record], bool]


def _among(column: str, codes: Sequence[int]) -> Test:
    value, wanted = attrgetter(column), set(codes)
    return lambda row: value(row) in wanted


def _ranges(query: CompletedLessonQuery) -> list[Test]:
    tests: list[Test] = []
    if query.created_from or query.created_to:
        start, end = _ends(query.created_from, query.created_to)
        tests.append(lambda row: start <= row.created <= end)
    if query.updated_from or query.updated_to:
        low, high = _ends(query.updated_from, query.updated_to)
        tests.append(lambda row: low <= row.updated <= high)
    return tests


def _ends(low: Any, high: Any) -> tuple[int, int]:
    return microseconds(low) if low else -(2**63), microseconds(high) if high else 2**63
