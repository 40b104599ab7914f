"""What a replay is fed with: the entities, and the events in the order they will be recorded."""

from collections.abc import Callable, Sequence
from pathlib import Path

import attrs

from coursetrack.domain.entities import Entity
from coursetrack.domain.events import Event


@attrs.frozen
class Source:
    """An academy and what happened in it. `left_out` are the rows that could not be read."""

    name: str
    entities: Sequence[Entity]
    events: Sequence[Event]
    left_out: Sequence["SourceError"] = ()


class SourceError(Exception):
    """Input that cannot be read; its text says where (file and line) and why."""

    def __init__(self, path: Path | str, line: int | None, message: str) -> None:
        where = str(path) if line is None else f"{path}:{line}"
        super().__init__(f"{where}: {message}")
        self.reason = message.partition(", got ")[0]


BadRow = Callable[[SourceError], None]
"""What is done with a row that cannot be read, where it is not the end of the reading."""


def in_order_of_time(events: Sequence[Event]) -> list[Event]:
    """The events by their instant; those of one instant keep their order."""
    return sorted(events, key=lambda event: event.at)
