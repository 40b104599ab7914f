"""Beyond one machine: values and functions that an existing engine can carry.

Everything that an event can change belongs to one member; so members are the unit that is moved,
and the catalogue (courses, sections, lessons), which is small, goes everywhere. Nothing here knows
a network, a process or a thread: the engine has those.

A snapshot as several, and as one again; members hash to slots, slots belong to shards:

>>> from coursetrack import CompletedLessonQuery, Course, CourseMember, Coworker, Lesson
>>> from coursetrack import PageVisit, Tracker
>>> from datetime import UTC, datetime
>>> start = datetime(2025, 1, 1, tzinfo=UTC)
>>> tracker = Tracker()
>>> _ = tracker.add_all([
...     Course(id=1, title="Onboarding"),
...     Lesson(id=10, course_id=1, title="Welcome"),
...     *(Coworker(id=id, full_name=name) for id, name in enumerate(["Ada", "Bea", "Cy"], 1)),
...     *(CourseMember(id=id, course_id=1, coworker_id=id, created_on=start) for id in (1, 2, 3)),
... ])
>>> _ = tracker.record_many(PageVisit(member_id=id, lesson_id=10, at=start) for id in (3, 1, 2))
>>> parts = split(tracker.snapshot(), shards=2)
>>> [part["completed_lessons"]["member_id"] for part in parts]
[[1, 2], [3]]
>>> merge(parts) == tracker.snapshot()
True

A keyed stream keeps one member's state and hands it in with each event:

>>> outlines = Outlines(tracker.entities())
>>> state, outcome = step(outlines, tracker.member(1), None, PageVisit(
...     member_id=1, lesson_id=10, at=start))
>>> state, outcome.completed.id
((1, 1, (10,), (), ()), 4194305)

What staff complete or delete by hand is a step as well:

>>> same, _ = complete_by_hand(outlines, tracker.member(1), None, lesson_id=10, at=start, by="Bea")
>>> same == state
True
>>> delete_by_hand(state, lesson_id=10)
(1, 1, (), (), ())

An exact list over shards, as one store would answer it. In one process:

>>> shards = Shards([Tracker.restore(part) for part in parts])
>>> query = CompletedLessonQuery(order_by="CourseMemberCoworkerFullName", direction=-1, size=2)
>>> page = shards.find(query)
>>> [shards.joined(record).full_name for record in page.records], page.total_items
(['Cy', 'Bea'], 3)

Over a network a :class:`Search` says what to ask and is sent what came back; each shard answers
with ``tracker.completed_lessons.answer(query, ask)``:

>>> far_away = {name: Tracker.restore(part) for name, part in zip("ab", parts)}
>>> search = Search(query, far_away)
>>> asks = next(search)
>>> try:
...     while True:
...         asks = search.send({
...             name: far_away[name].completed_lessons.answer(query, ask)
...             for name, ask in asks.items()
...         })
... except StopIteration as done:
...     page, names = done.value
>>> [each.full_name for each in names], search.rounds
(['Cy', 'Bea'], 1)
"""

from coursetrack.listing.asks import Ask, Reply
from coursetrack.sharding.by_hand import add_by_hand, complete_by_hand, delete_by_hand
from coursetrack.sharding.keyed import Outlines, StepOutcome, states_of, step
from coursetrack.sharding.partition import merge, split
from coursetrack.sharding.search import FoundPage, Search
from coursetrack.sharding.shards import Shards
from coursetrack.sharding.slots import SLOTS, shard_of, slot_of

__all__ = [
    "SLOTS",
    "Ask",
    "FoundPage",
    "Outlines",
    "Reply",
    "Search",
    "Shards",
    "StepOutcome",
    "add_by_hand",
    "complete_by_hand",
    "delete_by_hand",
    "merge",
    "shard_of",
    "slot_of",
    "split",
    "states_of",
    "step",
]
