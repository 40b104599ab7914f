"""Bytewax: one small state for each member, kept by the engine's own recovery store.

The stream is aborted in the middle and started again. State per member and a file that the engine
cuts back to where its snapshot stood: no row is there twice, and none is missing.
"""

import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

import attrs

from benchmarks.engines.work import Plain, Record, Work
from coursetrack.domain.plain_events import event_from_plain
from coursetrack.domain.values import microseconds
from coursetrack.sharding import Outlines, step

_EPOCH = timedelta(milliseconds=200)  # how often states are kept


@attrs.frozen
class Streamed:
    """What came out, and what it took."""

    records: list[Record]
    """The rows of the output as they stand there, by id; one that is there twice is here twice."""
    committed: int
    """How many rows, or batches of them, were out when the stream was broken off."""
    seconds: float
    recovery: float
    state_bytes: int


def bytewax_run(work: Work, folder: Path, *, abort_at: int | None) -> Streamed:
    """Streams the work through two recovery partitions in `folder`, aborted once on the way."""
    from bytewax import recovery as stores
    from bytewax import testing

    made: Any = stores
    run: Any = testing.run_main
    store, output = folder / "recovery", folder / "completed.jsonl"
    store.mkdir()
    made.init_db_dir(store, 2)
    events: list[Any] = [*work.events]
    if abort_at is not None:
        events.insert(abort_at, testing.TestingSource.ABORT())
    flow = _flow(work, events, output)
    started, recovery, committed = perf_counter(), 0.0, 0
    run(flow, epoch_interval=_EPOCH, recovery_config=made.RecoveryConfig(str(store)))
    if abort_at is not None:
        again = perf_counter()
        committed = len(output.read_text().splitlines())
        run(flow, epoch_interval=_EPOCH, recovery_config=made.RecoveryConfig(str(store)))
        recovery = perf_counter() - again
    seconds = perf_counter() - started
    rows = sorted(tuple(json.loads(line)) for line in output.read_text().splitlines())
    kept = sum(file.stat().st_size for file in store.iterdir())
    return Streamed(rows, committed, seconds, recovery, kept)


def _flow(work: Work, events: Sequence[Any], output: Path) -> Any:
    import bytewax.operators as op
    from bytewax.connectors.files import FileSink
    from bytewax.dataflow import Dataflow
    from bytewax.testing import TestingSource

    outlines, members = Outlines(work.entities), work.members

    def taken(state: Any, plain: Plain) -> tuple[Any, Record | None]:
        member = members.get(plain[1])
        if member is None:
            return state, None
        state, outcome = step(outlines, member, state, event_from_plain(plain))
        made = outcome.completed
        if made is None:
            return state, None
        return state, (made.id, made.lesson_id, made.member_id, microseconds(made.created_on))

    flow = Dataflow("completions")
    told = op.input("events", flow, TestingSource(events, batch_size=100))
    keyed = op.key_on("by_member", told, lambda plain: str(plain[1]))
    stepped = op.stateful_map("step", keyed, taken)
    made = op.filter("completed", stepped, lambda row: row[1] is not None)
    lines = op.map("as_json", made, lambda row: (row[0], json.dumps(row[1])))
    op.output("rows", lines, FileSink(output))
    return flow
