"""The events that are remembered by their `event_id`, bounded, the oldest forgotten first."""

from collections.abc import Iterable, Iterator

from coursetrack.domain.events import Event
from coursetrack.domain.facts import RememberedEvent
from coursetrack.domain.values import MAX_ID
from coursetrack.errors import CorruptStore, IdsExhausted
from coursetrack.knowledge.undo_log import UndoLog


class EventIds:
    """At most `capacity` events by id, in order of their places.

    The first and the last place are kept, 0 while there is none; there may be gaps between them,
    where a change was taken back. The next place is the one after the last, so that two that
    remember the same go on alike.
    """

    __slots__ = ("_by_id", "_first", "_ids", "_last", "capacity")

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self._by_id: dict[str, RememberedEvent] = {}
        self._ids: dict[int, str] = {}
        self._first = self._last = 0

    def __len__(self) -> int:
        """How many there are."""
        return len(self._by_id)

    def __iter__(self) -> Iterator[RememberedEvent]:
        """All of them, the oldest first. O(n log n)."""
        for place in sorted(self._ids):
            yield self._by_id[self._ids[place]]

    def get(self, event_id: str) -> RememberedEvent | None:
        """What is remembered under this id, or None."""
        return self._by_id.get(event_id)

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
        if self._last >= MAX_ID:
            raise IdsExhausted("the next place would be past 2**63 - 1", value=event)
        surplus = len(self._by_id) + 1 - self.capacity
        return tuple(self._oldest(surplus)), RememberedEvent(place=self._last + 1, event=event)

    def _oldest(self, count: int) -> Iterator[RememberedEvent]:
        places: Iterable[int] = ()
        if count == 1:
            places = (self._first,)
        elif count > 1:  # a snapshot held more than its own bound
            places = sorted(self._ids)[:count]
        for place in places:
            yield self._by_id[self._ids[place]]

    def put(
        self, undo_log: UndoLog, before: RememberedEvent | None, after: RememberedEvent | None
    ) -> None:
        """Replaces `before` by `after`; either may be None. O(1) but for gaps beside `before`."""
        if before is not None:
            undo_log.drop(self._by_id, before.event_id)
            undo_log.drop(self._ids, before.place)
            if before.place == self._first:
                undo_log.assign(self, "_first", self._held_beside(before.place, 1))
            if before.place == self._last:
                undo_log.assign(self, "_last", self._held_beside(before.place, -1))
        if after is not None:
            undo_log.put(self._by_id, after.event_id, after)
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

    def fork(self) -> "EventIds":
        """The same events, independent. O(n), by copies in C."""
        other = EventIds(self.capacity)
        other._by_id, other._ids = self._by_id.copy(), self._ids.copy()
        other._first, other._last = self._first, self._last
        return other

    def check(self) -> None:
        """Proves that ids and places agree."""
        told = {event.place: event_id for event_id, event in self._by_id.items()}
        if told != self._ids:
            raise CorruptStore("the places of the remembered events disagree with the events")
        if (self._first, self._last) != (min(told, default=0), max(told, default=0)):
            raise CorruptStore("the first or last place of the remembered events is another's")
