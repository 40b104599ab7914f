"""Events that come as columns: recorded without making an event of those that need none.

Making an event costs more than recording it. So the plain kinds are settled from the columns
alone, by integers, and only what has to be judged becomes an event. The loop is that of
:class:`~coursetrack.recording.Bulk` written out twice more, over local tables whose instants are
microseconds: once in full, and once for the usual case, in two thirds of the time, where all are of
the kind that completes their lessons and nobody enrolled or waits later. A property holds all of
them against each other.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import count
from types import MappingProxyType
from typing import Any

import attrs

from coursetrack.domain.entities import CourseMember
from coursetrack.domain.events import Event
from coursetrack.domain.evidence import Added
from coursetrack.domain.outcomes import Memory, MetSince, Tally
from coursetrack.domain.plain_events import (
    FIRST_INSTANT,
    LAST_INSTANT,
    event_from_plain,
    kind_of,
)
from coursetrack.domain.rows import Edit
from coursetrack.domain.values import as_iterable, instant, microseconds
from coursetrack.errors import InvalidValue
from coursetrack.knowledge.completions import MASK, MemberState
from coursetrack.knowledge.fast_path import PLAIN_KINDS, ToBeJudged
from coursetrack.knowledge.state import State
from coursetrack.listing.table import CompletingColumns, picked
from coursetrack.recording import Bulk, all_or_none, completing

_PLAIN: Mapping[str, Callable[..., Event]] = MappingProxyType(
    {kind.__name__: kind for kind in PLAIN_KINDS}
)
_MICROSECOND = timedelta(microseconds=1)
_PAYS_OFF = 1  # events for each member, from which on looking at all members does
_JUDGED_ELSEWHERE = -3  # the course of a lesson that no integer settles: no member's home

_Entry = int | Event | MetSince | Edit | Added | Memory


@attrs.frozen
class EventColumns:
    """Events as columns of one length: what ``event.to_plain()`` gives, value by value.

    `event_ids` and `bodies` (what the kind has besides, as a tuple) may be left out.
    """

    kinds: tuple[str, ...]
    member_ids: tuple[int, ...]
    lesson_ids: tuple[int, ...]
    instants: tuple[int, ...]
    event_ids: tuple[str | None, ...] | None = None
    bodies: tuple[Sequence[Any], ...] | None = None
    kind: str | None = None
    """The kind of all, if they have one."""

    @classmethod
    def of(cls, kinds: Iterable[str] | str, **columns: Iterable[Any] | None) -> "EventColumns":
        """The columns, copied; one text for `kinds` is the kind of all."""
        taken: dict[str, Any] = {
            name: None if column is None else tuple(as_iterable(name, column))
            for name, column in columns.items()
        }
        length = len(taken["member_ids"] or ())
        one = kinds if isinstance(kinds, str) else None
        taken["kinds"] = tuple(kinds) if one is None else (one,) * length
        for name, column in taken.items():
            if column is not None and len(column) != length:
                raise InvalidValue.of(name, len(column), f"{length} values, as many as member_ids")
        if one is None:
            _require("kinds", taken["kinds"], str, "the name of a kind of event")
        distinct: set[str] = set(taken["kinds"]) if one is None else {one}
        for kind in distinct:
            kind_of(kind)
        for name in ("member_ids", "lesson_ids", "instants"):
            _require(name, taken[name], int, "an integer")
        _require_instants(taken["instants"])
        return cls(**taken, kind=distinct.pop() if len(distinct) == 1 else None)

    def event(self, place: int) -> Event:
        """The event at a place."""
        own = () if self.bodies is None else self.bodies[place]
        event_id = None if self.event_ids is None else self.event_ids[place]
        return event_from_plain(
            (
                self.kinds[place],
                self.member_ids[place],
                self.lesson_ids[place],
                self.instants[place],
                *((event_id, *own) if own or event_id is not None else ()),
            )
        )

    def events(self) -> list[Event]:
        """All events. O(events)."""
        nothing: Sequence[Any] = (None,) * len(self.kinds)
        told = zip(
            self.kinds,
            self.member_ids,
            self.lesson_ids,
            self.instants,
            self.event_ids or nothing,
            self.bodies or nothing,
            strict=True,
        )
        return [
            self.event(place)
            if own or kind not in _PLAIN
            else _PLAIN[kind](
                member_id=member_id, lesson_id=lesson_id, at=instant(at), event_id=event_id
            )
            for place, (kind, member_id, lesson_id, at, event_id, own) in enumerate(told)
        ]

    def settled_kinds(self) -> Sequence[str | None]:
        """The kinds, None where there is more than who, what and when: that has to be judged."""
        kinds: Sequence[str | None] = self.kinds
        for column in (self.event_ids, self.bodies):
            if column is not None:
                told = zip(kinds, column, strict=True)
                kinds = [None if more or more == "" else kind for kind, more in told]
        return kinds

    def judged_instants(self, recorded_at: datetime | None) -> Sequence[int]:
        """The instants at which locks are asked: none is after `recorded_at`."""
        if recorded_at is None:
            return self.instants
        latest = microseconds(recorded_at)
        return [at if at <= latest else latest for at in self.instants]

    def met(self, place: int) -> MetSince:
        """What the event at a place completed."""
        at = instant(self.instants[place])
        return MetSince(self.lesson_ids[place], self.member_ids[place], at)


def _require(name: str, column: Sequence[Any], kind: type, expected: str) -> None:
    # One pass in C over a good column; only a bad one is walked to tell where it is bad.
    if column and set(map(type, column)) != {kind}:
        place = next(place for place, each in enumerate(column) if type(each) is not kind)
        raise InvalidValue.of(f"{name}[{place}]", column[place], expected)


def _require_instants(instants: Sequence[int]) -> None:
    if instants and not FIRST_INSTANT <= min(instants) <= max(instants) <= LAST_INSTANT:
        place, at = next(
            (place, at)
            for place, at in enumerate(instants)
            if not FIRST_INSTANT <= at <= LAST_INSTANT
        )
        expected = "microseconds since 1970, within the years 1 to 9999"
        raise InvalidValue.of(f"instants[{place}]", at, expected)


class _Log:
    """What was done, in order; a place in the columns stands for what its event completed."""

    __slots__ = ("_columns", "entries", "is_plain")

    def __init__(self, columns: EventColumns) -> None:
        self._columns = columns
        self.entries: list[Any] = []
        self.is_plain = True
        """Whether there are places only, as nearly always."""

    def __len__(self) -> int:
        return len(self.entries)

    def append(self, entry: Event | MetSince | Edit | Added | Memory) -> None:
        self.is_plain = False
        self.entries.append(entry)

    def __iter__(self) -> Iterator[Event | MetSince | Edit | Added | Memory]:
        for entry in self.entries:
            yield self._columns.met(entry) if isinstance(entry, int) else entry


class _Done(dict[int, int | None]):
    """Member id -> mask, for the members of one course; None for whom integers do not settle."""

    __slots__ = ("_course_id", "_member_states", "since")

    def __init__(self, state: State, course_id: int) -> None:
        super().__init__()
        self._course_id = course_id
        self._member_states: Mapping[int, MemberState] = state.completions.member_states
        self.since: dict[int, int] = {}
        """When they enrolled, in microseconds."""

    def __missing__(self, member_id: int) -> int | None:
        home, since, mask = self._member_states[member_id]
        if home != self._course_id:
            return None  # and not kept: nobody knows how many strangers there are
        self.since[member_id] = microseconds(since)
        self[member_id] = mask
        return int(mask)

    def give_back(self, member_id: int) -> None:
        """Writes one member's mask back, and forgets it here."""
        mask = self.pop(member_id, None)
        if mask is not None:
            self._member_states[member_id][MASK] = mask

    def give_all_back(self) -> None:
        """Writes every mask back."""
        for member_id, mask in self.items():
            self._member_states[member_id][MASK] = mask


_Rule = tuple[_Done, int, str, int, int, int | None]
"""Who of the course completed what; since when all of them may learn; trigger, bit, need, wait."""


class _Rules(dict[int, _Rule]):
    """Lesson id -> its compiled rule, in names and microseconds, beside who is in the course."""

    __slots__ = ("_latest_of", "_state", "done_of")

    def __init__(self, state: State, events: int) -> None:
        super().__init__()
        self._state = state
        self.done_of: dict[int, _Done] = {}
        self._latest_of: dict[int, int] = {}
        # Knowing when everybody of a course had enrolled pays off where there is much to do.
        if events >= _PAYS_OFF * len(state.entity_tables.table(CourseMember)):
            everybody = state.completions.member_states.everybody()
            self._latest_of = _latest_enrolments(everybody.values())

    def __missing__(self, lesson_id: int) -> _Rule:
        course_id, trigger, bit, need, wait = self._state.compiled[lesson_id]
        if trigger is ToBeJudged:
            course_id = _JUDGED_ELSEWHERE
        rule = self[lesson_id] = (
            self._done(course_id),
            self._latest_of.get(course_id, LAST_INSTANT + 1),
            "" if trigger is None else trigger.__name__,
            bit,
            need,
            None if wait is None else wait // _MICROSECOND,
        )
        return rule

    def of_one_kind(
        self, kind: str, lesson_ids: Iterable[int], earliest: int
    ) -> dict[int, tuple[_Done, int, int]] | None:
        """Who of the lessons' courses completed what, the lessons' bits and the bits needed.

        None unless events of this kind complete all of them, whenever they come from `earliest` on.
        """
        found = {}
        for lesson_id in lesson_ids:
            done, all_since, trigger, bit, need, wait = self[lesson_id]
            if trigger != kind or wait is not None or earliest < all_since:
                return None
            found[lesson_id] = done, bit, need
        return found

    def _done(self, course_id: int) -> _Done:
        if course_id not in self.done_of:
            self.done_of[course_id] = _Done(self._state, course_id)
        return self.done_of[course_id]

    def give_back(self, member_id: int) -> None:
        """Writes one member's mask back, and forgets it here."""
        home, _, _ = self._state.completions.member_states[member_id]
        if home in self.done_of:
            self.done_of[home].give_back(member_id)


def _latest_enrolments(states: Iterable[MemberState]) -> dict[int, int]:
    """For each course since when, in microseconds, all its members may learn. O(members)."""
    latest: dict[int, datetime] = {}
    for home, since, _ in states:
        if since > latest.get(home, since) or home not in latest:
            latest[home] = since
    return {course_id: microseconds(since) for course_id, since in latest.items()}


class ColumnBulk(Bulk):
    """Columns of events on their way into a state."""

    __slots__ = ("_bulk_log", "_columns")

    def __init__(self, state: State, columns: EventColumns, recorded_at: datetime | None) -> None:
        self._columns = columns
        self._bulk_log = _Log(columns)
        super().__init__(state, recorded_at, self._bulk_log)

    def _completing(self) -> CompletingColumns:
        columns, entries = self._columns, self._bulk_log.entries
        if self._bulk_log.is_plain:  # three passes in C
            return CompletingColumns(
                picked(columns.lesson_ids, entries),
                picked(columns.member_ids, entries),
                picked(columns.instants, entries),
            )
        met = completing(self._bulk_log)
        return CompletingColumns(
            [each.lesson_id for each in met],
            [each.member_id for each in met],
            [microseconds(each.at) for each in met],
        )

    def record_columns(self, kinds: Sequence[str | None]) -> None:
        """Takes the events in order; `kinds` are the columns' settled ones."""
        columns = self._columns
        rules = _Rules(self._state, len(columns.member_ids))
        instants = columns.judged_instants(self._recorded_at)
        quick = None
        if columns.kind is not None and kinds is columns.kinds:
            earliest = min(instants, default=0)
            quick = rules.of_one_kind(columns.kind, set(columns.lesson_ids), earliest)
        if quick is None:
            self._record_any(rules, kinds, instants)
        else:
            self._record_one_kind(rules, quick)
        for done in rules.done_of.values():
            done.give_all_back()

    def _record_one_kind(self, rules: _Rules, quick: dict[int, tuple[_Done, int, int]]) -> None:
        """Takes events that complete their lesson whenever nothing that it needs is missing."""
        columns, complete, repeated = self._columns, self._bulk_log.entries.append, 0
        told = zip(count(), columns.member_ids, columns.lesson_ids, strict=False)
        for place, member_id, lesson_id in told:
            done, bit, need = quick[lesson_id]
            mask = done[member_id]
            if mask is not None:
                if mask & bit:
                    repeated += 1
                    continue
                if mask & need == need:
                    complete(place)
                    done[member_id] = mask | bit
                    continue
            rules.give_back(member_id)
            self._judged(place, columns.event(place))
        self._counts.repeated += repeated

    def _record_any(
        self, rules: _Rules, kinds: Sequence[str | None], instants: Sequence[int]
    ) -> None:
        """Takes events of any kinds."""
        columns, plain, repeated = self._columns, _PLAIN, 0
        complete, ignore = self._bulk_log.entries.append, self._counts.ignored_at.append
        told = zip(count(), kinds, columns.member_ids, columns.lesson_ids, instants)
        for place, kind, member_id, lesson_id, at in told:
            done, all_since, trigger, bit, need, wait = rules[lesson_id]
            mask = done[member_id]
            if mask is not None and (at >= all_since or at >= done.since[member_id]):
                if mask & bit:
                    if kind == trigger:
                        repeated += 1
                        continue
                    if kind in plain:
                        ignore(place)
                        continue
                elif (not need or mask & need == need) and (
                    wait is None or at - done.since[member_id] >= wait
                ):
                    if kind == trigger:
                        complete(place)
                        done[member_id] = mask | bit
                        continue
                    if kind in plain:
                        ignore(place)
                        continue
            rules.give_back(member_id)
            self._judged(place, columns.event(place))
        self._counts.repeated += repeated


def record_columns(state: State, columns: EventColumns, recorded_at: datetime | None) -> Tally:
    """What the events of `columns` did: all of them or, where one raises, none."""
    kinds = columns.settled_kinds()
    if kinds is not columns.kinds and 2 * kinds.count(None) > len(kinds):
        # Most have an id or a body, and have to be made: then all are, for the loop over events.
        events, bulk = columns.events(), Bulk(state, recorded_at)
        return all_or_none(state, bulk, lambda: bulk.record(events))
    of_columns = ColumnBulk(state, columns, recorded_at)
    return all_or_none(state, of_columns, lambda: of_columns.record_columns(kinds))
