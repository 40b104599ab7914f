"""The events that are remembered by their `event_id`, bounded, the oldest forgotten first."""

from collections.abc import Callable, Iterable, Iterator

from coursetrack.domain.events import Event
from coursetrack.domain.facts import RememberedEvent
from coursetrack.domain.outcomes import CAME, WENT, Memory, MemoryLog
from coursetrack.domain.values import MAX_ID
from coursetrack.errors import CorruptStore, IdsExhausted
from coursetrack.knowledge.undo_log import UndoLog


class EventIds:
    """At most `capacity` events by id, in order of their places.

    The first and the last place are kept, 0 while there is none; there may be gaps between them,
    where a change was taken back. The next place is the one after the last, so that two that
    remember the same go on alike.
    """

    __slots__ = ("_events", "_first", "_ids", "_last", "_places", "capacity")

    def __init__(self, capacity: int) -> None:
        self.capacity: int = capacity
        self._events: dict[str, Event] = {}
        self._places: dict[str, int] = {}
        self._ids: dict[int, str] = {}
        self._first = self._last = 0

    def __len__(self) -> int:
        """How many there are."""
        return len(self._events)

    def __iter__(self) -> Iterator[RememberedEvent]:
        """All of them, the oldest first. O(n log n)."""
        for place in sorted(self._ids):
            yield self._at(place)

    def _at(self, place: int) -> RememberedEvent:
        return RememberedEvent(place=place, event=self._events[self._ids[place]])

    def get(self, event_id: str) -> RememberedEvent | None:
        """What is remembered under this id, or None."""
        event = self._events.get(event_id)
        return None if event is None else RememberedEvent(place=self._places[event_id], event=event)

    def event(self, event_id: str) -> Event | None:
        """The event that is remembered under this id, or None."""
        return self._events.get(event_id)

    def holds_place(self, place: int) -> bool:
        """Whether an event has this place already."""
        return place in self._ids

    def welcome(self, event: Event) -> tuple[tuple[RememberedEvent, ...], RememberedEvent | None]:
        """Which events have to go so that `event` can be remembered, and as what.

        Nobody goes and nothing is remembered at a capacity of 0. Changes nothing. IdsExhausted
        when the last place is taken.
        """
        if not self.capacity:
            return (), None
        self._require_place(event)
        surplus = len(self._events) + 1 - self.capacity
        return tuple(self._oldest(surplus)), RememberedEvent(place=self._last + 1, event=event)

    def _require_place(self, event: Event) -> None:
        if self._last >= MAX_ID:
            raise IdsExhausted("the next place would be past 2**63 - 1", value=event)

    def _oldest(self, count: int) -> Iterator[RememberedEvent]:
        places: Iterable[int] = ()
        if count == 1:
            places = (self._first,)
        elif count > 1:  # a snapshot held more than its own bound
            places = sorted(self._ids)[:count]
        for place in places:
            yield self._at(place)

    def put(
        self, undo_log: UndoLog, before: RememberedEvent | None, after: RememberedEvent | None
    ) -> None:
        """Replaces `before` by `after`; either may be None. O(1) but for gaps beside `before`."""
        if before is not None:
            undo_log.drop(self._events, before.event_id)
            undo_log.drop(self._places, before.event_id)
            undo_log.drop(self._ids, before.place)
            if before.place == self._first:
                undo_log.assign(self, "_first", self._held_beside(before.place, 1))
            if before.place == self._last:
                undo_log.assign(self, "_last", self._held_beside(before.place, -1))
        if after is not None:
            undo_log.put(self._events, after.event_id, after.event)
            undo_log.put(self._places, after.event_id, after.place)
            undo_log.put(self._ids, after.place, after.event_id)
            if not 0 < self._first < after.place:
                undo_log.assign(self, "_first", after.place)
            if after.place > self._last:
                undo_log.assign(self, "_last", after.place)

    def _held_beside(self, place: int, step: int) -> int:
        """The nearest place held that way from an end's `place`. O(gap), at most O(n)."""
        near = range(place + step, place + step * (len(self._ids) + 1), step)
        found = next((each for each in near if each in self._ids), None)
        return (min if step > 0 else max)(self._ids, default=0) if found is None else found

    # -- many in one call: what `welcome` and `put` do, ten times faster

    def remember(self, event: Event, memory: MemoryLog, log: Callable[[Memory], object]) -> int:
        """Remembers an event whose id is not known, and forgets the oldest for it.

        Returns how many changes that are. Each is noted in `memory` and `log` before it is made.
        """
        if not self.capacity:
            return 0
        place, event_id, changes = self._last + 1, event.event_id or "", 1
        if place > MAX_ID:
            self._require_place(event)
        events, places, ids = self._events, self._places, self._ids
        while len(events) >= self.capacity:
            first = self._first
            oldest = ids[first]
            memory.went.append(events[oldest])
            memory.went_at.append(first)
            log(WENT)
            del events[oldest], places[oldest], ids[first]
            self._first = first + 1 if first + 1 in ids else self._held_beside(first, 1)
            changes += 1
        memory.came.append(event)
        memory.came_at.append(place)
        log(CAME)
        events[event_id] = event
        places[event_id] = place
        ids[place] = event_id
        self._last = place
        if not self._first:
            self._first = place
        return changes

    def savepoint(self) -> tuple[int, int]:
        """What :meth:`roll_back_to` goes back to: the first and the last place."""
        return self._first, self._last

    def roll_back_to(self, savepoint: tuple[int, int], memory: MemoryLog) -> None:
        """Takes back what was remembered and forgotten since `savepoint`. May be called again.

        What `memory` notes may have been made or not, and be taken back already::

            mark 3 to 7     3 went, 8 came, 4 went, 9 came, 8 went    3 and 4 are back; 8 and 9 go
        """
        for event, place in memory.that_came():
            self._events.pop(str(event.event_id), None)
            self._places.pop(str(event.event_id), None)
            self._ids.pop(place, None)
        for event, place in memory.that_went():
            if place <= savepoint[1]:
                event_id = str(event.event_id)
                self._events[event_id], self._places[event_id] = event, place
                self._ids[place] = event_id
        self._first, self._last = savepoint

    def fork(self) -> "EventIds":
        """The same events, independent. O(n), by copies in C."""
        other = EventIds(self.capacity)
        other._events, other._places = self._events.copy(), self._places.copy()
        other._ids = self._ids.copy()
        other._first, other._last = self._first, self._last
        return other

    def check(self) -> None:
        """Proves that ids and places agree."""
        told = {place: event_id for event_id, place in self._places.items()}
        named = all(event.event_id == event_id for event_id, event in self._events.items())
        if told != self._ids or self._places.keys() != self._events.keys() or not named:
            raise CorruptStore("the places of the remembered events disagree with the events")
        if (self._first, self._last) != (min(told, default=0), max(told, default=0)):
            raise CorruptStore("the first or last place of the remembered events is another's")
