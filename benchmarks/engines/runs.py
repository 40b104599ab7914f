"""One run of the work on each engine: whether it equals one tracker, and what it took."""

import pickle
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from types import MappingProxyType
from typing import Any

import attrs

from benchmarks.engines.host import Host
from benchmarks.engines.on_bytewax import Streamed, bytewax_run
from benchmarks.engines.on_dask import dask_engine
from benchmarks.engines.on_ray import ray_engine
from benchmarks.engines.work import OneProcess, Work, records_of
from coursetrack.listing.query import CompletedLessonQuery
from coursetrack.sharding import FoundPage, Search, merge, split
from coursetrack.simulation import Study
from coursetrack.tracker import Tracker

_SHARDS = 2


@attrs.frozen
class Line:
    """What a run took. Bytes are those of events sent, and of states or snapshots kept."""

    engine: str
    completed: int
    events_per_second: float
    recovery: float
    sent: int
    kept: int
    rounds: tuple[int, ...]
    """Of a first page, a deep one, and a deep one by name; none where no page can be asked for."""
    page_ms: tuple[float, ...]
    """What these pages took, in milliseconds."""
    checks: Mapping[str, bool]
    """What had to hold, and whether it did."""

    @property
    def equal(self) -> bool:
        """Whether all of it did."""
        return all(self.checks.values())


def alone(work: Work, one: OneProcess) -> Line:
    """One process, for comparison: it comes back from its snapshot, and asks nobody for a page."""
    many = len(one.records)
    kept = pickle.dumps(one.tracker.snapshot())
    speed = len(work.events) / one.seconds
    began = perf_counter()
    tracker = Tracker.restore(pickle.loads(kept))
    recovery = perf_counter() - began
    took = []
    for query in _queries(many):
        began = perf_counter()
        tracker.completed_lessons.find(query)
        took.append((perf_counter() - began) * 1e3)
    none = (0,) * len(took)
    return Line("one process", many, speed, recovery, 0, len(kept), none, tuple(took), {})


def on_actors(
    name: str, engine: Callable[[], AbstractContextManager[Any]], work: Work, one: OneProcess
) -> Line:
    """Trackers in actors: fed with one killed, asked for pages, and cut anew: 2 to 5 to 1."""
    with engine() as running:
        host = Host(running, work, _SHARDS)
        host.run(kill_after=len([*work.batches(1)]) * 2 // 3)
        merged = Tracker.restore(merge(kept.snapshot for kept in host.kept))
        checks = {
            "a shard was lost and came back": host.told.recovered == 1,
            "completions and ids are one tracker's": records_of(merged) == one.records,
            "every fact is one tracker's": merged == one.tracker,
            "2 to 5 to 1 shards are one tracker": _five_and_one(host) == one.tracker,
        }
        rounds, took = list[int](), list[float]()
        for query in _queries(len(one.records)):
            began = perf_counter()
            found, taken = _searched(host, query)
            took.append((perf_counter() - began) * 1e3)
            page = one.tracker.completed_lessons.find(query)
            rounds.append(taken)
            checks[f"page {query.page} by {query.order_by} is one tracker's"] = found.page == page
        if hasattr(running, "tasks"):
            checks["a simulation in blocks is the whole one"] = _simulated(running, work)
        speed = len(work.events) / host.told.seconds
        told = host.told
    return Line(
        name,
        len(merged.completed_lessons),
        speed,
        told.recovery,
        told.bytes_sent,
        told.bytes_kept,
        tuple(rounds),
        tuple(took),
        checks,
    )


def _five_and_one(host: Host) -> Tracker:
    pieces = [split(kept.snapshot, 5) for kept in host.kept]
    five = [merge(each) for each in zip(*pieces, strict=True)]
    return Tracker.restore(merge(five))


def _queries(records: int) -> list[CompletedLessonQuery]:
    deep = max(2, records // 25 // 2)
    return [
        CompletedLessonQuery(order_by="CreatedOn"),
        CompletedLessonQuery(order_by="CreatedOn", page=deep),
        CompletedLessonQuery(order_by="CourseMemberCoworkerFullName", direction=-1, page=deep),
    ]


def _searched(host: Host, query: CompletedLessonQuery) -> tuple[FoundPage, int]:
    search = Search(query, range(_SHARDS))
    asks = next(search)
    try:
        while True:
            replies = {shard: host.answer(shard, query, ask) for shard, ask in asks.items()}
            asks = search.send(replies)
    except StopIteration as done:
        return done.value, search.rounds


_BLOCK = 200


def simulated(snapshot: dict[str, Any], seed: int) -> dict[str, Any]:
    """A block of members, lived to the end."""
    return Study(Tracker.restore(snapshot), seed=seed).run().snapshot()


def _simulated(running: Any, work: Work) -> bool:
    """Some members simulated in blocks on the engine's tasks, against all of them at once."""
    few = sorted(work.members)[:_BLOCK]
    tracker = work.empty()
    for member_id in sorted(set(work.members) - set(few)):
        tracker.remove(tracker.member(member_id))
    blocks = split(tracker.snapshot(), 4)
    parts = running.tasks(simulated, [(block, 1) for block in blocks])
    return Tracker.restore(merge(parts)) == Study(tracker, seed=1).run()


def on_streams(
    name: str, run: Callable[[Work, Path], Streamed], work: Work, one: OneProcess
) -> Line:
    """A state for each member in the engine's own checkpoint, broken off and started again."""
    with TemporaryDirectory() as folder:
        started = perf_counter()
        streamed = run(work, Path(folder))
        seconds = streamed.seconds or perf_counter() - started
    checks = {
        "it was broken off in the middle": 0 < streamed.committed < len(one.records),
        "completions and ids are one tracker's, no row twice": streamed.records == one.records,
    }
    speed = len(work.events) / seconds
    many = len(streamed.records)
    sent = len(pickle.dumps(work.events))
    return Line(name, many, speed, streamed.recovery, sent, streamed.state_bytes, (), (), checks)


def _on_bytewax(work: Work, folder: Path) -> Streamed:
    return bytewax_run(work, folder, abort_at=len(work.events) // 2)


def _on_spark(work: Work, folder: Path) -> Streamed:
    from benchmarks.engines.on_spark import spark_run

    # A micro-batch costs seconds whatever it holds, so there are few.
    return spark_run(attrs.evolve(work, batch=-(-len(work.events) // 6)), folder, kill=True)


RUNS: Mapping[str, Callable[[Work, OneProcess], Line]] = MappingProxyType(
    {
        "dask": partial(on_actors, "Dask", dask_engine),
        "bytewax": partial(on_streams, "Bytewax", _on_bytewax),
        "ray": partial(on_actors, "Ray", ray_engine),
        "spark": partial(on_streams, "Spark", _on_spark),
    }
)
"""The engines by name."""

MODULES: Mapping[str, str] = MappingProxyType(
    {"dask": "distributed", "bytewax": "bytewax", "ray": "ray", "spark": "pyspark"}
)
"""What has to be installed for each."""
