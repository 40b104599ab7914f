"""Trackers that something happened in: what a list is asked of, and a client is tested with."""

from itertools import cycle
from typing import Any

import attrs

from coursetrack.domain.entities import Lesson
from coursetrack.testing.extra import needs_hypothesis
from coursetrack.testing.strategies.academies import Academy, academies
from coursetrack.testing.strategies.events import event_streams
from coursetrack.testing.strategies.values import instants, json_values, texts
from coursetrack.tracker import Tracker

with needs_hypothesis():
    from hypothesis import strategies as st
    from hypothesis.strategies import DrawFn, SearchStrategy

_MORE = st.sampled_from([0, 1, 3, *range(5, 14), 15, 18, 20, 25, 30])

_IMPORTED: SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        "updated_on": instants(),
        "system_id": st.none() | texts(),
        "custom_fields": st.none() | json_values(),
    },
)
"""What another system may have kept of a record."""


@st.composite
def trackers(draw: DrawFn, *, min_completed: int = 0) -> Tracker:
    """Trackers with at least `min_completed` completed lessons, and mostly some more.

    Most have five to thirty, so that pages of a few records reach a third one; some have none, and
    what shrinks becomes small. Records have instants, editors, system ids and custom fields that
    meet and repeat, and some events came afterwards.
    """
    wanted = min_completed + draw(_MORE)
    academy = _roomy(draw(academies(min_each=2 if wanted else 0)), wanted)
    tracker = Tracker()
    tracker.add_all(academy.entities)
    # A few draws that are used again and again: records meet, and drawing stays quick.
    how = draw(st.lists(st.tuples(instants(), st.none() | texts()), min_size=1, max_size=5))
    pairs = _pairs(academy, draw(st.integers(1, 7)))[:wanted]
    for (lesson_id, member_id), (at, by) in zip(pairs, cycle(how), strict=False):
        tracker.complete(lesson_id=lesson_id, member_id=member_id, at=at, by=by)
    imported = draw(st.lists(_IMPORTED, max_size=3))
    for changed, record in zip(imported, list(tracker.completed_lessons)[::2], strict=False):
        tracker.replace(attrs.evolve(record, **changed))
    if academy.members and academy.lessons:
        tracker.record_many(draw(event_streams(academy=academy, max_size=4)))
    return tracker


def _roomy(academy: Academy, wanted: int) -> Academy:
    """`academy` with as many lessons more as it takes for so many completions."""
    if not wanted:
        return academy
    course_id = academy.members[0].course_id
    members = sum(each.course_id == course_id for each in academy.members)
    first = max((each.id for each in academy.lessons), default=0) + 1
    more = tuple(
        Lesson(id=first + number, course_id=course_id, title="ab"[number % 2])
        for number in range(-(-wanted // members))
    )
    return attrs.evolve(academy, lessons=academy.lessons + more)


def _pairs(academy: Academy, stride: int) -> list[tuple[int, int]]:
    """Each lesson with each member of its course: every `stride`-th first, then the others."""
    pairs = [
        (lesson.id, member.id)
        for lesson in academy.lessons
        for member in academy.members
        if lesson.course_id == member.course_id
    ]
    return [pair for first in range(stride) for pair in pairs[first::stride]]
