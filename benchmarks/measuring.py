"""Asks every engine the same, compares what they answer, and keeps how long it took."""

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from statistics import median
from time import perf_counter_ns, process_time_ns
from typing import Any, Literal

import attrs

from benchmarks.cases import PAGES, Case, page_numbers
from benchmarks.peers.engine import Answer, Engine
from benchmarks.workload import Completion, Workload
from coursetrack.listing.query import CompletedLessonQuery

_WAKING = 4
_LEAST = 5

Column = Literal["cold", "warm", "written"]
COLUMNS: tuple[Column, ...] = ("cold", "warm", "written")
"""First ask of a combination; asked before; and after one write each. Microseconds."""


class AnswersDiffer(Exception):
    """Two engines answered the same query differently: nothing timed is worth anything."""


@attrs.frozen
class Pace:
    """How often is asked. An engine that took `patience` seconds for a cell goes on to the next;

    one that took as long for a single answer skips what is left of the case.
    """

    fresh: int = 3
    warm: int = 15
    warm_seconds: float = 0.02
    written: int = 5
    patience: float = 4.0


@attrs.define
class Cell:
    """One case, page and engine; times in microseconds."""

    case: str
    plain: bool
    page: str
    engine: str
    rows: int = 0
    """How many rows the page has."""
    times: dict[Column, list[float]] = attrs.Factory(lambda: {name: [] for name in COLUMNS})

    def median(self, column: Column) -> float | None:
        """The median of a column, or None where the engine was not asked."""
        return median(self.times[column]) if self.times[column] else None


@contextmanager
def unhurried_memory() -> Iterator[None]:
    """No garbage collection inside: it would be charged to whoever is asked at the time."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def timed(call: Callable[[Any], Any], argument: Any) -> tuple[float, Any]:
    """How many microseconds a call took, and what it returned."""
    began = perf_counter_ns()
    result = call(argument)
    return (perf_counter_ns() - began) / 1_000, result


def worked(call: Callable[[Any], Any], argument: Any) -> tuple[float, Any]:
    """How many microseconds of processor time a call took, and what it returned.

    For what runs in one thread: how busy the machine is with other things does not count.
    """
    began = process_time_ns()
    result = call(argument)
    return (process_time_ns() - began) / 1_000, result


@attrs.define
class Measuring:
    """One run over engines that hold the same workload. `reference` gives the right answers.

    Right before a first ask, and before a write, the engine answers the next few of `usual`, which
    have nothing to do with it: what is measured is a new question to a process that is answering
    questions, not how long the processor takes to fetch the engine's code after another engine.
    """

    engines: Sequence[Engine]
    pace: Pace
    usual: Iterator[CompletedLessonQuery]
    cells: list[Cell] = attrs.Factory(list)

    @property
    def reference(self) -> Engine:
        """The engine whose answers the others must equal."""
        return self.engines[0]

    def first_asks(self, case: Case, done: Callable[[], None]) -> None:
        """Fills the cold and warm columns of a case, and makes its cells."""
        for place, page in enumerate(PAGES):
            cells = [Cell(case.name, case.plain, page, engine.name) for engine in self.engines]
            self.cells.extend(cells)
            for query in self._fresh(case, place):
                right: Answer | None = None
                for engine, cell in zip(self.engines, cells, strict=True):
                    if not self._is_tired(cell):
                        right = self._ask_fresh(engine, cell, query, right)
            done()

    def _is_tired(self, cell: Cell) -> bool:
        """Whether the engine has had its time for this cell, or took it all in one earlier ask."""
        patience = self.pace.patience * 1e6
        earlier = [
            micros
            for each in self.cells
            if (each.case, each.engine) == (cell.case, cell.engine)
            for micros in each.times["cold"]
        ]
        return max(earlier, default=0) > patience or sum(cell.times["cold"]) > patience

    def _fresh(self, case: Case, place: int) -> list[CompletedLessonQuery]:
        fresh = self.pace.fresh
        count = len(case.queries)
        chosen = [case.queries[(place * 3 + n) % count] for n in range(fresh if count > 1 else 1)]
        return [self.at_page(query, place) for query in chosen]

    def at_page(self, query: CompletedLessonQuery, place: int) -> CompletedLessonQuery:
        """The query's first, middle or last page, by the reference's total."""
        reference = self.reference
        total, _ = reference.answer(reference.ask(reference.prepare(query)))
        return attrs.evolve(query, page=page_numbers(total, query.size)[place])

    def _ask_fresh(
        self, engine: Engine, cell: Cell, query: CompletedLessonQuery, right: Answer | None
    ) -> Answer:
        if not _varies(query):
            engine.forget()
        prepared = engine.prepare(query)
        self._wake(engine)
        micros, asked = timed(engine.ask, prepared)
        cell.times["cold"].append(micros)
        right = compared(engine, query, engine.answer(asked), right)
        again, asked = self._again(engine, prepared)
        cell.times["warm"].extend(again)
        cell.rows = len(right[1])
        return compared(engine, query, engine.answer(asked), right)

    def _wake(self, engine: Engine) -> None:
        for query in islice(self.usual, _WAKING):
            engine.ask(engine.prepare(query))

    def _again(self, engine: Engine, prepared: Any) -> tuple[list[float], Any]:
        times: list[float] = []
        asked = None
        while len(times) < self.pace.warm:
            seconds = sum(times) / 1e6
            if seconds > self.pace.warm_seconds and (len(times) >= _LEAST or seconds > 0.5):
                break
            micros, asked = timed(engine.ask, prepared)
            times.append(micros)
        return times, asked

    def after_writes(
        self, case: Case, writes: Iterator[Completion], done: Callable[[], None]
    ) -> None:
        """Fills the written column of a case: every engine takes a write, and is then asked."""
        for place, page in enumerate(PAGES):
            query = self.at_page(case.queries[(place * 3) % len(case.queries)], place)
            cells = [cell for cell in self.cells if (cell.case, cell.page) == (case.name, page)]
            for _ in range(self.pace.written):
                self._write_and_ask(query, cells, next(writes))
            done()

    def _write_and_ask(
        self, query: CompletedLessonQuery, cells: Sequence[Cell], completion: Completion
    ) -> None:
        right: Answer | None = None
        for engine, cell in zip(self.engines, cells, strict=True):
            if not engine.takes_writes:
                continue
            self._wake(engine)
            engine.write(completion)
            is_slow = sum(cell.times["written"]) > self.pace.patience * 1e6
            if cell.times["cold"] and not is_slow:
                micros, asked = timed(engine.ask, engine.prepare(query))
                right = compared(engine, query, engine.answer(asked), right)
                cell.times["written"].append(micros)


def _varies(query: CompletedLessonQuery) -> bool:
    """Whether another query of the case has other values: only a plain order has none."""
    return attrs.evolve(query, page=1) != CompletedLessonQuery(order_by=query.order_by)


def compared(
    engine: Engine, query: CompletedLessonQuery, answer: Answer, right: Answer | None
) -> Answer:
    """The right answer, which is this one where there was none before.

    Raises :class:`AnswersDiffer` where they are not the same.
    """
    total, rows = answer[0], [tuple(row) for row in answer[1]]
    if right is not None and (total, rows) != right:
        asked = attrs.asdict(query, filter=lambda field, value: value != field.default)
        ids, others = [row[0] for row in rows], [row[0] for row in right[1]]
        raise AnswersDiffer(
            f"{engine.name} answers {asked} with {total} items and the ids {ids}, "
            f"not with {right[0]} and {others}"
        )
    return right or (total, rows)


def built(
    engines: Sequence[Engine], workload: Workload, done: Callable[[str], None]
) -> dict[str, float]:
    """Builds every engine; the seconds each took."""
    seconds = {}
    for engine in engines:
        done(engine.name)
        micros, _ = timed(engine.build, workload)
        seconds[engine.name] = micros / 1e6
    return seconds
