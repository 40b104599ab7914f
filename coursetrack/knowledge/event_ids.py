"""The events that are remembered by their `event_id`, bounded, the oldest forgotten first.

They stand in a queue in order of their places. To forget the oldest moves `first` over it, so what
a write remembers and forgets is read off the ends, and is taken back by moving them::

    known    {"b": B, "c": C}          first 1    events A B C      places 3 4 7
    known    {"c": C, "d": D}          first 2    events A B C D    places 3 4 7 8     remember D

What is forgotten leaves the queue for good before a later write, once it is a quarter of it.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterator
from itertools import islice

from coursetrack.domain.events import Event
from coursetrack.domain.facts import RememberedEvent
from coursetrack.domain.outcomes import MemoryLog
from coursetrack.domain.values import MAX_ID
from coursetrack.errors import CorruptStore, IdsExhausted
from coursetrack.knowledge.undo_log import UndoLog

_KEPT_FORGOTTEN = 64
"""So many forgotten ones may stay in the queue however short it is."""


class _Queue:
    """Events in order of their places, which ascend; those before `first` are forgotten."""

    __slots__ = ("events", "first", "places")

    def __init__(self, events: list[Event], places: "array[int]", first: int = 0) -> None:
        self.events: list[Event] = events
        self.places: array[int] = places
        self.first: int = first

    def cut(self, start: int, end: int) -> "_Queue":
        """A new queue of those between."""
        return _Queue(self.events[start:end], self.places[start:end])


Savepoint = tuple[_Queue, int, int]
"""The queue, its first and its end."""


class EventIds:
    """At most `capacity` events by id, in order of their places.

    There may be gaps between the places, where a change was taken back. The next place is the one
    after the last, 1 where there is none, so that two that remember the same go on alike.
    """

    __slots__ = ("_borrowed", "_queue", "capacity", "known")

    def __init__(self, capacity: int) -> None:
        self.capacity: int = capacity
        self.known: dict[str, Event] = {}
        """What is remembered, by id. To read only; another dict once a fork was written to."""
        self._queue = _Queue([], array("q"))
        self._borrowed = False

    def __len__(self) -> int:
        """How many there are."""
        return len(self.known)

    def __iter__(self) -> Iterator[RememberedEvent]:
        """All of them, the oldest first."""
        return self._between(self._queue.first, len(self._queue.places))

    def _between(self, start: int, end: int) -> Iterator[RememberedEvent]:
        found = self._queue.cut(start, end)
        for event, place in zip(found.events, found.places, strict=True):
            yield RememberedEvent(place=place, event=event)

    def current(self, fact: RememberedEvent) -> RememberedEvent | None:
        """What is remembered under the id of `fact`, or None.

        O(log n) where it is at the same place, as all that a tracker changes is, else O(n).
        """
        event = self.known.get(fact.event_id)
        if event is None:
            return None
        queue, at = self._queue, self._at(fact.place)
        if at is None or queue.events[at] is not event:
            held = enumerate(islice(queue.events, queue.first, None), queue.first)
            at = next(at for at, each in held if each is event)
        return RememberedEvent(place=queue.places[at], event=event)

    def event(self, event_id: str) -> Event | None:
        """The event that is remembered under this id, or None."""
        return self.known.get(event_id)

    def holds_place(self, place: int) -> bool:
        """Whether an event has this place already. O(log n)."""
        return self._at(place) is not None

    def _at(self, place: int) -> int | None:
        queue = self._queue
        at = bisect_left(queue.places, place, queue.first)
        return at if at < len(queue.places) and queue.places[at] == place else None

    def welcome(self, event: Event) -> tuple[tuple[RememberedEvent, ...], RememberedEvent | None]:
        """Which events have to go so that `event` can be remembered, and as what.

        Nobody goes and nothing is remembered at a capacity of 0. Changes nothing. IdsExhausted
        when the last place is taken.
        """
        if not self.capacity:
            return (), None
        last = self._last()
        _require_place(last + 1, event)
        first, surplus = self._queue.first, max(0, len(self.known) + 1 - self.capacity)
        gone = self._between(first, first + surplus)
        return tuple(gone), RememberedEvent(place=last + 1, event=event)

    def _last(self) -> int:
        places = self._queue.places
        return places[-1] if self._queue.first < len(places) else 0

    # -- writing, a fact at a time

    def put(
        self, undo_log: UndoLog, before: RememberedEvent | None, after: RememberedEvent | None
    ) -> None:
        """Replaces `before` by `after`; either may be None.

        O(1) at either end of the queue, O(n) between others, where no tracker puts or drops one.
        """
        self._own()
        if before is not None:
            undo_log.note(self._keep, before.place, before.event)
            self._drop(before.place, before.event)
        if after is not None:
            undo_log.note(self._drop, after.place, after.event)
            self._keep(after.place, after.event)

    def _keep(self, place: int, event: Event) -> None:
        """Makes `event` be remembered at `place`, which no other has."""
        queue, at = self._queue, self._at(place)
        del queue.events[len(queue.places) :]  # what a cut-off write left
        end = len(queue.places)
        if queue.first == end:
            self._queue = _Queue([event], array("q", (place,)))
        elif place > queue.places[-1]:
            queue.events.append(event)
            queue.places.append(place)
        elif at is None and place < queue.places[queue.first]:
            self._push(place, event)
        elif at is None:
            self._queue = queue.cut(queue.first, end)
            at = bisect_left(self._queue.places, place)
            self._insert(at, place, event)
        self.known[str(event.event_id)] = event

    def _push(self, place: int, event: Event) -> None:
        """Puts `event` before the first: the inverse of forgetting it. O(1), amortised."""
        queue = self._queue
        if not queue.first:
            room = len(queue.events) // 8 + 1
            queue = _Queue(
                [event] * room + queue.events, array("q", (0,) * room) + queue.places, room
            )
            self._queue = queue
        queue.events[queue.first - 1] = event
        queue.places[queue.first - 1] = place
        queue.first -= 1  # which is when it counts

    def _insert(self, at: int, place: int, event: Event) -> None:
        before, after = self._queue.cut(0, at), self._queue.cut(at, len(self._queue.events))
        self._queue = _Queue(
            [*before.events, event, *after.events],
            before.places + array("q", (place,)) + after.places,
        )

    def _drop(self, place: int, event: Event) -> None:
        """Makes the event at `place` be forgotten."""
        queue, at = self._queue, self._at(place)
        if at == queue.first:
            queue.first += 1
        elif at is not None and at == len(queue.places) - 1:
            del queue.places[at:]
            del queue.events[at:]
        elif at is not None:
            before, after = queue.cut(queue.first, at), queue.cut(at + 1, len(queue.places))
            self._queue = _Queue(before.events + after.events, before.places + after.places)
        self.known.pop(str(event.event_id), None)

    # -- writing after a savepoint: one with its place, or `remember` many and `number` them

    def savepoint(self) -> Savepoint:
        """What :meth:`roll_back_to` goes back to. O(1), amortised; a fork's first one is O(n)."""
        if self._borrowed:
            self._own()
        queue = self._queue
        first, end = queue.first, len(queue.places)
        if len(queue.events) > end:  # what a cut-off write left
            del queue.events[end:]
        if (first > _KEPT_FORGOTTEN and 4 * first > end) or first == end > 0:
            queue = self._queue = queue.cut(first, end)
            first, end = 0, end - first
        return queue, first, end

    def remember_one(
        self, event: Event, event_id: str, queue: _Queue
    ) -> tuple[int, tuple[tuple[Event, int], ...]]:
        """Remembers an event whose id is not known: its place, and who went for it, and whence.

        O(1). `queue` is the savepoint's. What remembering and `number` do, in half the time.
        """
        events, places, known = queue.events, queue.places, self.known
        place = places[-1] + 1 if places else 1
        if place > MAX_ID:
            _require_place(place, event)
        events.append(event)
        places.append(place)
        known[event_id] = event
        surplus = len(known) - self.capacity
        if surplus <= 0:
            return place, ()
        first = queue.first
        if surplus == 1:
            oldest = events[first]
            queue.first = first + 1
            del known[oldest.event_id]  # type: ignore[arg-type]
            return place, ((oldest, places[first]),)
        end = first + surplus  # a snapshot held more than its own bound
        self.forget_surplus()
        return place, tuple(zip(events[first:end], places[first:end], strict=True))

    def remember(self, event: Event) -> None:
        """Remembers one of many events, whose id is not known; its place comes later. O(1)."""
        self._queue.events.append(event)
        self.known[event.event_id] = event  # type: ignore[index]
        self.forget_surplus()

    def forget_surplus(self) -> None:
        """Forgets the oldest until there are no more than the capacity. O(forgotten)."""
        known, queue = self.known, self._queue
        events, capacity = queue.events, self.capacity
        while len(known) > capacity:
            first = queue.first
            queue.first = first + 1
            del known[events[first].event_id]  # type: ignore[arg-type]

    def number(self, savepoint: Savepoint) -> MemoryLog:
        """Gives those that came since `savepoint` their places, and tells what happened."""
        queue, first, end = savepoint
        events, places = queue.events, queue.places
        begin = 1 + (places[-1] if end else 0)
        last = begin + len(events) - end - 1
        if last > MAX_ID:
            _require_place(last, events[end + MAX_ID + 1 - begin])
        places.extend(range(begin, last + 1))
        return MemoryLog(
            came=events[end:],
            came_from=begin,
            went=events[first : queue.first],
            went_at=places[first : queue.first],
            room=self.capacity - (end - first),
        )

    def roll_back_to(self, savepoint: Savepoint) -> None:
        """Takes back what was remembered and forgotten since `savepoint`. May be called again.

        ::

            first 1 end 3     events A B C      known B C        saved
            first 3           events A B C D    known D          D came, B and C went
            first 1           events A B C      known B C        after
        """
        queue, first, end = savepoint
        events, known = queue.events, self.known
        for event in events[end:]:
            known.pop(str(event.event_id), None)
        for event in events[first : min(queue.first, end)]:
            known[str(event.event_id)] = event
        del queue.places[end:]
        del events[end:]
        queue.first = first  # last: until then a second attempt finds all that went

    # -- forks, proofs

    def fork(self) -> "EventIds":
        """The same events, independent. O(1); the next write to either side copies what it has."""
        other = EventIds(self.capacity)
        self._borrowed = other._borrowed = True
        other.known, other._queue = self.known, self._queue
        return other

    def _own(self) -> None:
        if self._borrowed:
            queue = self._queue
            self.known = self.known.copy()
            self._queue = queue.cut(queue.first, len(queue.places))
            self._borrowed = False  # last: cut off before, both are copied again

    def check(self) -> None:
        """Proves that ids and places agree."""
        queue = self._queue
        events, places = queue.events[queue.first :], queue.places[queue.first :]
        if [*places] != sorted({*places}) or len(events) != len(places):
            raise CorruptStore("the places of the remembered events do not ascend")
        if self.known != {event.event_id: event for event in events} or len(events) != len(self):
            raise CorruptStore("the queue of the remembered events is not what is known")


def _require_place(place: int, event: Event) -> None:
    if place > MAX_ID:
        raise IdsExhausted("the next place would be past 2**63 - 1", value=event)
