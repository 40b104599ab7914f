"""A FutureLearn export: three CSV files in one folder, each plain, ``.xz`` or ``.gz``.

* ``enrolments``: ``run,member,role,enrolled_at`` (more columns are ignored)
* ``steps``: ``run,week,step``
* ``step_activity``: ``run,member,week,step,visited_at,completed_at``, one row per member and step

A run is a course, a week a section, a step a lesson, an enrolment a course member since
``enrolled_at``; ``visited_at`` is a page visit, ``completed_at`` a press of the completion button.
A member of the activity file that did not enrol keeps an id that nobody has.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from benchmarks.rows import Row, rows
from benchmarks.source import BadRow, Source, SourceError
from coursetrack.domain.entities import (
    CompletionType,
    Course,
    CourseMember,
    Coworker,
    Entity,
    Lesson,
    Section,
)
from coursetrack.domain.events import ButtonClick, Event, PageVisit

MemberIds = dict[tuple[int, int], int]

_SUFFIXES = (".csv", ".csv.xz", ".csv.gz")
_STAFF = "organisation_admin"


def read_futurelearn(
    folder: Path, completion: CompletionType, *, skip_bad_rows: bool = False
) -> Source:
    """The export in `folder`, every lesson completed in the way of `completion`.

    Bad rows of ``step_activity`` can be left out; those of the other two never are, since every
    number would be another academy's.
    """
    left_out: list[SourceError] = []
    bad = left_out.append if skip_bad_rows else None
    enrolments = list(_rows(folder, "enrolments", ("run", "member", "role", "enrolled_at")))
    steps = list(_rows(folder, "steps", ("run", "week", "step")))
    members = _member_ids(enrolments)
    return Source(
        name=folder.name,
        entities=[
            *_courses([*enrolments, *steps]),
            *_sections(steps),
            *_lessons(steps, completion),
            *_coworkers(enrolments),
            *_members(enrolments, members),
        ],
        events=list(_events(folder, members, bad)),
        left_out=left_out,
    )


def _rows(
    folder: Path, name: str, columns: tuple[str, ...], bad: BadRow | None = None
) -> Iterator[Row]:
    for suffix in _SUFFIXES:
        if (path := folder / f"{name}{suffix}").exists():
            return rows(path, columns, bad)
    wanted = " or ".join(f"{name}{suffix}" for suffix in _SUFFIXES)
    raise SourceError(folder, None, f"no {wanted} in this folder")


def _member_ids(enrolments: Iterable[Row]) -> MemberIds:
    ids: MemberIds = {}
    for row in enrolments:
        key = row.integer("run", low=1), row.integer("member", low=1)
        if ids.setdefault(key, len(ids) + 1) != len(ids):
            row.fail(f"member {key[1]} is enrolled in run {key[0]} twice")
    return ids


def _courses(named: Iterable[Row]) -> Iterator[Entity]:
    for run in sorted({row.integer("run", low=1) for row in named}):
        yield Course(id=run, title=f"Run {run}")


def _sections(steps: Iterable[Row]) -> Iterator[Entity]:
    for run, week in sorted({(row.integer("run"), row.integer("week")) for row in steps}):
        yield Section(
            id=_section_id(run, week), course_id=run, title=f"Week {week}", display_order=week
        )


def _lessons(steps: Iterable[Row], completion: CompletionType) -> Iterator[Entity]:
    seen = set()
    for row in steps:
        run, week, step = row.integer("run"), row.integer("week"), row.integer("step")
        if (id_ := _lesson_id(row)) in seen:
            row.fail(f"step {week}.{step} of run {run} is listed twice")
        seen.add(id_)
        yield Lesson(
            id=id_,
            course_id=run,
            section_id=_section_id(run, week),
            title=f"{week}.{step}",
            display_order=step,
            completion_type=completion,
        )


def _coworkers(enrolments: Iterable[Row]) -> Iterator[Entity]:
    staff = {row.integer("member"): row.text("role") == _STAFF for row in enrolments}
    for id_, is_staff in staff.items():
        teams = ("Staff",) if is_staff else ()
        yield Coworker(id=id_, full_name=f"Learner {id_}", team_names=teams)


def _members(enrolments: Iterable[Row], ids: MemberIds) -> Iterator[Entity]:
    for row, ((run, member), id_) in zip(enrolments, ids.items(), strict=True):
        yield CourseMember(
            id=id_, course_id=run, coworker_id=member, created_on=row.instant("enrolled_at")
        )


def _events(folder: Path, enrolled: MemberIds, bad: BadRow | None) -> Iterator[Event]:
    ids = dict(enrolled)
    columns = ("run", "member", "week", "step", "visited_at", "completed_at")
    for row in _rows(folder, "step_activity", columns, bad):
        try:
            yield from _events_of(row, ids)
        except SourceError as error:
            if bad is None:
                raise
            bad(error)


def _events_of(row: Row, ids: MemberIds) -> list[Event]:
    """The visit and the press that a row tells of. A row that cannot be read changes nothing."""
    key = row.integer("run", low=1), row.integer("member", low=1)
    lesson_id = _lesson_id(row)
    instants = {
        kind: row.instant(column)
        for column, kind in (("visited_at", PageVisit), ("completed_at", ButtonClick))
        if row.optional(column)
    }
    member_id = ids.setdefault(key, len(ids) + 1)
    return [kind(member_id=member_id, lesson_id=lesson_id, at=at) for kind, at in instants.items()]


def _section_id(run: int, week: int) -> int:
    return run * 1000 + week + 1


def _lesson_id(row: Row) -> int:
    return (row.integer("run", low=1) * 1000 + row.integer("week")) * 1000 + row.integer("step") + 1
