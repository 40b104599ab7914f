r'''Taking things out: tables for pandas and polars, a nightly export, a webhook, a dashboard.

All of it reads. Run it under the host's lock or on a fork: ``tracker.fork()`` costs little, and
what happens afterwards does not show in it.

## The academy of the examples

```python
from datetime import UTC, datetime, timedelta

from coursetrack import Course, CourseMember, Coworker, Lesson, PageVisit, Tracker, UnlockType

start = datetime(2025, 1, 1, tzinfo=UTC)
tracker = Tracker()
changes = [*tracker.add_all([
    Course(id=1, title="Onboarding"),
    Lesson(id=10, course_id=1, title="Welcome", display_order=1),
    Lesson(id=11, course_id=1, title="Tools", display_order=2, unlock_type=UnlockType.SEQUENTIAL),
    Coworker(id=100, full_name="Ada Lovelace", company_name="Engines"),
    Coworker(id=101, full_name="Grace Hopper"),
    CourseMember(id=7, course_id=1, coworker_id=100, created_on=start),
    CourseMember(id=8, course_id=1, coworker_id=101, created_on=start),
]).changes]
for lesson_id in (10, 11):
    at = start + timedelta(days=lesson_id)
    visit = PageVisit(member_id=7, lesson_id=lesson_id, at=at)
    changes += tracker.record(visit).changes
```

## Tables

``completed_lessons.columns(query)`` is a dict of plain columns, with the names as they are now. It
makes no records, and both libraries take it as it is; `counts` answers what is counted most often:

```python
import pandas
import polars

from coursetrack import CompletedLessonQuery

table = pandas.DataFrame(tracker.completed_lessons.columns())
assert list(table["lesson_title"]) == ["Welcome", "Tools"]
by_company = table.groupby("company_name")["id"].count()
assert by_company["Engines"] == 2

since = CompletedLessonQuery(created_from=start + timedelta(days=11))
frame = polars.DataFrame(tracker.completed_lessons.columns(since))
assert frame.select("full_name", "lesson_title").rows() == [("Ada Lovelace", "Tools")]

assert tracker.counts(by=("lesson_id",)) == {(10,): 1, (11,): 1}
```

## A nightly export

What changed since the last night, by `updated_on`. With `recorded_at` handed to `record`, an event
that comes late has the instant at which it came, so none is missed:

```python
import csv
import io

def export(tracker, since, until, file):
    """Writes the completions that were made or changed from `since` on and before `until`."""
    last = until - timedelta(microseconds=1)  # the ends of a range belong to it
    query = CompletedLessonQuery(updated_from=since, updated_to=last, order_by="UpdatedOn")
    columns = tracker.completed_lessons.columns(query)
    names = ("id", "full_name", "lesson_title", "created_on", "updated_on")
    writer = csv.writer(file)
    writer.writerow(names)
    writer.writerows(zip(*(columns[name] for name in names), strict=True))

file = io.StringIO()
export(tracker, start, start + timedelta(days=12), file)
assert len(file.getvalue().splitlines()) == 3
```

## A webhook

Whoever wants to hear of completions is told from the changes that are kept, and not from within a
request: so nothing is told that was not kept, and nothing is forgotten when a call fails. A job
looks for what came since the number that it told last:

```python
from coursetrack import CompletedLesson

def news(changes, told):
    """The completions after the change `told`, each with the number to go on from."""
    for change in changes:
        made = isinstance(change.after, CompletedLesson) and change.before is None
        if change.sequence > told and made:
            yield change.sequence, change.after

sent = [(number, record.lesson_id) for number, record in news(changes, told=0)]
assert sent == [(8, 10), (9, 11)]  # the same number twice is the same news
assert [record.lesson_id for _, record in news(changes, told=8)] == [11]
```

With the academy of :mod:`coursetrack.guide.embedding` they are the rows of `changes` with a higher
`sequence`; keep `told` beside them, and compact only what was told.

## A dashboard

Members by lessons, and who is stuck where. `open_lessons` says what each member could do next, and
what would open the rest:

```python
def dashboard(tracker, course_id, at):
    """For each member: the name, how far, when last, and what comes next."""
    titles = {each.id: each.title for each in tracker.lessons(course_id=course_id)}
    for progress in tracker.course_progress(course_id=course_id):
        member = tracker.member(progress.member_id)
        name = tracker.coworker(member.coworker_id).full_name
        done = [lesson_id in progress.completed_lesson_ids for lesson_id in titles]
        last = progress.last_completed.created_on if progress.last_completed else member.created_on
        open_now = tracker.open_lessons(member_id=member.id, at=at).open_lesson_ids
        todo = [titles[x] for x in open_now if x not in progress.completed_lesson_ids]
        yield name, done, (at - last).days, todo

for row in dashboard(tracker, 1, start + timedelta(days=30)):
    print(*row)
```

```text
Ada Lovelace [True, True] 19 []
Grace Hopper [False, False] 30 ['Welcome']
```
'''
