"""Dask: a tracker in an actor on each of two local workers."""

import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from benchmarks.engines.host import Lost, ShardActor

_SECONDS = 120


class DaskEngine:
    """Actors on a local cluster of two processes, which talk on the loopback address alone."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def place(self, number: int, snapshot: dict[str, Any]) -> Any:
        """An actor on one of the workers that are there now."""
        self._client.wait_for_workers(1, timeout=_SECONDS)
        workers = sorted(self._client.scheduler_info()["workers"])
        worker = workers[number % len(workers)]
        held = self._client.scatter(snapshot, workers=[worker])
        made = self._client.submit(
            ShardActor, held, actor=True, workers=[worker], allow_other_workers=True, pure=False
        )
        return made.result(timeout=_SECONDS)

    def call_all(self, calls: Sequence[tuple[Any, str, tuple[Any, ...]]]) -> list[Any]:
        """What the actors return; Lost for one whose worker is gone."""
        pending = [_begun(actor, method, args) for actor, method, args in calls]
        return [each if isinstance(each, Lost) else _ended(each) for each in pending]

    def kill(self, actor: Any) -> None:
        """Kills the worker that an actor is on."""
        address = actor._address
        pids = self._client.run(os.getpid, workers=[address])
        os.kill(pids[address], signal.SIGKILL)


def _begun(actor: Any, method: str, args: tuple[Any, ...]) -> Any:
    try:
        return getattr(actor, method)(*args)
    except (OSError, ValueError) as error:
        return Lost(repr(error))


def _ended(future: Any) -> Any:
    try:
        return future.result(timeout=_SECONDS)
    except (OSError, ValueError) as error:
        return Lost(repr(error))


@contextmanager
def dask_engine() -> Iterator[DaskEngine]:
    """Two local workers, ended at the end."""
    import dask
    import distributed

    made: Any = distributed
    dask.config.set({"distributed.comm.timeouts.connect": "3s"})
    with (
        made.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address=None,
            silence_logs=50,
        ) as cluster,
        made.Client(cluster) as client,
    ):
        yield DaskEngine(client)
