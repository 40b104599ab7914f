"""Events in one CSV file (plain or ``.xz``), in any order; the academy is made from what they name.

Columns, in any order; more columns are ignored:

* ``at``: epoch seconds, or ISO 8601; without a zone it is UTC
* ``event``: ``visit``, ``button``, ``finish`` or ``progress``
* ``member`` and ``lesson``: any text; the same text is the same member or lesson of its course
* ``course``: any text (optional: without it there is one course)
* ``name``: the member's full name (optional: the member's text)
* ``event_id``: an id of the sender's choice; the same one again changes nothing (optional)
* ``start``, ``end``, ``duration``: the watched stretch in seconds (``progress`` needs them)

A member is enrolled since its own earliest event, and a lesson completes in the way of
`completion`; where that is not given, as its events suggest: VIDEO if any is ``finish`` or
``progress``, else BUTTON if any is ``button``, else VISITED. A video that reports ``progress`` and
never ``finish`` completes at nine tenths watched.
"""

from collections.abc import Iterator
from datetime import datetime
from fractions import Fraction
from pathlib import Path

import attrs

from benchmarks.rows import Row, rows
from benchmarks.source import Source
from coursetrack.domain.entities import (
    CompletionType,
    Course,
    CourseMember,
    Coworker,
    Entity,
    Lesson,
)
from coursetrack.domain.events import ButtonClick, Event, PageVisit, VideoFinish, VideoProgress
from coursetrack.errors import InvalidValue, nearest

_EVENTS: dict[str, type[PageVisit | ButtonClick | VideoFinish]] = {
    "visit": PageVisit,
    "button": ButtonClick,
    "finish": VideoFinish,
}
_KINDS = (*_EVENTS, "progress")
_STRETCH = ("start", "end", "duration")
_WATCHED = Fraction(9, 10)

Key = tuple[str, str]
"""The course's text, and the member's or lesson's."""


@attrs.define
class _Named:
    """What the rows named so far, each text with the id it was given: 1, 2, 3 as they came."""

    courses: dict[str, int] = attrs.Factory(dict)
    lessons: dict[Key, int] = attrs.Factory(dict)
    members: dict[Key, int] = attrs.Factory(dict)
    names: dict[Key, str] = attrs.Factory(dict)
    since: dict[Key, datetime] = attrs.Factory(dict)
    kinds: dict[Key, set[str]] = attrs.Factory(dict)


def read_event_csv(path: Path, completion: CompletionType | None) -> Source:
    """The events of the file at `path` in file order, with the academy that they name."""
    named = _Named()
    events = [_event(row, named) for row in rows(path, ("at", "event", "member", "lesson"))]
    return Source(name=path.name, entities=list(_entities(named, completion)), events=events)


def _event(row: Row, named: _Named) -> Event:
    kind = row.text("event").strip().lower()
    if kind not in _KINDS:
        near = nearest(kind, _KINDS)
        hint = f" (did you mean {near!r}?)" if near else ""
        row.fail(f"column 'event': expected one of {', '.join(_KINDS)}, got {kind!r}{hint}")
    member_id, lesson_id, at = _note(row, kind, named)
    event_id = row.optional("event_id")
    if kind != "progress":
        return _EVENTS[kind](member_id=member_id, lesson_id=lesson_id, at=at, event_id=event_id)
    for column in _STRETCH:
        if not row.optional(column):
            row.fail(f"a 'progress' event needs the column {column!r}")
    start, end, duration = map(row.seconds, _STRETCH)
    try:
        return VideoProgress(
            member_id=member_id,
            lesson_id=lesson_id,
            at=at,
            event_id=event_id,
            start=start,
            end=end,
            duration=duration,
        )
    except InvalidValue as error:
        row.fail(str(error))


def _note(row: Row, kind: str, named: _Named) -> tuple[int, int, datetime]:
    course = row.optional("course") or ""
    member, lesson = (course, row.text("member")), (course, row.text("lesson"))
    at = row.instant("at")
    named.courses.setdefault(course, len(named.courses) + 1)
    named.names[member] = row.optional("name") or member[1]
    named.since[member] = min(at, named.since.get(member, at))
    named.kinds.setdefault(lesson, set()).add(kind)
    return (
        named.members.setdefault(member, len(named.members) + 1),
        named.lessons.setdefault(lesson, len(named.lessons) + 1),
        at,
    )


def _entities(named: _Named, completion: CompletionType | None) -> Iterator[Entity]:
    for course, id_ in named.courses.items():
        yield Course(id=id_, title=course or "All events")
    for (course, lesson), id_ in named.lessons.items():
        kinds = named.kinds[course, lesson]
        is_watched = "progress" in kinds and "finish" not in kinds and completion is None
        yield Lesson(
            id=id_,
            course_id=named.courses[course],
            title=lesson,
            display_order=id_,
            completion_type=completion or _suggested(kinds),
            video_coverage=_WATCHED if is_watched else None,
        )
    for (course, member), id_ in named.members.items():
        yield Coworker(id=id_, full_name=named.names[course, member])
        yield CourseMember(
            id=id_,
            course_id=named.courses[course],
            coworker_id=id_,
            created_on=named.since[course, member],
        )


def _suggested(kinds: set[str]) -> CompletionType:
    if kinds & {"finish", "progress"}:
        return CompletionType.VIDEO
    return CompletionType.BUTTON if "button" in kinds else CompletionType.VISITED
