"""Asks every peer the same, compares what they answer as parsed JSON, and times the asking.

Processor time is taken, not the clock's: nothing here waits for anything.
"""

import json
from collections.abc import Callable, Iterator
from time import perf_counter, process_time_ns
from typing import Any

from benchmarks.answers.asked import PAGES, SIZES, Question, questions
from benchmarks.answers.database import filled_database, write
from benchmarks.answers.peer import Coursetrack, Peer
from benchmarks.answers.sqlite import peers as sqlite_peers
from benchmarks.cases import page_numbers
from benchmarks.measuring import AnswersDiffer, Cell, Column, Pace
from benchmarks.workload import Completion, Workload

WAKING = 3
"""How many other lists are asked for before an answer that is timed alone."""

STARTING = 200
"""How many before anything is timed: what is measured is a process that has been answering."""


class Measuring:
    """One run: peers over one workload, the `cells` that say what they took, and the building.

    `others` makes the peers beside coursetrack and sqlite3, over a database.
    """

    def __init__(self, workload: Workload, pace: Pace, others: Callable[[Any], list[Peer]]) -> None:
        self.workload = workload
        self.pace = pace
        self.cells: list[Cell] = []
        self.build_seconds: dict[str, float] = {}
        self._ours: Coursetrack = self._timed_build("coursetrack", lambda: Coursetrack(workload))
        self._database = self._timed_build("SQLite", lambda: filled_database(workload))
        self._peers: list[Peer] = [
            *sqlite_peers(self._database),
            self._ours,
            *others(self._database),
        ]
        self._writes = iter(workload.late_writes)

    def _timed_build(self, name: str, build: Callable[[], Any]) -> Any:
        began = perf_counter()
        built = build()
        self.build_seconds[name] = perf_counter() - began
        return built

    def steps(self) -> int:
        """How many lists `run` goes through."""
        return len(questions(self.workload)) * len(SIZES) * len(PAGES)

    def run(self, done: Callable[[str], None]) -> None:
        """Fills the cells, and tells `done` of each list before it is asked for."""
        for peer in self._peers:
            for text in _usual(self.workload, STARTING):
                peer.answer(text)
        for question in questions(self.workload):
            for size in SIZES:
                for place, page in enumerate(PAGES):
                    done(f"{question.name}, {size} records, {page} page")
                    self._list(question, size, place)

    def _list(self, question: Question, size: int, place: int) -> None:
        total = json.loads(self._ours.answer(question.text(1, 1)))["TotalItems"]
        text = question.text(page_numbers(total, size)[place], size)
        case, page = f"{question.name}, {size:,} records", PAGES[place]
        rows = self._compare(text)
        cells = [Cell(case, True, page, peer.name, rows) for peer in self._peers]
        self.cells += cells
        for peer, cell in zip(self._peers, cells, strict=True):
            self._alone(peer, cell, text)
            self._again(peer, cell, text)
        for _ in range(self.pace.written):
            self._write(next(self._writes))
            for peer, cell in zip(self._peers, cells, strict=True):
                self._wake(peer)
                self._ask(peer, cell, "written", text)
        self._compare(text)

    def _compare(self, text: str) -> int:
        """How many records answer `text`; AnswersDiffer where two peers answer differently."""
        right = json.loads(self._peers[0].answer(text))
        for peer in self._peers[1:]:
            found = json.loads(peer.answer(text))
            if found != right or list(found) != list(right):
                raise AnswersDiffer(f"{peer.name} answers {text} unlike {self._peers[0].name}")
        return len(right["Records"])

    def _alone(self, peer: Peer, cell: Cell, text: str) -> None:
        """First asks: coursetrack has forgotten every answer, and the others remember none."""
        for _ in range(self.pace.fresh):
            if peer is self._ours:
                self._ours.forget()
            self._wake(peer)
            self._ask(peer, cell, "cold", text)

    def _again(self, peer: Peer, cell: Cell, text: str) -> None:
        while len(cell.times["warm"]) < self.pace.warm:
            spent = sum(cell.times["warm"]) / 1e6
            if spent > self.pace.warm_seconds and len(cell.times["warm"]) >= 3:
                break
            self._ask(peer, cell, "warm", text)

    def _ask(self, peer: Peer, cell: Cell, column: Column, text: str) -> None:
        began = process_time_ns()
        peer.answer(text)
        cell.times[column].append((process_time_ns() - began) / 1_000)

    def _wake(self, peer: Peer) -> None:
        for text in _usual(self.workload, WAKING):
            peer.answer(text)

    def _write(self, completion: Completion) -> None:
        self._ours.write(completion)
        write(self._database, completion)


def _usual(workload: Workload, count: int) -> Iterator[str]:
    """Small lists that nothing else here asks for."""
    for lesson_id in workload.popular[-count:]:
        filters = {"CourseCompletedLesson_CourseLesson": str(lesson_id)}
        yield Question("", filters, "CreatedOn").text(1, 5)
