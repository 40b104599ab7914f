"""What a replay is fed with: the entities, and the events in the order they will be recorded."""

from collections.abc import Sequence
from pathlib import Path

import attrs

from coursetrack.domain.entities import Entity
from coursetrack.domain.events import Event


@attrs.frozen
class Source:
    """An academy and what happened in it."""

    name: str
    entities: Sequence[Entity]
    events: Sequence[Event]


class SourceError(Exception):
    """Input that cannot be read; its text says where (file and line) and why."""

    def __init__(self, path: Path | str, line: int | None, message: str) -> None:
        where = str(path) if line is None else f"{path}:{line}"
        super().__init__(f"{where}: {message}")


def in_order_of_time(events: Sequence[Event]) -> list[Event]:
    """The events by their instant; those of one instant keep their order."""
    return sorted(events, key=lambda event: event.at)
