"""What the fake knows beside its tracker: when a record changed, by whom, and what clients wrote.

The test may change its tracker behind the fake's back, at any time. So each look compares the
entities with those seen before, and what differs is stamped with the clock's instant, as if it had
just been written: a client that asks what was updated since then finds it.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from types import MappingProxyType
from typing import Any

import attrs

from coursetrack.domain.entities import CourseMember, Entity
from coursetrack.tracker import Tracker

Key = tuple[type[Any], int]


@attrs.frozen
class Notes:
    """What is kept of one entity. `entity` is how it was when it was last seen."""

    entity: Entity
    created_on: datetime
    updated_on: datetime
    updated_by: str | None = None
    written: MappingProxyType[str, Any] = MappingProxyType({})


class Scene:
    """The entities of a tracker, by kind and id, and the notes about each."""

    def __init__(self, tracker: Tracker, *, start: datetime, clock: Callable[[], datetime]) -> None:
        self._tracker = tracker
        self._clock = clock
        self._entities: dict[Key, Entity] = {}
        self._notes: dict[Key, Notes] = {}
        self._highest: dict[type[Any], int] = {}
        self._names: dict[type[Any], dict[str, None]] = {}
        self._version = -1
        self._look(lambda: start)

    def look(self) -> None:
        """Takes in what happened to the tracker since the last look. O(entities), or nothing."""
        if self._tracker.version != self._version:
            self._look(self._clock)

    def _look(self, clock: Callable[[], datetime]) -> None:
        self._entities = {(type(each), each.id): each for each in self._tracker.entities()}
        for key, entity in self._entities.items():
            self._highest[key[0]] = max(self._highest.get(key[0], 0), key[1])
            if key not in self._notes:
                at = clock()
                self._notes[key] = Notes(entity, _enrolled(entity) or at, at)
            elif self._notes[key].entity != entity:
                self._renote(key, entity=entity, updated_on=clock())
        for key in self._notes.keys() - self._entities.keys():
            del self._notes[key]
        self._version = self._tracker.version

    def note(self, entity: Entity, *, at: datetime, by: str, written: dict[str, Any]) -> None:
        """Keeps that a client wrote `entity`, which the tracker knows by now."""
        key = type(entity), entity.id
        before = self._notes.get(key)
        kept = MappingProxyType({**(before.written if before else {}), **written})
        created_on = _enrolled(entity) or (before.created_on if before else at)
        self._notes[key] = Notes(entity, created_on, at, by, kept)
        self._names.setdefault(key[0], {}).update(dict.fromkeys(written))
        self.look()  # which finds the notes in step with the entity, and stamps nothing

    def _renote(self, key: Key, **changed: Any) -> None:
        self._notes[key] = attrs.evolve(self._notes[key], **changed)

    def all_of(self, kind: type[Any]) -> Iterator[Entity]:
        """The entities of a kind, by id."""
        return (each for (of, _), each in self._entities.items() if of is kind)

    def next_id(self, kind: type[Any]) -> int:
        """An id that no entity of this kind has, or had."""
        return self._highest.get(kind, 0) + 1

    def names_written(self, kind: type[Any]) -> tuple[str, ...]:
        """Every property that a client ever wrote and that is kept here, for one kind."""
        return tuple(self._names.get(kind, ()))

    # -- what fields are read from

    def linked(self, kind: type[Any], id_: int | None) -> Any:
        """The entity with this id, or None."""
        return None if id_ is None else self._entities.get((kind, id_))

    def kept(self, entity: Any, name: str) -> Any:
        """What is kept of an entity: times, who changed it last, or what a client wrote."""
        notes = self._notes[type(entity), entity.id]
        stamps = {
            "CreatedOn": _enrolled(entity) or notes.created_on,
            "UpdatedOn": notes.updated_on,
            "UpdatedBy": notes.updated_by,
        }
        return stamps[name] if name in stamps else notes.written.get(name)

    def last_completed(self, member: CourseMember) -> Any:
        """The lesson that a member completed last, or None."""
        record = self._tracker.progress(member_id=member.id).last_completed
        return None if record is None else self._tracker.lesson(record.lesson_id)


def _enrolled(entity: Entity) -> datetime | None:
    return entity.created_on if isinstance(entity, CourseMember) else None
