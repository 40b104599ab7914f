r'''Bringing in what another system already knows: entities and completions, with their own ids.

What was completed before coursetrack came is imported, and not worked out again: the rules judge
events, and an imported record stands whatever they say. Records keep their ids, unique ids and
times, and the next one that coursetrack makes gets an id above all of them.

## A table of completions

Here from CSV; rows of a database are the same, with other names. `add_all` takes all or nothing.
Where something is wrong it says **everything** that is wrong, with its place in what was handed
over, so that one look at the file is enough:

```python
import csv
import io
from datetime import UTC, datetime

from coursetrack import (
    CompletedLesson, Course, CourseMember, Coworker, ImportProblems, Lesson, Tracker,
)

file = io.StringIO("""\
id,unique_id,lesson,member,completed,by
5,a1b2c3d4-e5f6-7890-abcd-ef1234567890,10,7,2024-03-01T10:00:00Z,admin@example.com
6,,11,7,2024-03-02T10:00:00Z,
""")

def completion(row):
    return CompletedLesson(
        id=int(row["id"]),
        unique_id=row["unique_id"],  # an empty one is derived from the id
        lesson_id=int(row["lesson"]),
        member_id=int(row["member"]),
        created_on=datetime.fromisoformat(row["completed"]),
        updated_by=row["by"] or None,
    )

start = datetime(2024, 1, 1, tzinfo=UTC)
tracker = Tracker()
tracker.add_all([  # what is referred to comes first
    Course(id=1, title="Onboarding"),
    Lesson(id=10, course_id=1, title="Welcome"),
    Coworker(id=100, full_name="Ada Lovelace"),
    CourseMember(id=7, course_id=1, coworker_id=100, created_on=start),
])
rows = [completion(row) for row in csv.DictReader(file)]
try:
    tracker.add_all(rows)
except ImportProblems as problems:
    for problem in problems.problems:
        print(f"row {problem.place + 2}: {problem.error}")  # the header is row 1
assert len(tracker.completed_lessons) == 0  # nothing of it was added

tracker.add(Lesson(id=11, course_id=1, title="Tools"))
changes = tracker.add_all(rows).changes  # for the host to keep
assert [record.id for record in tracker.completed_lessons] == [5, 6]
assert tracker.completed_lessons.get(5).unique_id.startswith("a1b2c3d4")
```

```text
row 3: completed lesson 6: there is no Lesson 11
```

A row that cannot even be made into an entity (a date without a zone, an id of 0) raises
``InvalidValue`` where it is made, naming the field and what was expected. To collect those, too,
make the rows in a loop of your own and keep each error with its line.

## A log of events

Where the other system kept events, replay them instead: the rules then say what was completed, and
when. Hand them over in the order of time, with the sender's `event_id` if there is one, so that the
same file twice changes nothing:

```python
from coursetrack import PageVisit

events = [
    PageVisit(member_id=7, lesson_id=10, at=datetime(2024, 3, 1, 10, tzinfo=UTC), event_id="a"),
    PageVisit(member_id=8, lesson_id=10, at=datetime(2024, 3, 1, 11, tzinfo=UTC), event_id="b"),
]
fresh = Tracker()
fresh.add_all(tracker.entities())
tally = fresh.record_many(events)
assert (tally.completed, tally.refused_events) == (1, 1)
assert {str(code): count for code, count in tally.refused.items()} == {"unknown_member": 1}
```

``python -m benchmarks.replay FILE.csv`` does this for a file, and says which rows it cannot read.
'''
