"""A host that keeps shards on an engine: snapshots and offsets, so that a lost one comes back.

Each shard is a tracker inside an actor. An actor that is restarted knows nothing; so the host
keeps, for each, the last snapshot and how far in the log it stands, makes the actor anew from that
and sends it the batches since.
"""

import pickle
from collections.abc import Sequence
from time import perf_counter
from typing import Any, Protocol

import attrs

from benchmarks.engines.work import Plain, Work, record
from coursetrack.listing.asks import Ask, Reply
from coursetrack.listing.query import CompletedLessonQuery
from coursetrack.sharding import split
from coursetrack.tracker import Tracker

SNAPSHOT_EVERY = 20


class ShardActor:
    """A tracker somewhere else. Engines make it, hold it and call it."""

    def __init__(self, snapshot: dict[str, Any]) -> None:
        self.tracker = Tracker.restore(snapshot)

    def record(self, events: Sequence[Plain]) -> int:
        """Records a batch; how many completed something."""
        return record(self.tracker, events)

    def snapshot(self) -> dict[str, Any]:
        """All that the tracker knows."""
        return self.tracker.snapshot()

    def answer(self, query: CompletedLessonQuery, ask: Ask) -> Reply:
        """The shard's side of a search."""
        return self.tracker.completed_lessons.answer(query, ask)


class Lost(Exception):
    """The actor is gone, and with it all that it knew."""


class Engine(Protocol):
    """What the host asks of an engine."""

    def place(self, number: int, snapshot: dict[str, Any]) -> Any:
        """An actor made from a snapshot."""

    def call_all(self, calls: Sequence[tuple[Any, str, tuple[Any, ...]]]) -> list[Any]:
        """What the actors' methods return, all at once; an instance of Lost for a lost actor."""

    def kill(self, actor: Any) -> None:
        """Ends the process that an actor is in, without warning."""


@attrs.define
class Kept:
    """What the host keeps of a shard."""

    actor: Any
    snapshot: dict[str, Any]
    since: list[list[Plain]] = attrs.field(factory=list)
    """The batches that came after the snapshot."""


@attrs.define
class Told:
    """What a run took."""

    seconds: float = 0.0
    recovery: float = 0.0
    bytes_sent: int = 0
    bytes_kept: int = 0
    recovered: int = 0


class Host:
    """Feeds the shards of one piece of work."""

    def __init__(self, engine: Engine, work: Work, shards: int) -> None:
        self._engine = engine
        self._work = work
        self.told = Told()
        parts = split(work.empty().snapshot(), shards)
        self.kept = [Kept(engine.place(number, part), part) for number, part in enumerate(parts)]

    def run(self, *, kill_after: int | None = None) -> None:
        """Sends all events; after so many batches one shard's process is killed."""
        started = perf_counter()
        for number, parts in enumerate(self._work.batches(len(self.kept)), 1):
            for kept, part in zip(self.kept, parts, strict=True):
                kept.since.append(part)
                self.told.bytes_sent += len(pickle.dumps(part))
            self._call("record", [(part,) for part in parts])
            if number == kill_after:
                self._engine.kill(self.kept[0].actor)
            if number % SNAPSHOT_EVERY == 0:
                self._keep()
        self._keep()
        self.told.seconds = perf_counter() - started

    def _keep(self) -> None:
        for kept, snapshot in zip(self.kept, self._call("snapshot", None), strict=True):
            kept.snapshot, kept.since = snapshot, []
            self.told.bytes_kept += len(pickle.dumps(snapshot))

    def _call(self, method: str, arguments: Sequence[tuple[Any, ...]] | None) -> list[Any]:
        each = [()] * len(self.kept) if arguments is None else arguments
        calls = [(kept.actor, method, args) for kept, args in zip(self.kept, each, strict=True)]
        answers = self._engine.call_all(calls)
        for number, answer in enumerate(answers):
            if isinstance(answer, Lost):
                self._recover(number)
                if method != "record":  # a batch that was lost is among those sent again
                    again = (self.kept[number].actor, method, each[number])
                    (answers[number],) = self._engine.call_all([again])
        return answers

    def _recover(self, number: int) -> None:
        """Makes a lost shard anew: from its snapshot, and the batches since."""
        started, kept = perf_counter(), self.kept[number]
        kept.actor = self._engine.place(number, kept.snapshot)
        for batch in kept.since:
            (answer,) = self._engine.call_all([(kept.actor, "record", (batch,))])
            if isinstance(answer, Lost):
                raise answer
        self.told.recovered += 1
        self.told.recovery += perf_counter() - started

    def answer(self, number: int, query: CompletedLessonQuery, ask: Ask) -> Reply:
        """One shard's reply; raises Lost where it is gone."""
        (reply,) = self._engine.call_all([(self.kept[number].actor, "answer", (query, ask))])
        if isinstance(reply, Lost):
            raise reply
        answered: Reply = reply
        return answered
