"""``python -m benchmarks.writes``: building, writing, renaming, recording events, and memory.

coursetrack beside SQLite in memory with the indexes of the query benchmark. coursetrack touches its
indexes at the next read, so its writes are shown twice: alone, and with what it takes to then ask
in nine ways, which is spread over the batch. Events are compared with a bare loop of
``set.add((member, lesson))``. All times are processor time, of one thread.
"""

import argparse
import gc
import sqlite3
import sys
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median
from uuid import UUID

import attrs
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from benchmarks.crowd import make_crowd
from benchmarks.measuring import unhurried_memory, worked
from benchmarks.peers.sql import Keys
from benchmarks.peers.sqlite import INSERT, filled_database
from benchmarks.peers.store import filled_store, put_completion, store_of_names
from benchmarks.queries import write_json
from benchmarks.source import Source
from benchmarks.workload import Workload, make_workload
from coursetrack.domain.entities import CompletedLesson
from coursetrack.domain.events import Event
from coursetrack.domain.folding import folded
from coursetrack.domain.values import instant
from coursetrack.listing.query import CompletedLessonQuery
from coursetrack.listing.store import Store
from coursetrack.tracker import Tracker

BATCH = 500
"""Writes between two rounds of reads."""


@attrs.frozen
class Measured:
    """One row of the table. `settled` includes nine reads after the batch: nothing is put off."""

    name: str
    unit: str
    ours: float
    settled: float | None = None
    peer: float | None = None
    goal: str = ""
    reached: bool | None = None


Step = Callable[[], Iterator[Measured]]


def build(workload: Workload) -> Measured:
    """Completions made by events, with all indexes: into a store, and into a database; seconds."""
    plain = attrs.evolve(workload, updated=workload.created)
    rows = [(id_, lesson, member, instant(at)) for id_, lesson, member, at, _ in plain.rows()]
    store = store_of_names(plain)
    micros, _ = worked(store.extend, rows)
    more, _ = worked(lambda _: store.prepare(), None)
    peer, _ = worked(filled_database, plain)
    return Measured(
        "build, all indexes",
        "s",
        micros / 1e6,
        (micros + more) / 1e6,
        peer / 1e6,
        "10 times faster",
        peer >= 10 * (micros + more),
    )


def inserts(workload: Workload, store: Store, database: sqlite3.Connection) -> Measured:
    """New completions after all others; microseconds each."""
    late = workload.late_writes[:BATCH]
    rows = list(map(Keys(workload).row, late))
    ours = _each(late, lambda completion: put_completion(store, completion))
    settled = ours + _settling(store, workload) / BATCH
    peer = _each(rows, lambda row: database.execute(INSERT, row))
    return _at_most_peer("insert", ours, settled, peer)


def updates(workload: Workload, store: Store, database: sqlite3.Connection) -> Measured:
    """Completions all over the place get a new UpdatedOn; microseconds each."""
    ids = _spread(len(workload))
    after = workload.late_writes[-1][4]
    befores = [record for id_ in ids if (record := store.get(id_))]
    moments = [attrs.evolve(record, updated_on=instant(after)) for record in befores]
    pairs = list(zip(befores, moments, strict=True))
    ours = _each(pairs, lambda pair: store.put(*pair))
    settled = ours + _settling(store, workload) / BATCH
    statement = "UPDATE completed SET updated = ? WHERE id = ?"
    peer = _each(ids, lambda id_: database.execute(statement, (after, id_)))
    return _at_most_peer("update", ours, settled, peer)


def deletes(workload: Workload, store: Store, database: sqlite3.Connection) -> Measured:
    """Completions all over the place go; microseconds each."""
    ids = [id_ + 1 for id_ in _spread(len(workload))]
    records = [record for id_ in ids if (record := store.get(id_))]
    ours = _each(records, lambda record: store.put(record, None))
    settled = ours + _settling(store, workload) / BATCH
    peer = _each(ids, lambda id_: database.execute("DELETE FROM completed WHERE id = ?", (id_,)))
    return _at_most_peer("delete", ours, settled, peer)


def renames(workload: Workload, store: Store, database: sqlite3.Connection) -> Iterator[Measured]:
    """The busiest lesson and coworker get other names; microseconds."""
    lesson = workload.lessons[workload.popular[0] - 1]

    def rename_lesson(name: str) -> None:
        store.put_named(store_lesson[0], renamed := attrs.evolve(lesson, title=name))
        store_lesson[0] = renamed

    store_lesson = [lesson]
    yield _rename(
        "rename the busiest lesson",
        workload,
        store,
        rename_lesson,
        lambda name: _update_titles(database, name, lesson.id),
    )
    counts = Counter(workload.coworker_of[id_].id for id_ in workload.member_ids)
    busiest = counts.most_common(1)[0][0]
    who = [next(each for each in workload.coworkers if each.id == busiest)]

    def rename_coworker(name: str) -> None:
        store.put_named(who[0], renamed := attrs.evolve(who[0], full_name=name))
        who[0] = renamed

    yield _rename(
        f"rename a coworker with {counts[busiest]:,} completions",
        workload,
        store,
        rename_coworker,
        lambda name: _update_names(database, name, busiest),
    )


def _update_titles(database: sqlite3.Connection, title: str, lesson_id: int) -> None:
    key = folded(title)
    database.execute(
        "UPDATE lesson SET title = ?, title_folded = ? WHERE id = ?", (title, key, lesson_id)
    )
    database.execute("UPDATE completed SET title_key = ? WHERE lesson_id = ?", (key, lesson_id))


def _update_names(database: sqlite3.Connection, name: str, coworker_id: int) -> None:
    key = folded(name)
    database.execute(
        "UPDATE coworker SET full_name = ?, name_folded = ? WHERE id = ?", (name, key, coworker_id)
    )
    database.execute(
        "UPDATE completed SET name_key = ?"
        " WHERE member_id IN (SELECT id FROM member WHERE coworker_id = ?)",
        (key, coworker_id),
    )


def _rename(
    name: str,
    workload: Workload,
    store: Store,
    ours: Callable[[str], None],
    peer: Callable[[str], object],
) -> Measured:
    names = [f"Renamed {place}" for place in range(9)]
    alone, settled = [], []
    for each in names:
        micros, _ = worked(ours, each)
        alone.append(micros)
        settled.append(micros + _settling(store, workload))
    theirs = [worked(peer, each)[0] for each in names]
    return Measured(name, "µs", median(alone), median(settled), median(theirs))


def events(count: int) -> Iterator[Measured]:
    """Page visits, of which 46 in 100 complete something; million events per second, best of 3."""
    crowd = make_crowd(count)
    pairs = [(event.member_id, event.lesson_id) for event in crowd.events]
    distinct = len(set(pairs))
    named = [
        attrs.evolve(event, event_id=f"event {place:09}")
        for place, event in enumerate(crowd.events)
    ]
    columns = [list(column) for column in zip(*(x.to_plain() for x in crowd.events), strict=True)]
    bare, with_columns = _Best(_set_loop, pairs), _Best(_set_of_columns, (columns[1], columns[2]))
    best: list[float] = []
    for _ in range(3):
        ways = [_tracker(crowd.entities) for _ in range(5)]
        single, bulk, single_ids, bulk_ids, of_columns = ways
        with unhurried_memory():
            bare.run()
            with_columns.run()
            took = [
                worked(_record_each(single), crowd.events)[0],
                worked(bulk.record_many, crowd.events)[0],
                worked(_read_all, bulk)[0],
                worked(_record_each(single_ids), named)[0],
                worked(bulk_ids.record_many, named)[0],
                worked(lambda told: of_columns.record_columns(*told), columns)[0],  # noqa: B023
            ]
        completed = {len(tracker.completed_lessons) for tracker in ways}
        if completed != {distinct}:
            raise AssertionError(f"completed {completed}, but there are {distinct} pairs")
        best = [*map(min, best or took, took)]
    one_by_one, together, reading, one_by_one_ids, together_ids, as_columns = best
    yield Measured("bare set loop", "M/s", count / bare.micros)
    yield Measured(
        "bare loop over columns that makes the pairs", "M/s", count / with_columns.micros
    )
    for name, micros, peer, share in (
        ("events, one call each", one_by_one, bare.micros, 0.5),
        ("events, in bulk", together, bare.micros, 0.8),
        ("events, in bulk, then all records read", together + reading, bare.micros, 0.0),
        ("events, as columns", as_columns, with_columns.micros, 1.0),
    ):
        goal = f"{share} of the set loop" if share else ""
        reached = peer / micros >= share if share else None
        yield Measured(name, "M/s", count / micros, None, count / peer, goal, reached)
    for name, micros, without in (
        ("events with ids, one call each", one_by_one_ids, one_by_one),
        ("events with ids, in bulk", together_ids, together),
    ):
        goal = f"3 times without, {micros / without:.1f}"
        yield Measured(name, "M/s", count / micros, None, None, goal, micros <= 3 * without)
    yield from _by_hand(single, crowd.events[-1].at)
    yield from _adding(crowd)


class _Best:
    """A call on one argument with its best time so far."""

    def __init__(self, call: Callable[..., object], argument: object) -> None:
        self._call = call
        self._argument = argument
        self.micros = float("inf")

    def run(self) -> None:
        """Calls once more."""
        self.micros = min(self.micros, worked(self._call, self._argument)[0])


def _adding(crowd: Source) -> Iterator[Measured]:
    """Entities and records of another system; microseconds each."""
    entities, events = list(crowd.entities), list(crowd.events)[:100_000]
    with unhurried_memory():
        micros, _ = worked(lambda each: Tracker().add_all(each), entities)
    yield Measured("tracker.add_all", "µs", micros / len(entities))
    first = {(event.member_id, event.lesson_id): event for event in reversed(events)}
    took: list[float] = []
    for own in (False, True):
        records = [
            CompletedLesson(
                id=id_,
                lesson_id=event.lesson_id,
                member_id=event.member_id,
                created_on=event.at,
                unique_id=str(UUID(int=id_ << 64 | id_, version=4)) if own else "",
            )
            for id_, event in enumerate(first.values(), 1)
        ]
        tracker = _tracker(entities)
        with unhurried_memory():
            took.append(worked(tracker.add_all, records)[0] / len(records))
    yield Measured("import of records", "µs", took[0])
    goal = f"2 times without, {took[1] / took[0]:.1f}"
    reached = took[1] <= 2 * took[0]
    yield Measured("import with unique ids of their own", "µs", took[1], None, None, goal, reached)


def _set_of_columns(columns: tuple[Sequence[int], Sequence[int]]) -> set[tuple[int, int]]:
    seen: set[tuple[int, int]] = set()
    add = seen.add
    for member, lesson in zip(*columns, strict=True):
        add((member, lesson))
    return seen


def _record_each(tracker: Tracker) -> Callable[[Sequence[Event]], None]:
    def record_each(events: Sequence[Event]) -> None:
        record = tracker.record
        for event in events:
            record(event)

    return record_each


def _read_all(tracker: Tracker) -> int:
    return sum(1 for _ in tracker.completed_lessons)


def _set_loop(pairs: Sequence[tuple[int, int]]) -> set[tuple[int, int]]:
    seen: set[tuple[int, int]] = set()
    add = seen.add
    for member, lesson in pairs:
        add((member, lesson))
    return seen


def _tracker(entities: Sequence[object]) -> Tracker:
    tracker = Tracker()
    tracker.add_all(entities)  # type: ignore[arg-type]
    return tracker


def _by_hand(tracker: Tracker, at: object) -> Iterator[Measured]:
    """The tracker's own calls, checks and changes included; microseconds each."""
    lessons = [e.id for e in tracker.entities() if type(e).__name__ == "Lesson"]
    members = [e.id for e in tracker.entities() if type(e).__name__ == "CourseMember"]
    free = [
        (lesson_id, member_id)
        for lesson_id, member_id in zip(lessons * len(members), members, strict=False)
        if tracker.completed_lessons.get_pair(lesson_id, member_id) is None
    ][:BATCH]
    ids = [record.id for record in tracker.completed_lessons][:: max(1, len(members) // 40)][:BATCH]

    def complete(pair: tuple[int, int]) -> None:
        tracker.complete(lesson_id=pair[0], member_id=pair[1], at=at, by="by hand")  # type: ignore[arg-type]

    yield Measured("tracker.complete", "µs", _each(free, complete))
    yield Measured(
        "tracker.update_completed",
        "µs",
        _each(ids, lambda id_: tracker.update_completed(id=id_, at=at)),  # type: ignore[arg-type]
    )
    yield Measured(
        "tracker.delete_completed", "µs", _each(ids, lambda id_: tracker.delete_completed(id=id_))
    )


def memory(workload: Workload, database: sqlite3.Connection) -> Measured:
    """Bytes per completion with all indexes; what the names take alone is not counted."""
    tracemalloc.start()
    try:
        names = _held(lambda: store_of_names(workload))
        everything = _held(lambda: _prepared_store(workload))
    finally:
        tracemalloc.stop()
    ours = (everything - names) / len(workload)
    (pages,) = database.execute("PRAGMA page_count").fetchone()
    (page_size,) = database.execute("PRAGMA page_size").fetchone()
    peer = pages * page_size / len(workload)
    return Measured(
        "memory, all indexes", "bytes per record", ours, None, peer, "a quarter", ours <= peer / 4
    )


def _held(make: Callable[[], object]) -> int:
    """How many bytes are freed when what was made goes."""
    made = make()
    gc.collect()
    before, _ = tracemalloc.get_traced_memory()
    del made
    gc.collect()
    after, _ = tracemalloc.get_traced_memory()
    return before - after


def _prepared_store(workload: Workload) -> Store:
    store = filled_store(workload)
    store.prepare()
    return store


def _at_most_peer(name: str, ours: float, settled: float, peer: float) -> Measured:
    return Measured(name, "µs", ours, settled, peer, "at or below SQLite's", settled <= peer)


def _each(items: Sequence[object], write: Callable[..., object]) -> float:
    """Microseconds per item."""

    def all_of_them(_: object) -> None:
        for item in items:
            write(item)

    with unhurried_memory():
        return worked(all_of_them, None)[0] / max(1, len(items))


def _settling(store: Store, workload: Workload) -> float:
    """Microseconds for asking in all ways, which brings their indexes up to date."""
    lesson = workload.lessons[workload.popular[0] - 1]
    who = workload.coworker_of[1]
    filters: list[dict[str, object]] = [
        {"lesson_id": lesson.id},
        {"member_id": 1},
        {"lesson_title": lesson.title, "text_match": "exact"},
        {"full_name": who.full_name, "text_match": "exact"},
        {"company_name": workload.company_names[0], "text_match": "exact"},
        {"team_names": "Team 07"},
    ]
    queries = [CompletedLessonQuery(order_by=order) for order in ("Id", "CreatedOn", "UpdatedOn")]
    queries += [CompletedLessonQuery(order_by="CreatedOn", **each) for each in filters]  # type: ignore[arg-type]

    return sum(worked(store.find, query)[0] for query in queries)


def _spread(size: int) -> list[int]:
    step = max(1, size // BATCH)
    return list(range(1, size, step))[:BATCH]


def measure(size: int, progress: Progress) -> list[Measured]:
    """All rows at one size."""
    task = progress.add_task(f"{size:,}: making the workload", total=7)

    def step(what: str) -> None:
        progress.update(task, advance=1, description=f"{size:,}: {what}")

    workload = make_workload(size)
    step("building")
    rows = [build(workload)]
    store, database = filled_store(workload), filled_database(workload)
    step("memory")
    rows.append(memory(workload, database))
    store.prepare()
    _settling(store, workload)
    for what in (inserts, updates, deletes):
        step(what.__name__)
        rows.append(what(workload, store, database))
    step("renames")
    rows.extend(renames(workload, store, database))
    del store, database
    step("events")
    rows.extend(events(size))
    progress.update(task, completed=7)
    return rows


def shown(size: int, rows: Sequence[Measured]) -> Table:
    """The rows as a table."""
    table = Table(title=f"{size:,} completions")
    table.add_column("what")
    for heading in ("unit", "coursetrack", "with reads after", "SQLite or set loop"):
        table.add_column(heading, justify="right")
    table.add_column("goal")
    for row in rows:
        verdict = "" if row.reached is None else ("yes" if row.reached else "no")
        cells = [row.ours, row.settled, row.peer]
        numbers = ["" if cell is None else f"{cell:,.2f}" for cell in cells]
        table.add_row(row.name, row.unit, *numbers, f"{row.goal}: {verdict}" if verdict else "")
    return table


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.writes", description=__doc__)
    parser.add_argument("--size", type=int, action="append", help="completions (repeatable)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results as JSON")
    arguments = parser.parse_args(argv)
    console = Console()
    results = {}
    for size in arguments.size or (100_000, 1_000_000):
        with Progress(console=console) as progress:
            rows = measure(size, progress)
        console.print(shown(size, rows))
        results[size] = [attrs.asdict(row) for row in rows]
    if arguments.json:
        write_json(arguments.json, results)
    return 0


if __name__ == "__main__":
    sys.exit(main())
