"""Events in one CSV file, in any order; the academy is made from what they name.

The file is plain, ``.gz`` or ``.xz``; cells stand between commas, semicolons or tabs. Columns, in
any order; more columns are ignored:

* ``at``: epoch seconds or milliseconds, or ISO 8601; without a zone, or with "UTC", it is UTC
* ``event``: ``visit``, ``button``, ``finish`` or ``progress``
* ``member`` and ``lesson``: any text; the same text is the same member or lesson of its course
* ``course``: any text (optional: without it there is one course)
* ``name``: the member's full name (optional: the member's text)
* ``event_id``: an id of the sender's choice; the same one again changes nothing, and with another
  content it is a bad row (optional)
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
from typing import Any

import attrs

from benchmarks.rows import Row, rows
from benchmarks.source import Source, SourceError
from coursetrack.domain.entities import (
    CompletionType,
    Course,
    CourseMember,
    Coworker,
    Entity,
    Lesson,
)
from coursetrack.domain.events import ButtonClick, Event, PageVisit, VideoFinish, VideoProgress
from coursetrack.errors import InvalidValue, nearest, shown

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
    sent: dict[str, tuple[int, Event]] = attrs.Factory(dict)

    def note(self, row: Row, kind: str, event: Event) -> None:
        """Takes what a row that could be read says."""
        course, member, lesson = _keys(row)
        self.courses.setdefault(course, len(self.courses) + 1)
        self.members.setdefault(member, event.member_id)
        self.lessons.setdefault(lesson, event.lesson_id)
        self.names[member] = row.optional("name") or member[1]
        self.since[member] = min(event.at, self.since.get(member, event.at))
        self.kinds.setdefault(lesson, set()).add(kind)
        if event.event_id is not None:
            self.sent.setdefault(event.event_id, (row.line, event))


def read_event_csv(
    path: Path, completion: CompletionType | None, *, skip_bad_rows: bool = False
) -> Source:
    """The events of the file at `path` in file order, with the academy that they name.

    Raises :class:`SourceError` for a row that cannot be read, or leaves it out and tells so.
    """
    named, events, left_out = _Named(), list[Event](), list[SourceError]()
    bad = left_out.append if skip_bad_rows else None
    for row in rows(path, ("at", "event", "member", "lesson"), bad):
        try:
            kind, event = _event(row, named)
        except SourceError as error:
            if bad is None:
                raise
            bad(error)
        else:
            named.note(row, kind, event)
            events.append(event)
    entities = list(_entities(named, completion))
    return Source(name=path.name, entities=entities, events=events, left_out=left_out)


def _keys(row: Row) -> tuple[str, Key, Key]:
    course = row.optional("course") or ""
    return course, (course, row.text("member")), (course, row.text("lesson"))


def _event(row: Row, named: _Named) -> tuple[str, Event]:
    """The row's event and the word for its kind. Notes nothing: a bad row must leave no trace."""
    kind = row.text("event").strip().lower()
    if kind not in _KINDS:
        near = nearest(kind, _KINDS)
        hint = f" (did you mean {near!r}?)" if near else ""
        row.fail(f"column 'event': expected one of {', '.join(_KINDS)}{hint}, got {kind!r}")
    _, member, lesson = _keys(row)
    common: dict[str, Any] = {
        "member_id": named.members.get(member, len(named.members) + 1),
        "lesson_id": named.lessons.get(lesson, len(named.lessons) + 1),
        "at": row.instant("at"),
        "event_id": row.optional("event_id"),
    }
    try:
        event = _stretch(row, common) if kind == "progress" else _EVENTS[kind](**common)
    except InvalidValue as error:
        row.fail(str(error))
    _require_same(row, event, named)
    return kind, event


def _stretch(row: Row, common: dict[str, Any]) -> VideoProgress:
    for column in _STRETCH:
        row.needed(column, "a 'progress' event")
    start, end, duration = map(row.seconds, _STRETCH)
    return VideoProgress(**common, start=start, end=end, duration=duration)


def _require_same(row: Row, event: Event, named: _Named) -> None:
    """An event id that is sent again must come with the same content."""
    line, first = named.sent.get(event.event_id or "", (0, event))
    if first != event:
        row.fail(
            f"event_id {shown(event.event_id)} stands in line {line} with another content; "
            "one id is one event"
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
