"""The events of many learners: one member after the other, or all in order of time."""

from collections.abc import Generator, Iterable, Iterator, Mapping
from datetime import datetime
from heapq import heapify, heappop, heapreplace

from coursetrack.domain.events import Event
from coursetrack.domain.outcomes import Outcome
from coursetrack.domain.values import as_optional_instant
from coursetrack.errors import InvalidValue
from coursetrack.simulation.announcements import Announcement
from coursetrack.simulation.behaviours import Behaviour, Events, StepByStep
from coursetrack.simulation.default import DEFAULT_HABITS
from coursetrack.simulation.draws import Draws
from coursetrack.simulation.habits import Habits
from coursetrack.simulation.outlines import Courses, History, Opens

Histories = Mapping[int, History]


def lives(
    entities: Iterable[object],
    *,
    habits: Habits = DEFAULT_HABITS,
    opens: Opens = None,
    seed: int = 0,
    replication: int = 0,
    behaviour: Behaviour | None = None,
    announcements: Iterable[Announcement] = (),
    histories: Histories | None = None,
) -> Iterator[tuple[int, Events]]:
    """Each member's id with the generator of what that member does, as members come."""
    behaves = StepByStep() if behaviour is None else behaviour
    draws = Draws(seed, replication)
    known = {} if histories is None else histories
    for member, outline in Courses(habits, opens, announcements).members(entities):
        learner = outline.learner(member, habits, known.get(member.id))
        yield member.id, behaves(learner, outline, habits, draws)


def by_member(
    entities: Iterable[object],
    *,
    habits: Habits = DEFAULT_HABITS,
    opens: Opens = None,
    seed: int = 0,
    replication: int = 0,
    behaviour: Behaviour | None = None,
    announcements: Iterable[Announcement] = (),
    histories: Histories | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Generator[Event, Outcome | None, None]:
    """The events of one member after the other, each member's in order of time, lazily.

    `entities` are courses with their sections and lessons, then members: any iterable, a tracker's
    ``entities()`` or a generator of a million. Memory is O(lessons), whatever the number of
    members. From `since` (included) to `until` (excluded). ``send`` it the outcome of each event
    and learners react to refusals; without, they take it that there are none.
    """
    first, end = as_optional_instant("since", since), as_optional_instant("until", until)
    for _, life in lives(
        entities,
        habits=habits,
        opens=opens,
        seed=seed,
        replication=replication,
        behaviour=behaviour,
        announcements=announcements,
        histories=histories,
    ):
        if first is None and end is None:
            yield from life
        else:
            yield from _between(life, first, end)


def _between(life: Events, first: datetime | None, end: datetime | None) -> Events:
    outcome = None
    while True:
        try:
            event = life.send(outcome)
        except StopIteration:
            return
        if end is not None and event.at >= end:
            return
        # What came before is lived through as if nothing had been refused.
        outcome = None if first is not None and event.at < first else (yield event)


def in_order(
    entities: Iterable[object],
    *,
    habits: Habits = DEFAULT_HABITS,
    opens: Opens = None,
    seed: int = 0,
    replication: int = 0,
    behaviour: Behaviour | None = None,
    announcements: Iterable[Announcement] = (),
    histories: Histories | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Generator[Event, Outcome | None, None]:
    """The same events in order of time; those of one instant by member id.

    All members are begun before the first event, so memory is O(members): some 2 KB each.
    """
    first, end = as_optional_instant("since", since), as_optional_instant("until", until)
    begun = lives(
        entities,
        habits=habits,
        opens=opens,
        seed=seed,
        replication=replication,
        behaviour=behaviour,
        announcements=announcements,
        histories=histories,
    )
    return merged(begun, first, end)


def merged(
    begun: Iterable[tuple[int, Events]], first: datetime | None = None, end: datetime | None = None
) -> Generator[Event, Outcome | None, None]:
    """The events of many lives in order of time; O(log members) each."""
    heap: list[tuple[datetime, int, Event, Events]] = []
    for member_id, life in begun:
        event = next(life, None)
        if event is not None:
            heap.append((event.at, member_id, event, life))
    heapify(heap)
    while heap:
        at, member_id, event, life = heap[0]
        if end is not None and at >= end:
            return
        outcome = None if first is not None and at < first else (yield event)
        try:
            event = life.send(outcome)
        except StopIteration:
            heappop(heap)
            continue
        if event.at < at:
            expected = f"events in order of time from a behaviour, none before {at.isoformat()}"
            raise InvalidValue.of("behaviour", event, expected)
        heapreplace(heap, (event.at, member_id, event, life))
