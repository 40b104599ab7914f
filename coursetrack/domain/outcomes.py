"""What a call did: the outcome of one, the tally of many. Changes are made when asked for."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from enum import Enum
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

import attrs

from coursetrack.domain.changes import Change
from coursetrack.domain.entities import CompletedLesson
from coursetrack.domain.events import Event
from coursetrack.domain.evidence import Added, Evidence
from coursetrack.domain.facts import RememberedEvent
from coursetrack.domain.plain import Plain
from coursetrack.domain.plain_changes import json_changes, plain_changes
from coursetrack.domain.refusals import Refusal, RefusalCode
from coursetrack.domain.rows import Edit, Log, Row, numbered, sides
from coursetrack.domain.values import FrozenDict
from coursetrack.errors import NotCompleted


@attrs.frozen
class MetSince:
    """What an event completed at another instant than its own: since when the criterion is met."""

    lesson_id: int
    member_id: int
    at: datetime

    @classmethod
    def of(cls, event: Event, at: datetime) -> "MetSince":
        """What `event` completed as of `at`."""
        return cls(event.lesson_id, event.member_id, at)


class Memory(Enum):
    """In a log: the next event of a :class:`MemoryLog` is remembered, and completes nothing."""

    CAME = "came"


CAME = Memory.CAME


class MemoryLog(NamedTuple):
    """Which events came to be remembered by their ids, and which went for them, in order.

    Those that came have places from `came_from` on, those that went `went_at`. There was `room` for
    so many; below 0 where there were more than the capacity. They become edits when somebody asks
    for the changes: an edit for each would cost more than all else.
    """

    came: Sequence[Event] = ()
    came_from: int = 1
    went: Sequence[Event] = ()
    went_at: Sequence[int] = ()
    room: int = 0

    @property
    def changes(self) -> int:
        """How many changes that are."""
        return len(self.came) + len(self.went)

    def edits(self) -> Iterator[tuple[Edit, ...]]:
        """For each that came what remembers it, after what forgets the oldest for it. O(changes).

        ::

            room 1     (+ A)  (- X, + B)  (- Y, + C)
        """
        room = self.room
        went = zip(self.went, self.went_at, strict=True)
        for place, event in enumerate(self.came, self.came_from):
            gone = tuple((_remembered(*each), None) for each in islice(went, max(0, 1 - room)))
            yield *gone, (None, _remembered(event, place))
            room = max(0, room - 1)


class RowsAndEdits(NamedTuple):
    """What many events did, in order: an event stands for the row that it made.

    An event with an id that stands there is remembered as well, if anything is.

    `ids` are those of the rows, in order. All were updated at `recorded_at`, if there is one.
    `memory` has the events that came to be remembered.
    """

    ids: Sequence[int] = ()
    log: Iterable[Event | MetSince | Edit | Added | Memory] = ()
    recorded_at: datetime | None = None
    memory: MemoryLog = MemoryLog()

    def entries(self) -> Iterator[Row | Edit | Added]:
        """The rows and edits themselves. O(n)."""
        id_of_next, memory = iter(self.ids), self.memory.edits()
        remembers = bool(self.memory.came)
        for entry in self.log:
            if isinstance(entry, tuple | Added):
                yield entry
                continue
            if entry is CAME or (
                remembers and not isinstance(entry, MetSince) and entry.event_id is not None
            ):
                yield from next(memory)
            if not isinstance(entry, Memory):
                row = next(id_of_next), entry.lesson_id, entry.member_id, entry.at
                yield row if self.recorded_at is None else (*row, self.recorded_at)


def _remembered(event: Event, place: int) -> RememberedEvent:
    return RememberedEvent(place=place, event=event)


class Outcome:
    """What one call did. Immutable; equal to another that says the same."""

    __slots__ = ("_told",)

    if TYPE_CHECKING:
        _told: tuple[Any, ...]

    def __init__(
        self,
        version: int = 0,
        log: Log = (),
        refused: tuple[Refusal, ...] = (),
        repeated: bool = False,
    ) -> None:
        _tell(self, (version, log, refused, repeated))

    @property
    def completed(self) -> CompletedLesson | None:
        """The completed lesson that the call created or updated, or None."""
        for entry in reversed(self._log):
            after = sides(entry)[1]
            if isinstance(after, CompletedLesson):
                return after
        return None

    def require_completed(self) -> CompletedLesson:
        """The completed lesson that the call created or updated; NotCompleted says why none.

        For code that counts on it, and for type checkers: this is never None.
        """
        completed = self.completed
        if completed is None:
            raise NotCompleted(f"nothing was completed: {self._why_not()}", value=self)
        return completed

    def _why_not(self) -> str:
        if self.refused:
            return "; ".join(map(str, self.refused))
        if self.repeated:
            return "the lesson was completed before, or the event recorded"
        return "the event does not complete the lesson" if self.ignored else "that was not asked"

    @property
    def refused(self) -> tuple[Refusal, ...]:
        """Every reason why the event counted for nothing; () when it was not refused."""
        refused: tuple[Refusal, ...] = self._told[2]
        return refused

    @property
    def repeated(self) -> bool:
        """Whether the completion, the `event_id`, or all that the event tells was known already."""
        repeated: bool = self._told[3]
        return repeated

    @property
    def advanced(self) -> bool:
        """Whether the event is evidence that counts, and did not complete the lesson yet."""
        if self.repeated or self.completed is not None:
            return False
        return any(isinstance(after, Evidence) for _, after in map(sides, self._log))

    @property
    def ignored(self) -> bool:
        """Whether nothing came of the event: it does not concern what completes the lesson."""
        return not self._log and not self.refused and not self.repeated

    @property
    def changes(self) -> tuple[Change, ...]:
        """What changed, in order, for the host to persist; () when nothing did. O(changes)."""
        return numbered(self._told[0], self._log)

    def plain_changes(self) -> list[Plain]:
        """What ``to_dict()`` gives of each change, but makes no change for it. O(changes)."""
        return [*plain_changes(self._told[0], self._log)]

    def json_changes(self) -> list[tuple[int, str]]:
        """The sequence of each change with ``json.dumps(change.to_dict())``: rows for a table.

        Makes no change for it. O(changes).
        """
        return [*json_changes(self._told[0], self._log)]

    @property
    def _log(self) -> Log:
        log: Log = self._told[1]
        return log

    def as_repeated(self) -> "Outcome":
        """This outcome for an event that was a repeat: what changed is what is remembered."""
        return Outcome(self._told[0], self._log, self.refused, True)

    def __eq__(self, other: object) -> bool:
        """Whether `other` is an outcome with the same refusals, changes and repetition."""
        return isinstance(other, Outcome) and self._parts() == other._parts()

    def __hash__(self) -> int:
        """Agrees with equality. O(changes)."""
        return hash(self._parts())

    def __repr__(self) -> str:
        """What can be read off the properties."""
        return (
            f"Outcome(completed={self.completed!r}, refused={self.refused!r}, "
            f"repeated={self.repeated!r}, changes={len(self._log)})"
        )

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"an outcome is immutable: cannot set {name!r}")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"an outcome is immutable: cannot delete {name!r}")

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        return type(self), self._told

    def _parts(self) -> tuple[object, ...]:
        return self.refused, self.repeated, self.changes


class Completion(Outcome):
    """The outcome of the plain case: an event completed a lesson, and nothing else changed.

    One is made for every other event by the million, so it holds no more than it must.
    """

    __slots__ = ()

    def __init__(self, version: int, row: Row) -> None:
        _tell(self, (version, row))

    @property
    def refused(self) -> tuple[Refusal, ...]:
        """Nothing: the event was let in."""
        return ()

    @property
    def repeated(self) -> bool:
        """False: the completion is new."""
        return False

    @property
    def _log(self) -> Log:
        return (self._told[1],)


class RememberedOutcome(Outcome):
    """The outcome of a plain event with an `event_id`, which is remembered and may complete.

    A repeat where it makes no row: its lesson was completed before.
    """

    __slots__ = ()

    def __init__(
        self,
        version: int,
        row: Row | None,
        event: Event,
        place: int,
        gone: tuple[tuple[Event, int], ...],
    ) -> None:
        _tell(self, (version, row, event, place, gone))

    @property
    def refused(self) -> tuple[Refusal, ...]:
        """Nothing: the event was let in."""
        return ()

    @property
    def repeated(self) -> bool:
        """Whether the lesson was completed before."""
        return self._told[1] is None

    @property
    def _log(self) -> Log:
        _, row, event, place, gone = self._told
        forgotten = ((_remembered(*each), None) for each in gone)
        edits: Log = (*forgotten, (None, _remembered(event, place)))
        return edits if row is None else (*edits, row)


_tell = Outcome._told.__set__  # type: ignore[attr-defined, misc]

IGNORED = Outcome()
"""The outcome of every event that completes nothing, when it leaves nothing to remember."""

REPEATED = Outcome(repeated=True)
"""The outcome of every event for a completed lesson, when it leaves nothing to remember."""


class RefusedEvent(NamedTuple):
    """One of many events that was refused: its place among them, from 0, and every reason."""

    place: int
    refusals: tuple[Refusal, ...]


@attrs.frozen(kw_only=True, eq=False)
class Tally:
    """What many events did: each was completed, advanced, repeated, ignored or refused.

    What an event counts as does not depend on the order of arrival as far as the rules allow: a
    lock, and the report that makes a video's coverage enough, are what may differ.
    """

    completed: int
    """How many created a completed lesson."""
    advanced: int
    """How many are evidence that counts towards one, and were not enough yet."""
    repeated: int
    """How many told what was known: the completion, the `event_id` or the evidence was there."""
    refusals: tuple[RefusedEvent, ...] = attrs.field(repr=False)
    """Each refused event: its place in the input, from 0, and every reason."""
    _ignored_at: Sequence[int] = attrs.field(repr=False, alias="ignored_at")
    _version: int = attrs.field(repr=False, alias="version")
    _log: RowsAndEdits = attrs.field(repr=False, alias="log")

    def __repr__(self) -> str:
        names = ("completed", "advanced", "repeated", "ignored", "refused_events")
        return f"Tally({', '.join(f'{name}={getattr(self, name)}' for name in names)})"

    @property
    def ignored(self) -> int:
        """How many do not concern what completes their lesson."""
        return len(self._ignored_at)

    @property
    def ignored_at(self) -> tuple[int, ...]:
        """The places of the ignored events in the input, from 0. O(ignored)."""
        return tuple(self._ignored_at)

    @property
    def refused_events(self) -> int:
        """How many were refused."""
        return len(self.refusals)

    @property
    def refused(self) -> Mapping[RefusalCode, int]:
        """How often each reason was given; an event may have several. O(refused)."""
        codes = (refusal.code for each in self.refusals for refusal in each.refusals)
        counts: Mapping[Any, int] = FrozenDict(Counter(codes))
        return counts

    @property
    def events(self) -> int:
        """How many events there were."""
        counted = self.completed + self.advanced + self.repeated
        return counted + self.ignored + self.refused_events

    @property
    def changes(self) -> tuple[Change, ...]:
        """What changed, in order, for the host to persist. Made when asked for: O(changes)."""
        return numbered(self._version, list(self._log.entries()))

    def plain_changes(self) -> list[Plain]:
        """What ``to_dict()`` gives of each change, but makes no change for it. O(changes)."""
        return [*plain_changes(self._version, self._log.entries())]

    def json_changes(self) -> list[tuple[int, str]]:
        """The sequence of each change with ``json.dumps(change.to_dict())``: rows for a table.

        Makes neither records nor changes: a fifth of the time. O(changes).
        """
        return [*json_changes(self._version, self._log.entries())]
