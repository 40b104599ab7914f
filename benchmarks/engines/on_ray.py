"""Ray: a tracker in each actor, which serves the list; and tasks that simulate blocks of members.

An actor that Ray restarts starts empty, so it does not restart them: the host makes a lost one anew
from snapshot and offset. Everything stays on the loopback address.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from benchmarks.engines.host import Lost, ShardActor

_SECONDS = 120


class RayEngine:
    """Actors on this machine."""

    def __init__(self, ray: Any) -> None:
        self._ray = ray
        self._made = ray.remote(num_cpus=0.5, max_restarts=0)(ShardActor)

    def place(self, number: int, snapshot: dict[str, Any]) -> Any:
        """An actor; its snapshot is put into the store first, and not into the call."""
        return self._made.remote(self._ray.put(snapshot))

    def call_all(self, calls: Sequence[tuple[Any, str, tuple[Any, ...]]]) -> list[Any]:
        """What the actors return; Lost for one that is gone."""
        pending = [getattr(actor, method).remote(*args) for actor, method, args in calls]
        return [self._ended(each) for each in pending]

    def _ended(self, reference: Any) -> Any:
        try:
            return self._ray.get(reference, timeout=_SECONDS)
        except self._ray.exceptions.RayActorError as error:
            return Lost(repr(error))

    def kill(self, actor: Any) -> None:
        """Kills the actor's process."""
        self._ray.kill(actor, no_restart=True)

    def tasks(self, function: Any, arguments: Sequence[tuple[Any, ...]]) -> list[Any]:
        """What a function returns for each of the arguments, run as tasks."""
        remote = self._ray.remote(num_cpus=1)(function)
        found: list[Any] = self._ray.get([remote.remote(*each) for each in arguments])
        return found


@contextmanager
def ray_engine() -> Iterator[RayEngine]:
    """Ray on two processors of this machine, ended at the end."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # nothing is reported anywhere
    # Ray takes 127.0.0.1 for a wish and opens its ports to the network, unless it is told that
    # there is no cluster. Its name for that speaks of the systems where it is the usual setting.
    os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"
    import ray

    ray.init(
        num_cpus=2,
        include_dashboard=False,
        _node_ip_address="127.0.0.1",
        object_store_memory=400 * 2**20,
        log_to_driver=False,
        logging_level="ERROR",
        configure_logging=True,
    )
    try:
        yield RayEngine(ray)
    finally:
        ray.shutdown()
