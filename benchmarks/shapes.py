"""``python -m benchmarks.shapes``: what a read costs after each kind of write, as the list grows.

The tables of other benchmarks ask a list that stands still or takes completions in order. Here each
round writes once (late instants, updates, deletions until it compacts, renames, people who change
company and team) and then asks each query. Processor time in microseconds: the median round, and
the worst. `growth` is the last size's median over the first one's.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from random import Random
from statistics import median
from time import process_time_ns

import attrs
from rich.console import Console
from rich.table import Table

from benchmarks.measuring import unhurried_memory
from benchmarks.peers.store import filled_store, put_completion
from benchmarks.progress import progress_bar
from benchmarks.workload import Workload, make_workload
from coursetrack.listing.query import CompletedLessonQuery
from coursetrack.listing.store import Store

Write = Callable[["World", int], None]


class World:
    """A workload in a store, and what has been written to it."""

    def __init__(self, size: int, rounds: int) -> None:
        self.workload: Workload = make_workload(size, late_writes=2 * rounds)
        self.store: Store = filled_store(self.workload)
        self.store.prepare()
        self.random = Random(size)
        self._late = iter(self.workload.late_writes)
        self._coworkers = list(self.workload.coworkers)
        self._lesson = self.workload.lessons[self.workload.popular[0] - 1]

    def complete(self, _: int) -> None:
        put_completion(self.store, next(self._late))

    def complete_late(self, _: int) -> None:
        id_, lesson_id, member_id, _, updated = next(self._late)
        created = self.random.choice(self.workload.created)
        put_completion(self.store, (id_, lesson_id, member_id, created, updated))

    def update(self, place: int) -> None:
        record = self.store.get(self.random.randint(1, len(self.workload)))
        if record is not None:
            self.store.put(record, attrs.evolve(record, updated_by=f"editor {place % 5}"))

    def delete_many(self, _: int) -> None:
        for _ in range(max(1, len(self.workload) // 100)):
            record = self.store.get(self.random.randint(1, len(self.workload)))
            if record is not None:
                self.store.put(record, None)

    def rename_person(self, place: int) -> None:
        self._change_person(full_name=f"New Name {place}")

    def move_person(self, place: int) -> None:
        self._change_person(
            company_name=f"Fresh {place % 7}", team_names=("Team 05",) if place % 2 else ()
        )

    def _change_person(self, **changes: object) -> None:
        place = self.random.randrange(len(self._coworkers))
        before = self._coworkers[place]
        after = self._coworkers[place] = attrs.evolve(before, **changes)  # type: ignore[arg-type]
        self.store.put_named(before, after)

    def rename_lesson(self, place: int) -> None:
        before, self._lesson = self._lesson, attrs.evolve(self._lesson, title=f"Title {place}")
        self.store.put_named(before, self._lesson)

    def reads(self) -> dict[str, CompletedLessonQuery]:
        """The queries that are asked after each write."""
        company, hot = self.workload.company_names[3], self.workload.popular[0]
        return {
            "hot lesson": CompletedLessonQuery(lesson_id=hot, order_by="CreatedOn"),
            "company": CompletedLessonQuery(company_name=company, text_match="exact"),
            "team + lesson": CompletedLessonQuery(team_names="Team 05", lesson_id=hot),
            "name contains": CompletedLessonQuery(full_name="berg", order_by="CreatedOn"),
            "all, by title": CompletedLessonQuery(order_by="CourseLessonTitle"),
            "all, by full name": CompletedLessonQuery(order_by="CourseMemberCoworkerFullName"),
        }


WRITES: dict[str, Write] = {
    "a completion": World.complete,
    "a late completion": World.complete_late,
    "an update": World.update,
    "1 % deleted": World.delete_many,
    "a person renamed": World.rename_person,
    "a person moved": World.move_person,
    "the hottest lesson renamed": World.rename_lesson,
}

Times = dict[tuple[str, str], list[float]]


def measure(world: World, rounds: int) -> Times:
    """The microseconds of each write (as the read "itself") and of each read after it."""
    times: Times = {}
    reads = world.reads()
    for query in reads.values():
        world.store.find(query)
    for name, write in WRITES.items():
        for place in range(rounds):
            steps: dict[str, Callable[[], object]] = {"itself": lambda: write(world, place)}  # noqa: B023
            for read, query in reads.items():
                steps[read] = lambda query=query: world.store.find(query)  # type: ignore[misc]
            for read, step in steps.items():
                start = process_time_ns()
                step()
                times.setdefault((name, read), []).append((process_time_ns() - start) / 1e3)
    return times


def shown(sizes: Sequence[int], found: Sequence[Times]) -> Table:
    """A row for each write and read, the median and the worst round of each size."""
    table = Table(title="a read after a write, µs of processor time: median (worst)")
    table.add_column("write")
    table.add_column("read")
    for size in sizes:
        table.add_column(f"{size:,}", justify="right")
    table.add_column("growth", justify="right")
    for key in found[0]:
        medians = [median(times[key]) for times in found]
        cells = (
            f"{middle:,.0f} ({max(times[key]):,.0f})"
            for middle, times in zip(medians, found, strict=True)
        )
        table.add_row(*key, *cells, f"{medians[-1] / max(medians[0], 0.1):.1f}")
    return table


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.shapes", description=__doc__)
    parser.add_argument("--size", type=int, action="append", help="completions (repeatable)")
    parser.add_argument("--rounds", type=int, default=40, help="writes of each kind (default: 40)")
    arguments = parser.parse_args(argv)
    console, sizes = Console(), arguments.size or [10_000, 100_000]
    found = []
    with progress_bar(console, width=40) as progress:
        task = progress.add_task("", total=len(sizes))
        for size in sizes:
            progress.update(task, description=f"{size:,}")
            world = World(size, arguments.rounds)
            with unhurried_memory():
                found.append(measure(world, arguments.rounds))
            world.store.check()
            progress.advance(task)
    console.print(shown(sizes, found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
