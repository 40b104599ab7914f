"""What every engine is given: an academy, its events as plain tuples, and one tracker's answer."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

import attrs

from benchmarks.academy import make_academy
from benchmarks.futurelearn import read_futurelearn
from benchmarks.source import Source, in_order_of_time
from coursetrack.domain.entities import CompletionType, CourseMember, Entity
from coursetrack.sharding import shard_of
from coursetrack.tracker import Tracker

Plain = tuple[Any, ...]
Record = tuple[int, int, int, int]
"""A completion: id, lesson, member, microseconds."""


@attrs.frozen
class Work:
    """An academy and what happens in it, in order of time."""

    name: str
    entities: Sequence[Entity]
    events: Sequence[Plain]
    batch: int = 10_000
    """How many events are sent at once."""

    @classmethod
    def of(cls, source: Source, batch: int = 10_000) -> "Work":
        """The work that `source` makes: its kinds of event carry nothing of their own."""
        events = [event.to_plain() for event in in_order_of_time(source.events)]
        return cls(source.name, tuple(source.entities), events, batch)

    @property
    def members(self) -> dict[int, CourseMember]:
        """The members by id."""
        return {each.id: each for each in self.entities if isinstance(each, CourseMember)}

    def empty(self) -> Tracker:
        """A tracker that knows the academy, and of no event."""
        tracker = Tracker(ids="by_member")
        tracker.add_all(self.entities)
        return tracker

    def batches(self, shards: int) -> Iterator[list[list[Plain]]]:
        """The events cut into batches, each cut by shard."""
        for start in range(0, len(self.events), self.batch):
            batch = self.events[start : start + self.batch]
            if shards == 1:
                yield [list(batch)]
                continue
            parts: list[list[Plain]] = [[] for _ in range(shards)]
            for event in batch:
                parts[shard_of(event[1], shards)].append(event)
            yield parts


@attrs.frozen
class OneProcess:
    """What one tracker in one process makes of the work, and how long that takes."""

    tracker: Tracker
    seconds: float

    @property
    def records(self) -> list[Record]:
        """All completions by id."""
        return records_of(self.tracker)


def one_process(work: Work) -> OneProcess:
    """Records all events in one tracker, batch by batch."""
    tracker = work.empty()
    started = perf_counter()
    for (events,) in work.batches(1):
        record(tracker, events)
    return OneProcess(tracker, perf_counter() - started)


def record(tracker: Tracker, events: Sequence[Plain]) -> int:
    """Records plain events as columns; how many completed something."""
    if not events:
        return 0
    kinds, members, lessons, instants = zip(*events, strict=True)
    return tracker.record_columns(kinds, members, lessons, instants).completed


def records_of(tracker: Tracker) -> list[Record]:
    """All completions of a tracker by id."""
    columns = tracker.snapshot()["completed_lessons"]
    names = ("id", "lesson_id", "member_id", "created_on")
    return [*zip(*(columns[name] for name in names), strict=True)]


def read_work(folder: Path | None, *, members: int = 300) -> Work:
    """A FutureLearn export in `folder`, or an academy made up for so many members."""
    if folder is None:
        source = make_academy(members=members)
        plain = [event for event in source.events if len(event.to_plain()) == 4]
        return Work.of(Source(source.name, source.entities, plain), batch=max(1, len(plain) // 20))
    return Work.of(read_futurelearn(folder, CompletionType.BUTTON))
