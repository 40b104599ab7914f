"""``python -m benchmarks.snapshots``: snapshot, restore and fork of a tracker full of completions.

Beside them pickle: of the same records, and of the snapshot itself. A fork is also written to, on
both sides, since what it shares has to part some time: the slowest of the first writes is shown.
Then the same records as if they were imported, each with its own unique id, and a third of them
changed by hand. All times are processor time, of one thread.
"""

import argparse
import json
import pickle
import sys
from collections.abc import Sequence
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from benchmarks.crowd import make_crowd
from benchmarks.measuring import unhurried_memory, worked
from benchmarks.queries import SIZES, write_json
from coursetrack.domain.entities import CourseMember
from coursetrack.domain.events import PageVisit
from coursetrack.listing.query import CompletedLessonQuery
from coursetrack.tracker import Tracker

FIRST_WRITES = 200
"""Events recorded on each side of a fork, each timed by itself."""

_VISITS_PER_COMPLETION = 1 / 0.46

Times = dict[str, float]
"""Milliseconds by what was done; sizes in bytes where the name says so."""


def filled_tracker(completions: int) -> Tracker:
    """A tracker with about so many completions, all made by events, its indexes ready to ask."""
    crowd = make_crowd(int(completions * _VISITS_PER_COMPLETION))
    tracker = Tracker()
    tracker.add_all(crowd.entities)
    tracker.record_many(crowd.events)
    for order in ("Id", "UpdatedOn", "CourseLessonTitle", "CourseMemberCoworkerFullName"):
        tracker.completed_lessons.find(CompletedLessonQuery(order_by=order))
    return tracker


def measure(tracker: Tracker) -> Times:
    """Every row of the table for one tracker."""
    times: Times = {"completions": len(tracker.completed_lessons)}
    with unhurried_memory():
        times |= _fork(tracker)
        times |= _snapshot(tracker)
        times |= _pickle(tracker)
        times |= _imported(tracker)
    return times


def _imported(tracker: Tracker) -> Times:
    """The same with own unique ids, a third changed by hand; and the plain columns pickled."""
    snapshot = tracker.snapshot()
    columns = snapshot["completed_lessons"]
    many = len(columns["id"])
    columns["unique_id"] = [str(UUID(int=id_ << 64 | id_, version=4)) for id_ in columns["id"]]
    columns["updated_by"] = (["ada", None, None] * many)[:many]
    restoring, restored = worked(Tracker.restore, snapshot)
    micros, again = worked(lambda _: restored.snapshot(), None)
    if again != snapshot:
        raise AssertionError("the snapshot of what was restored differs")
    return {
        "snapshot of imported records, ms": micros / 1e3,
        "restore of imported records, ms": restoring / 1e3,
        **_pickled("the plain columns of these", columns),
    }


def _fork(tracker: Tracker) -> Times:
    micros, fork = worked(lambda _: tracker.fork(), None)
    again = min(worked(lambda _: tracker.fork(), None)[0] for _ in range(3))
    times = {"fork, ms": micros / 1e3, "fork, best of the next three, ms": again / 1e3}
    for side, name in ((fork, "fork"), (tracker, "original")):
        writes = [worked(side.record, event)[0] for event in _fresh_events(side)]
        read, _ = worked(side.completed_lessons.find, CompletedLessonQuery(order_by="CreatedOn"))
        times[f"slowest of {len(writes)} first writes to the {name}, ms"] = max(writes) / 1e3
        times[f"first read of the {name} after these, ms"] = read / 1e3
    return times


def _fresh_events(tracker: Tracker) -> list[PageVisit]:
    """Visits of pairs that are not completed yet, after all others."""
    last = CompletedLessonQuery(order_by="CreatedOn", direction=-1, size=1)
    (record,) = tracker.completed_lessons.find(last).records
    fresh = []
    members = (each.id for each in tracker.entities() if isinstance(each, CourseMember))
    for member_id in islice(members, FIRST_WRITES):
        progress = tracker.progress(member_id=member_id)
        missing = set(progress.countable_lesson_ids).difference(progress.completed_lesson_ids)
        at = record.created_on + timedelta(seconds=member_id)
        for lesson_id in sorted(missing)[:1]:
            fresh.append(PageVisit(member_id=member_id, lesson_id=lesson_id, at=at))
    return fresh


def _snapshot(tracker: Tracker) -> Times:
    micros, snapshot = worked(lambda _: tracker.snapshot(), None)
    dumping, text = worked(json.dumps, snapshot)
    loading, loaded = worked(json.loads, text)
    restoring, restored = worked(Tracker.restore, loaded)
    if restored != tracker:
        raise AssertionError("the restored tracker differs from the original")
    return {
        "snapshot, ms": micros / 1e3,
        "restore, ms": restoring / 1e3,
        "snapshot to JSON text, ms": dumping / 1e3,
        "snapshot from JSON text, ms": loading / 1e3,
        "JSON text, bytes per completion": len(text) / len(restored.completed_lessons),
        **_pickled("the snapshot", snapshot),
    }


def _pickle(tracker: Tracker) -> Times:
    return _pickled("the records", list(tracker.completed_lessons))


def _pickled(name: str, value: Any) -> Times:
    dumping, data = worked(lambda each: pickle.dumps(each, pickle.HIGHEST_PROTOCOL), value)
    loading, _ = worked(pickle.loads, data)
    return {f"pickle {name}, ms": dumping / 1e3, f"unpickle {name}, ms": loading / 1e3}


def shown(results: Sequence[Times]) -> Table:
    """One column for each size."""
    table = Table(title="snapshots and forks")
    table.add_column("")
    for times in results:
        table.add_column(f"{times['completions']:,.0f}", justify="right")
    for name in results[0]:
        if name != "completions":
            table.add_row(name, *(f"{times.get(name, float('nan')):,.2f}" for times in results))
    return table


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.snapshots", description=__doc__)
    parser.add_argument("--size", type=int, action="append", help="completions (repeatable)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results as JSON")
    arguments = parser.parse_args(argv)
    console = Console()
    sizes = arguments.size or SIZES
    results = []
    with Progress(console=console) as progress:
        task = progress.add_task("Measuring", total=len(sizes))
        for size in sizes:
            progress.update(task, description=f"Measuring {size:,}")
            results.append(measure(filled_tracker(size)))
            progress.advance(task)
    console.print(shown(results))
    if arguments.json:
        write_json(arguments.json, results)
    return 0


if __name__ == "__main__":
    sys.exit(main())
