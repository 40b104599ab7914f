"""The engines on a small academy: a worker is killed, a stream aborted, and nothing differs."""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from socket import socket
from time import monotonic, sleep
from typing import Any

import pytest

from benchmarks.engines.__main__ import main
from benchmarks.engines.runs import MODULES
from benchmarks.engines.sockets import beyond_loopback, watched_sockets
from benchmarks.engines.work import one_process, read_work, records_of

ROOT = Path(__file__).resolve().parents[2]


HEARD = """
import sys
from pathlib import Path

heard = Path(__file__).with_name("heard")

def hear(event, arguments):
    address = arguments[1] if event in ("socket.bind", "socket.connect") else None
    if isinstance(address, tuple):
        with heard.open("a") as told:
            told.write(address[0] + " ")

sys.addaudithook(hear)
"""
"""Has each Python that starts write down which addresses it binds to and connects with."""


def ran(tmp_path: Path, engine: str) -> tuple[dict[str, Any], ...]:
    """What `engine` did with a small academy: one process's line, and its own.

    The command runs as a process of its own: engines start processes and threads, and warn.
    """
    if find_spec(MODULES[engine]) is None:
        pytest.skip(f"{MODULES[engine]} is not installed; the extra `engines` brings it, if it can")
    told = tmp_path / "told.json"
    command = ["benchmarks.engines", engine, "--members", "60", "--json", str(told)]
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(tmp_path)])},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return tuple(json.loads(told.read_text()))


@pytest.mark.slow
def test_dask_loses_a_worker_and_ends_as_one_tracker_does(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(HEARD)
    one, dask = ran(tmp_path, "dask")
    heard = (tmp_path / "heard").read_text().split()
    assert len(heard) > 10  # the scheduler, two workers, and who talks with them
    assert beyond_loopback(heard) == []
    assert dask["completed"] == one["completed"] > 0
    assert dask["checks"]["a shard was lost and came back"]
    assert len(dask["checks"]) == 8
    assert all(dask["checks"].values())


@pytest.mark.slow
def test_bytewax_is_aborted_and_writes_no_row_twice(tmp_path: Path) -> None:
    one, bytewax = ran(tmp_path, "bytewax")
    assert bytewax["completed"] == one["completed"] > 0
    assert bytewax["checks"] == {
        "it was broken off in the middle": True,
        "completions and ids are one tracker's, no row twice": True,
        "all sockets on the loopback": True,
    }


def test_what_is_no_loopback_is_seen() -> None:
    seen = ["127.0.0.1", "::1", "::ffff:127.0.0.2", "0.0.0.0", "::", "10.0.0.7", "fe80::1%eth0"]
    assert beyond_loopback(seen) == ["0.0.0.0", "10.0.0.7", "::", "fe80::1%eth0"]
    pytest.importorskip("psutil", reason="psutil is not installed; the extra `engines` brings it")
    with socket() as own, watched_sockets() as found:
        own.bind(("127.0.0.3", 0))
        own.listen()
        deadline = monotonic() + 20
        while "127.0.0.3" not in found and monotonic() < deadline:
            sleep(0.02)
    assert "127.0.0.3" in found


def test_rounds_are_counted_by_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--rounds", "--records", "20000", "--shards", "3"]) == 0
    assert "one big" in capsys.readouterr().out


def test_costs_are_measured_by_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--costs", "--members", "20"]) == 0
    told = capsys.readouterr().out
    for what in ("an event, pickled", "its tuple", "a change as JSON", "the snapshot of all"):
        assert what in told
    assert main(["dask", "--costs"]) == 2


def test_an_engine_that_is_not_there_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchmarks.engines.__main__.find_spec", lambda _: None)
    assert main(["dask", "spark"]) == 2
    assert "not installed: dask, spark" in capsys.readouterr().out


def test_the_work_is_the_same_however_it_is_cut() -> None:
    work = read_work(None, members=20)
    events = [event for parts in work.batches(3) for part in parts for event in part]
    assert sorted(events) == sorted(work.events)
    one = one_process(work)
    assert records_of(one.tracker) == one.records
    assert one.records == sorted(one.records)


@pytest.mark.slow
@pytest.mark.data
def test_real_events_split_from_two_to_five_to_one(course_data: Path) -> None:
    from benchmarks.engines.work import record
    from coursetrack.sharding import merge, split
    from coursetrack.tracker import Tracker

    work = read_work(course_data / "futurelearn_cyber")
    one = one_process(work)
    assert len(one.records) == 252_692
    two = [Tracker.restore(part) for part in split(work.empty().snapshot(), 2)]
    for parts in work.batches(2):
        for tracker, part in zip(two, parts, strict=True):
            record(tracker, part)
    pieces = [split(tracker.snapshot(), 5) for tracker in two]
    five = [merge(each) for each in zip(*pieces, strict=True)]
    assert {
        **merge(five),
        "version": one.tracker.version,
    } == one.tracker.snapshot()
