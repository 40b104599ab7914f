r'''Testing a service of your own with what coursetrack itself is tested with.

Needs the extra ``testing``, which brings hypothesis.

## In one line

`check_tracker` does to whatever your function makes what it does to the naive model, in any order,
and compares after each step:

```python
from hypothesis import settings

from coursetrack import Tracker
from coursetrack.testing.machine import SIZE, Feature, check_tracker

class Service(Tracker):
    """Yours, or an adapter with the methods that it calls."""

def test_my_service():
    mine = frozenset({Feature.EVENTS, Feature.BY_HAND, Feature.QUERIES})
    check_tracker(Service, features=mine, settings=settings(SIZE, max_examples=3))
```

`features` says what your service has; :class:`Feature` lists the methods that each asks for. Leave
`settings` out for the usual size: that takes half a minute or so, and finds at least 29 of 30 small bugs that are planted in
coursetrack one at a time, such as a tie broken the other way or a gap in what was watched.

## What a failure says

Which field of which record differs, and the shortest run that was found, as a program that runs
below a `make_tracker` of your own. Of a service that keeps who wrote a record first it says

    the completed lessons: record 1 (lesson 99, member 7): updated_by
         got: 'admin'
    expected: None

    after these calls, the shortest run found:

and then

```python
make_tracker = Tracker  # yours

from datetime import UTC, datetime
from coursetrack import Course, CourseMember, Coworker, Lesson
tracker = make_tracker()
tracker.add_all([
    Course(id=1, title='a'),
    Lesson(id=2, course_id=1, title='a'),
    Coworker(id=1, full_name='a'),
    CourseMember(id=7, course_id=1, coworker_id=1, created_on=datetime(2025, 1, 1, tzinfo=UTC)),
    Lesson(id=99, course_id=1, title='a'),
])
tracker.complete(lesson_id=2, member_id=7, at=datetime(2025, 1, 1, tzinfo=UTC), by='admin')
tracker.update_completed(id=1, at=datetime(2025, 1, 3, tzinfo=UTC), by=None, lesson_id=99)
```

It comes within seconds mostly, and within a minute: shortening is bounded by a count of tries, and
hypothesis' own, which may take five minutes, only helps where the calls alone do not bring the
failure back.

## A service that comes back after a stop

For all the rest, make the machine your own. Here for a service that keeps lines of JSON:

```python
import json

from coursetrack import Change
from coursetrack.testing import Model
from coursetrack.testing.machine import TrackerMachine

class Lines:
    """Keeps each change as a line of JSON; all else is its tracker's."""

    def __init__(self, lines=()):
        self.lines, self.tracker = list(lines), Tracker(remember_events=3)
        self.tracker.replay(Change.from_dict(json.loads(line)) for line in self.lines)

    def __getattr__(self, name):
        found = getattr(self.tracker, name)
        return self.keeping(found) if callable(found) else found

    def keeping(self, call):
        def kept(*given, **named):
            answer = call(*given, **named)
            changes = getattr(answer, "changes", ())
            self.lines += [json.dumps(change.to_dict()) for change in changes]
            return answer

        return kept

class LinesMachine(TrackerMachine):
    features = TrackerMachine.features - {Feature.FORKS, Feature.REPLAY}

    def make_tracker(self):
        return Lines()

    def make_model(self):
        return Model(remember_events=3)  # as many event ids as the service remembers

    def restart(self, service):
        return Lines(service.lines)

TestLines = LinesMachine.TestCase
```

## Strategies

`coursetrack.testing.strategies` makes academies, events, trackers and queries for tests of your own.
Every type works with ``st.from_type``. A tracker has mostly five to thirty completions, so that a
client's third page is reached; `min_completed` asks for more, and queries aim at what is there:

```python
from hypothesis import given
from hypothesis import strategies as st

from coursetrack.testing import strategies

@settings(max_examples=3)
@given(data=st.data())
def test_pages_joined_are_the_list(data):
    tracker = data.draw(strategies.trackers(min_completed=10))
    query = data.draw(strategies.queries(tracker=tracker))
    page = tracker.completed_lessons.find(query)
    assert page.total_items <= len(tracker.completed_lessons)
```
'''
