"""The entities by id, what refers to what, and the outline of each course.

The entity tables says which references exist and which ids are taken; it is changed through a
:class:`~coursetrack.knowledge.undo_log.UndoLog` only. Completed lessons are not part of it.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, TypeVar

import attrs

from coursetrack.domain.entities import Course, CourseMember, Coworker, Lesson, Section
from coursetrack.domain.facts import described
from coursetrack.domain.outline import Outline, outline
from coursetrack.errors import (
    CorruptStore,
    CoursetrackError,
    DuplicateId,
    MissingReference,
    StillReferenced,
)
from coursetrack.knowledge.undo_log import UndoLog

Listed = Course | Section | Lesson | Coworker | CourseMember
ListedT = TypeVar("ListedT", Course, Section, Lesson, Coworker, CourseMember)

REFERENCES: Mapping[type[Listed], Mapping[str, type[Listed]]] = MappingProxyType(
    {
        Course: {},
        Coworker: {},
        Section: {"course_id": Course},
        Lesson: {"course_id": Course, "section_id": Section},
        CourseMember: {"course_id": Course, "coworker_id": Coworker},
    }
)
"""Which fields of an entity hold the id of which other kind. Kinds stand after those they name."""

_WITH_UNIQUE_ID = (Coworker, Lesson, CourseMember)
OF_OUTLINES = (Course, Section, Lesson)
"""The kinds that the outline of a course is made of."""

Referrers = dict[int, set[int]]
"""The id of an entity -> the ids of those that refer to it in one field."""


class EntityTables:
    """Courses, sections, lessons, coworkers and members, coherent at all times."""

    __slots__ = ("_borrowed", "_outlines", "_owned", "_referrers", "_tables", "_unique")

    def __init__(self) -> None:
        self._tables: dict[type[Listed], dict[int, Any]] = {kind: {} for kind in REFERENCES}
        self._unique: dict[type[Listed], dict[str, int]] = {kind: {} for kind in _WITH_UNIQUE_ID}
        self._referrers: dict[tuple[type[Listed], str], Referrers] = {
            (kind, field): {} for kind, fields in REFERENCES.items() for field in fields
        }
        self._borrowed: set[type[Listed]] = set()  # kinds whose tables are another's too
        # Of which ids the sets of referrers are ours alone; None where all are, as with no fork.
        self._owned: dict[tuple[type[Listed], str], set[int] | None] = dict.fromkeys(
            self._referrers
        )
        self._outlines: dict[int, Outline] = {}

    # -- reading

    def table(self, kind: type[ListedT]) -> Mapping[int, ListedT]:
        """All entities of `kind` by id, live. To read only."""
        return self._tables[kind]

    def get(self, kind: type[Listed], id_: int) -> Listed | None:
        """The entity of `kind` with this id, or None."""
        found: Listed | None = self._tables[kind].get(id_)
        return found

    def ids(self, kind: type[Listed], field: str, id_: int) -> frozenset[int]:
        """The ids of the entities of `kind` whose `field` is `id_`. O(their number)."""
        return frozenset(self._referrers[kind, field].get(id_, ()))

    def of_course(self, kind: type[ListedT], course_id: int) -> tuple[ListedT, ...]:
        """The entities of `kind` that belong to a course, by id. O(n log n) in their number."""
        table = self.table(kind)
        return tuple(table[id_] for id_ in sorted(self.ids(kind, "course_id", course_id)))

    def outline(self, course_id: int) -> Outline:
        """The outline of a course that exists; made once and kept until the course changes."""
        found = self._outlines.get(course_id)
        if found is None:
            found = outline(
                self._tables[Course][course_id],
                self.of_course(Section, course_id),
                self.of_course(Lesson, course_id),
            )
            self._outlines[course_id] = found
        return found

    def __iter__(self) -> Iterator[Listed]:
        """All entities, each after those that it refers to, by id within a kind."""
        for table in self._tables.values():
            for id_ in sorted(table):
                yield table[id_]

    # -- judging

    def require_coherent(self, before: Listed | None, after: Listed | None) -> None:
        """Raises the named error that stands against this change; changes nothing."""
        if after is None:
            if before is not None:
                self._require_unreferenced(before)
            return
        self._require_references(after)
        self._require_free_unique_id(after)
        if isinstance(before, Section) and isinstance(after, Section):
            self._require_movable(before, after)

    def _require_references(self, entity: Listed) -> None:
        for field, kind in REFERENCES[type(entity)].items():
            id_ = getattr(entity, field)
            if id_ is not None and id_ not in self._tables[kind]:
                raise MissingReference(
                    f"{described(entity)}: {field} is {id_}, and there is no such "
                    f"{kind.__name__}; add it first",
                    value=entity,
                )
        if isinstance(entity, Lesson) and entity.section_id is not None:
            self._require_same_course(entity, self._tables[Section][entity.section_id])

    def _require_same_course(self, lesson: Lesson, section: Section) -> None:
        if lesson.course_id != section.course_id:
            raise MissingReference(
                f"{described(lesson)}: course {lesson.course_id} has no section {section.id}; "
                f"that one is of course {section.course_id}",
                value=lesson,
            )

    def _require_free_unique_id(self, entity: Listed) -> None:
        if not isinstance(entity, _WITH_UNIQUE_ID):
            return
        holder = self._unique[type(entity)].get(entity.unique_id, entity.id)
        if holder != entity.id:
            raise DuplicateId(
                f"{described(entity)}: unique_id {entity.unique_id} is that of id {holder}",
                value=entity,
            )

    def _require_unreferenced(self, entity: Listed) -> None:
        for (kind, field), referrers in self._referrers.items():
            if REFERENCES[kind][field] is type(entity) and referrers.get(entity.id):
                ids = referrers[entity.id]
                raise StillReferenced(
                    f"{described(entity)} cannot go: it is the {field} of {len(ids)} "
                    f"{kind.__name__}{'s' * (len(ids) > 1)}, the first with id {min(ids)}",
                    value=entity,
                )

    def _require_movable(self, before: Section, after: Section) -> None:
        held = self._referrers[Lesson, "section_id"].get(after.id)
        if held and before.course_id != after.course_id:
            raise StillReferenced(
                f"{described(after)} cannot move to course {after.course_id}: it holds "
                f"{len(held)} lessons of course {before.course_id}",
                value=after,
            )

    # -- writing

    def put(self, undo_log: UndoLog, before: Listed | None, after: Listed | None) -> None:
        """Replaces `before` by `after`; either may be None. O(1)."""
        for entity in (before, after):
            if entity is not None:
                self._own(type(entity))
                self._forget_outline(undo_log, entity)
        if before is not None:
            self._take_out(undo_log, before)
        if after is not None:
            self._put_in(undo_log, after)
        elif before is not None:
            self._forget_referrers(undo_log, before)

    def _put_in(self, undo_log: UndoLog, entity: Listed) -> None:
        kind = type(entity)
        undo_log.put(self._tables[kind], entity.id, entity)
        if isinstance(entity, _WITH_UNIQUE_ID):
            undo_log.put(self._unique[kind], entity.unique_id, entity.id)
        for field in REFERENCES[kind]:
            id_ = getattr(entity, field)
            if id_ is not None:
                undo_log.include(self._group(undo_log, kind, field, id_), entity.id)

    def _take_out(self, undo_log: UndoLog, entity: Listed) -> None:
        kind = type(entity)
        undo_log.drop(self._tables[kind], entity.id)
        if isinstance(entity, _WITH_UNIQUE_ID):
            undo_log.drop(self._unique[kind], entity.unique_id)
        for field in REFERENCES[kind]:
            id_ = getattr(entity, field)
            if id_ is not None:
                undo_log.exclude(self._group(undo_log, kind, field, id_), entity.id)

    def _forget_referrers(self, undo_log: UndoLog, entity: Listed) -> None:
        """Drops the sets of those that referred to what is gone, which are empty by now."""
        for (kind, field), referrers in self._referrers.items():
            if REFERENCES[kind][field] is type(entity) and entity.id in referrers:
                self._own(kind)
                undo_log.drop(self._referrers[kind, field], entity.id)

    def _group(self, undo_log: UndoLog, kind: type[Listed], field: str, id_: int) -> set[int]:
        """The referrers of one entity, to be changed."""
        referrers, owned = self._referrers[kind, field], self._owned[kind, field]
        if id_ not in referrers:
            undo_log.put(referrers, id_, set())
        elif owned is None or id_ in owned:
            return referrers[id_]
        else:
            undo_log.put(referrers, id_, set(referrers[id_]))
        if owned is not None:
            undo_log.include(owned, id_)
        return referrers[id_]

    def _forget_outline(self, undo_log: UndoLog, entity: Listed) -> None:
        if isinstance(entity, OF_OUTLINES):
            course_id = entity.id if isinstance(entity, Course) else entity.course_id
            # Forgotten again by an undo: nothing may be kept from a state that was rolled back.
            undo_log.call(self._outlines.pop, (course_id, None), course_id, None)

    def fork(self) -> "EntityTables":
        """Independent entity tables with the same entities. O(courses).

        The first change of a kind on either side copies the tables of that kind, by copies in C,
        and the first change of a set of referrers that set.
        """
        other = EntityTables()
        for side in (self, other):
            side._owned = {field: set() for field in self._referrers}
            side._borrowed = set(self._tables)
        other._tables, other._unique = self._tables.copy(), self._unique.copy()
        other._referrers, other._outlines = self._referrers.copy(), self._outlines.copy()
        return other

    def _own(self, kind: type[Listed]) -> None:
        """Copies the tables of one kind if they are another's too. O(its entities)."""
        if kind in self._borrowed:
            self._tables[kind] = self._tables[kind].copy()
            if kind in self._unique:
                self._unique[kind] = self._unique[kind].copy()
            for field in REFERENCES[kind]:
                self._referrers[kind, field] = self._referrers[kind, field].copy()
            self._borrowed.discard(kind)  # last: cut off before, all are copied again

    # -- proving

    def check(self) -> None:
        """Proves that references, unique ids and outlines agree with the entities."""
        fresh, undo_log = EntityTables(), UndoLog()
        for entity in self:
            try:
                fresh.require_coherent(None, entity)
            except CoursetrackError as error:
                raise CorruptStore(f"the entities are not coherent: {error}") from error
            fresh.put(undo_log, None, entity)
        if self._tables != fresh._tables or self._unique != fresh._unique:
            raise CorruptStore("the entities by id, or by unique id, disagree with the entities")
        for field, referrers in self._referrers.items():
            if {id_: group for id_, group in referrers.items() if group} != {
                id_: group for id_, group in fresh._referrers[field].items() if group
            }:
                raise CorruptStore(f"the references by {field[1]} disagree with the entities")
        for course_id, kept in self._outlines.items():
            known = course_id in self._tables[Course]
            if not known or not _is_all_the_same(kept, fresh.outline(course_id)):
                raise CorruptStore(f"the outline kept for course {course_id} is stale")


def _is_all_the_same(one: Outline, other: Outline) -> bool:
    """Whether two outlines agree in all that they hold, also in what is worked out."""
    names = [each.name for each in attrs.fields(Outline)]
    return all(getattr(one, name) == getattr(other, name) for name in names)
