"""Spark Structured Streaming: a member's state in the engine's own checkpoint.

The stream runs in a process of its own, which is killed without warning once it has committed some
batches, and started again on its checkpoint. The output's own log says which files count, so no row
is there twice. Everything stays on the loopback address.
"""

import json
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter, sleep
from typing import Any

from benchmarks.engines.on_bytewax import Streamed
from benchmarks.engines.work import Work
from coursetrack.domain.plain_events import event_from_plain
from coursetrack.domain.values import microseconds
from coursetrack.sharding import step

ROOT = Path(__file__).resolve().parents[2]
_SECONDS = 900
_NAMES = ("seq", "kind", "member_id", "lesson_id", "at")
_EVENTS = "seq long, kind string, member_id long, lesson_id long, at long"
_ROWS = "id long, lesson_id long, member_id long, created_on long"


def spark_run(work: Work, folder: Path, *, kill: bool) -> Streamed:
    """Streams the work through Spark in `folder`, the process killed once on the way."""
    _write_events(work, folder)
    (folder / "catalogue.pickle").write_bytes(pickle.dumps((list(work.entities), work.members)))
    started = perf_counter()
    committed = _killed_after_some(folder) if kill else 0
    again = perf_counter()
    process = _started(folder)
    try:
        if process.wait(timeout=_SECONDS) != 0:
            raise RuntimeError((folder / "log").read_text()[-2000:])
    finally:
        _end(process)
    ended = perf_counter()
    rows = sorted(tuple(row) for row in json.loads((folder / "rows.json").read_text()))
    kept = sum(file.stat().st_size for file in (folder / "checkpoint").rglob("*") if file.is_file())
    return Streamed(rows, committed, ended - started, ended - again if kill else 0.0, kept)


def _write_events(work: Work, folder: Path) -> None:
    events = folder / "events"
    events.mkdir()
    for number, (part,) in enumerate(work.batches(1)):
        lines = (
            json.dumps(dict(zip(_NAMES, (seq, *plain), strict=True)))
            for seq, plain in enumerate(part, number * work.batch)
        )
        path = events / f"{number:06}.json"
        path.write_text("\n".join(lines))
        os.utime(path, (1_600_000_000 + number, 1_600_000_000 + number))  # the order of reading


def _started(folder: Path) -> subprocess.Popen[bytes]:
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "benchmarks.engines.on_spark", str(folder)],
            cwd=ROOT,
            env={
                **os.environ,
                "PYTHONPATH": str(ROOT),
                "PYSPARK_PYTHON": sys.executable,
                "SPARK_LOCAL_IP": "127.0.0.1",
            },
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def _killed_after_some(folder: Path) -> int:
    """How many batches were committed when the process was killed."""
    process, commits = _started(folder), folder / "checkpoint" / "commits"
    deadline = perf_counter() + _SECONDS
    try:
        while perf_counter() < deadline and process.poll() is None:
            committed = len([*commits.glob("[0-9]*")]) if commits.is_dir() else 0
            if committed >= 2:
                return committed
            sleep(0.2)
        raise RuntimeError((folder / "log").read_text()[-2000:])
    finally:
        _end(process)


def _end(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


# -- in the process that is killed


def _stream(folder: Path) -> None:
    from pyspark.sql import SparkSession

    spark = (
        SparkSession.builder.master("local[2]")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .config(
            "spark.sql.streaming.stateStore.providerClass",
            "org.apache.spark.sql.execution.streaming.state.RocksDBStateStoreProvider",
        )
        .getOrCreate()
    )
    events = spark.readStream.schema(_EVENTS).option("maxFilesPerTrigger", 1)
    stepped = (
        events.json(str(folder / "events"))
        .groupBy("member_id")
        .transformWithStateInPandas(MemberProcessor(str(folder)), _ROWS, "Append", "None")
    )
    query = (
        stepped.writeStream.format("json")
        .option("path", str(folder / "completed"))
        .option("checkpointLocation", str(folder / "checkpoint"))
        .outputMode("append")
        .trigger(availableNow=True)
        .start()
    )
    query.awaitTermination()
    rows = spark.read.schema(_ROWS).json(str(folder / "completed")).collect()
    (folder / "rows.json").write_text(json.dumps([tuple(row) for row in rows]))
    spark.stop()


def _processor() -> type[Any]:
    from pyspark.sql.streaming.stateful_processor import StatefulProcessor

    base: type[Any] = StatefulProcessor
    return base


class MemberProcessor(_processor()):  # type: ignore[misc]
    """One member's state and events; in an importable module, since workers import it."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def init(self, handle: Any) -> None:
        """Takes the engine's handle, and the catalogue that goes everywhere."""
        from pyspark.sql.types import BinaryType, StructField, StructType

        from coursetrack.sharding import Outlines

        schema = StructType([StructField("state", BinaryType())])
        self._state = handle.getValueState("state", schema)
        catalogue = (Path(self._folder) / "catalogue.pickle").read_bytes()
        entities, self._members = pickle.loads(catalogue)
        self._outlines = Outlines(entities)

    def handleInputRows(self, key: Any, rows: Iterator[Any], timers: Any) -> Iterator[Any]:  # noqa: N802
        """Steps through the member's events of this batch, in order; what they completed."""
        import pandas as pd

        told = pd.concat(rows).sort_values("seq")
        member = self._members.get(key[0])
        if member is None:
            return
        held = self._state.get() if self._state.exists() else None
        state = None if held is None else pickle.loads(held[0])
        made = []
        for kind, lesson_id, at in zip(told["kind"], told["lesson_id"], told["at"], strict=True):
            event = event_from_plain((kind, member.id, int(lesson_id), int(at)))
            state, outcome = step(self._outlines, member, state, event)
            record = outcome.completed
            if record is not None:
                made.append(
                    (record.id, record.lesson_id, record.member_id, microseconds(record.created_on))
                )
        if state is not None:
            self._state.update((pickle.dumps(state),))
        if made:
            yield pd.DataFrame(made, columns=["id", "lesson_id", "member_id", "created_on"])

    def close(self) -> None:
        """Nothing is held."""


if __name__ == "__main__":
    from benchmarks.engines import on_spark

    on_spark._stream(Path(sys.argv[1]))
