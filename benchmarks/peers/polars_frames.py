"""polars: one frame per order, sorted ahead, so that a filter leaves its rows in order."""

import polars

from benchmarks.peers.coded import COLUMN_OF_ORDER, Coder
from benchmarks.peers.engine import Answer, Engine
from benchmarks.workload import Completion, Workload
from coursetrack.domain.values import microseconds
from coursetrack.listing.query import CompletedLessonQuery

_SHOWN = ("id", "lesson", "member", "created", "updated")


def engines() -> list[Engine]:
    """The engine of this module."""
    return [Polars()]


class Polars:
    """Eager frames; names are joined for the page alone."""

    name = "polars"
    takes_writes = True

    def build(self, workload: Workload) -> None:
        self._coder = Coder(workload)
        columns = self._coder.columns(workload)
        self._frame = polars.DataFrame({name: list(cells) for name, cells in columns.items()})
        self._sorted: dict[str, polars.DataFrame] = {}
        for order in ("id", "created", "updated", "title", "name"):
            self._by(order)

    def _by(self, order: str) -> polars.DataFrame:
        frame = self._sorted.get(order)
        if frame is None or len(frame) < len(self._frame):
            frame = self._sorted[order] = self._frame.sort(order, "id")
        return frame

    def _found(self, order: str, conditions: list[polars.Expr]) -> polars.DataFrame:
        if not conditions:
            return self._by(order)
        held = self._sorted.get(order)
        if held is not None and len(held) == len(self._frame):
            return held.filter(*conditions)
        # After a write, or in an order that few ask for: sorting what is left costs less.
        return self._frame.filter(*conditions).sort(order, "id")

    def prepare(self, query: CompletedLessonQuery) -> CompletedLessonQuery:
        return query

    def ask(self, prepared: CompletedLessonQuery) -> Answer:
        found = self._found(COLUMN_OF_ORDER[prepared.order_by], self._conditions(prepared))
        total = len(found)
        first = (prepared.page - 1) * prepared.size
        count = max(0, min(prepared.size, total - first))
        start = first if prepared.direction > 0 else total - first - count
        page = found.select(_SHOWN).slice(start, count).rows() if count else []
        return total, self._coder.shown(page[:: prepared.direction])

    def answer(self, asked: Answer) -> Answer:
        return asked

    def write(self, completion: Completion) -> None:
        id_, lesson, member, created, updated = completion
        title, name, company, teams = self._coder.codes(completion)
        row = polars.DataFrame(
            [[id_, lesson, member, created, updated, title, name, company, teams]],
            schema=self._frame.schema,
            orient="row",
        )
        self._frame = self._frame.vstack(row)

    def forget(self) -> None:
        pass

    def _conditions(self, query: CompletedLessonQuery) -> list[polars.Expr]:
        column = polars.col
        conditions = []
        if query.lesson_id is not None:
            conditions.append(column("lesson") == query.lesson_id)
        if query.member_id is not None:
            conditions.append(column("member") == query.member_id)
        for name, codes in self._coder.matched(query).items():
            one = len(codes) == 1
            conditions.append(column(name) == codes[0] if one else column(name).is_in(codes))
        for name, low, high in (
            ("created", query.created_from, query.created_to),
            ("updated", query.updated_from, query.updated_to),
        ):
            if low is not None:
                conditions.append(column(name) >= microseconds(low))
            if high is not None:
                conditions.append(column(name) <= microseconds(high))
        return conditions
