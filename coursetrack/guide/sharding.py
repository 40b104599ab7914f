r"""When one machine is not enough: the same values on an engine that you have already.

Everything that an event can change belongs to one member. So members are what is moved, and the
catalogue (courses, sections, lessons), which is small, goes everywhere. `coursetrack.sharding` has
the functions; the network, the processes and their recovery are the engine's. First ask whether you
need it: one process records some hundred thousand events a second and answers from millions of
completions in a fraction of a millisecond.

```python
from datetime import UTC, datetime, timedelta

from coursetrack import Course, CourseMember, Coworker, Lesson, PageVisit, Tracker

start = datetime(2025, 1, 1, tzinfo=UTC)
catalogue = [Course(id=1, title="Onboarding"),
             *(Lesson(id=id_, course_id=1, title=f"Lesson {id_}") for id_ in range(1, 6))]
people = [each for id_ in range(1, 41) for each in (
    Coworker(id=id_, full_name=f"Learner {id_:02}"),
    CourseMember(id=id_, course_id=1, coworker_id=id_, created_on=start))]

# Ids that depend on the member alone: the same under any number of shards.
empty = Tracker(ids="by_member")
empty.add_all([*catalogue, *people])
events = [PageVisit(member_id=member, lesson_id=lesson, at=start + timedelta(hours=lesson))
          for lesson in range(1, 6) for member in range(1, 41) if member % lesson == 0]
one = empty.fork()
one.record_many(events)
```

## A stream keyed by member

For Spark (`transformWithStateInPandas`), Bytewax (`stateful_map`), Flink and their like: the engine
keeps a small state for each member, some hundred bytes, and its own checkpoint carries that over a
restart. Events travel as tuples. Here a dict is the engine:

```python
from coursetrack import event_from_plain
from coursetrack.sharding import Outlines, step

outlines = Outlines(catalogue)      # picklable: once to every worker
members = {each.id: each for each in people if isinstance(each, CourseMember)}
states, out = {}, []

for plain in [event.to_plain() for event in events]:
    member = members[plain[1]]
    states[member.id], outcome = step(
        outlines, member, states.get(member.id), event_from_plain(plain))
    if outcome.completed is not None:
        out.append(outcome.completed)

assert sorted(out, key=lambda record: record.id) == list(one.completed_lessons)
```

Key the state by member and not by shard: an engine that goes on after a crash may hand out again
what came after its last checkpoint, and a state per shard then emits rows twice. Changes of a
member go into that member's partition of the log, changes of a course into every partition; sent
beside the log, they would meet other events when it is read again. `states_of(snapshot)` takes a
tracker apart into such states.

What staff complete, move or delete by hand goes into the member's partition as well, and is a step
too. In place of a record's id it names the lesson, which a member completes once; a record that
moves is taken out and put back, here or in another member's state:

```python
import attrs

from coursetrack.sharding import add_by_hand, complete_by_hand, delete_by_hand

learner, by_hand = members[7], one.fork()
state, outcome = complete_by_hand(outlines, learner, states[7], lesson_id=5, at=start, by="Bea")
moved = attrs.evolve(outcome.completed, lesson_id=3, updated_by="Cy")
state = delete_by_hand(state, lesson_id=5)
state = add_by_hand(outlines, learner, state, moved)

by_hand.complete(lesson_id=5, member_id=7, at=start, by="Bea")
by_hand.update_completed(id=moved.id, lesson_id=3, at=start, by="Cy")
assert by_hand.completed_lessons.get_pair(3, 7) == moved
```

## Trackers in actors, which serve the list

For Ray and Dask. An actor that is restarted starts empty, so the host keeps the last snapshot of
each shard and the events since:

```python
from coursetrack import CompletedLessonQuery
from coursetrack.sharding import Shards, merge, shard_of, split

class Shard:                        # ray.remote(Shard), or client.submit(Shard, …, actor=True)
    def __init__(self, snapshot):
        self.tracker = Tracker.restore(snapshot)

    def record(self, events):       # columns of plain tuples: no event is made
        return self.tracker.record_columns(*zip(*events)).completed

    def snapshot(self):
        return self.tracker.snapshot()

    def answer(self, query, ask):
        return self.tracker.completed_lessons.answer(query, ask)

kept = split(empty.snapshot(), 3)
actors = [Shard(snapshot) for snapshot in kept]
log = [[] for _ in actors]
for event in events:
    log[shard_of(event.member_id, 3)].append(event.to_plain())

half = [len(part) // 2 for part in log]
for actor, part, offset in zip(actors, log, half):
    actor.record(part[:offset])
kept = [actor.snapshot() for actor in actors]           # with `half`, enough to come back
actors[0] = Shard(kept[0])                              # this one was lost
for actor, part, offset in zip(actors, log, half):
    actor.record(part[offset:])

shards = Shards([actor.answer for actor in actors])     # an Endpoint can stand in front of it
query = CompletedLessonQuery(order_by="CourseMemberCoworkerFullName", direction=-1, page=2, size=10)
assert shards.find(query) == one.completed_lessons.find(query)
```

`Shards` asks one shard after the other. To ask them at once, drive a `Search` yourself: it says what
to ask, `ray.get` or `client.gather` brings the replies, and it never waits for anything itself. A
first page takes one round, the deepest at most five over a thousand shards that hold 10**9 records.
A shard that is gone is `MissingShard`, never a page without it; one that was written to between the
rounds makes the search start again.

## Other numbers of shards

Split and merge snapshots in any order and number; ids and all else stay as they are:

```python
parts = [actor.snapshot() for actor in actors]
pieces = [split(part, 5) for part in parts]             # each shard by itself, …
five = [merge(each) for each in zip(*pieces)]           # … and each target from its pieces
assert Tracker.restore(merge(five)) == Tracker.restore(merge(parts)) == one
```

An entity that differs between two shards, or an id that both hold, is a `MergeConflict` that names
it. Give ids by member where shards are written to: in order, two would give the same ids.

## A simulation in blocks

What a simulated member does depends on the seed and the member, so blocks agree without talking:

```python
from coursetrack.simulation import Study

def lived(snapshot):                # a task of any engine
    return Study(Tracker.restore(snapshot), seed=1).run().snapshot()

blocks = split(empty.snapshot(), 4)
assert Tracker.restore(merge(map(lived, blocks))) == Study(empty, seed=1).run()
```

The whole of this runs on Dask, Bytewax, Ray and Spark, each losing a process on the way, with
`python -m benchmarks.engines`; the glue for each is one file in `benchmarks/engines`.
"""
