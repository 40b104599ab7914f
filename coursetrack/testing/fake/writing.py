"""The body of a create or an update on a sibling list: read, or every problem at once.

Keys compare in any case. What the entity has no place for is kept as it is, so that a client finds
again what it wrote. What the service works out itself (names, times, ``IsNew``) is not looked at:
clients send whole records back.
"""

from datetime import datetime
from typing import Any

import attrs

from coursetrack.domain.entities import Lesson, Section
from coursetrack.domain.values import MAX_ID, as_json
from coursetrack.endpoint.bodies import read_pairs
from coursetrack.endpoint.instants import read_instant
from coursetrack.endpoint.problems import problem
from coursetrack.errors import InvalidRequest, InvalidValue, MissingEntity, Problem
from coursetrack.testing.fake.fields import Field, Scene, Sibling
from coursetrack.testing.fake.kinds import INSTANT, TEAMS


@attrs.frozen
class Writing:
    """What a body says: the entity that it makes or leaves behind, and what else it wrote."""

    entity: Any
    kept: dict[str, Any]


def read_creation(
    body: object, sibling: Sibling, scene: Scene, *, new_id: int, at: datetime
) -> Writing:
    """The entity that `body` asks for. A member whose body does not say is enrolled at `at`.

    Raises :class:`InvalidRequest` with all problems.
    """
    reading = _Reading(sibling, scene, current=None, at=at)
    reading.read(body)
    reading.require_all()
    reading.raise_problems()
    usual = {"created_on": at} if "created_on" in reading.required else {}
    return Writing(sibling.type(id=new_id, **{**usual, **reading.given}), reading.kept)


def read_update(body: object, sibling: Sibling, scene: Scene, *, at: datetime) -> Writing:
    """The entity that the ``Id`` in `body` names, with what `body` names changed.

    Raises :class:`InvalidRequest` with all problems, and MissingEntity where there is none.
    """
    ids = [value for name, value in read_pairs(body) if name.lower() == "id"]
    if not ids or ids[0] is None:
        raise InvalidRequest([problem("Id", "is a required field")])
    id_ = ids[0]
    if not isinstance(id_, int) or isinstance(id_, bool) or not 0 < id_ <= MAX_ID:
        raise InvalidRequest([problem("Id", "expected an id, a whole number from 1", id_)])
    current = scene.linked(sibling.type, id_)
    if current is None:
        raise MissingEntity(f"there is no {sibling.entity} {id_}", value=id_)
    reading = _Reading(sibling, scene, current=current, at=at)
    reading.read(body)
    reading.raise_problems()
    return Writing(attrs.evolve(current, **reading.given), reading.kept)


class _Reading:
    """A body being read: what is given, by attribute; what is kept, by name; what is wrong."""

    def __init__(self, sibling: Sibling, scene: Scene, *, current: Any, at: datetime) -> None:
        self.sibling = sibling
        self.scene = scene
        self.current = current
        self.given: dict[str, Any] = {}
        self.kept: dict[str, Any] = {}
        self.problems: list[Problem] = []
        fields = [each for each in attrs.fields(sibling.type) if each.init]
        self.defaults = {each.alias: each.default for each in fields}
        self.required = [n for n, default in self.defaults.items() if default is attrs.NOTHING]
        self._sample = {name: _sample(name, at) for name in self.required}

    def read(self, body: object) -> None:
        """Takes everything that `body` says."""
        fields = {each.name.lower(): each for each in self.sibling.fields}
        seen: set[str] = set()
        for name, value in read_pairs(body):
            field = fields.get(name.lower())
            if name.lower() in seen:
                self._wrong(name, "is given more than once", value)
            elif field is None:
                self._keep_unknown(name, value)
            elif field.sets or field.keeps:
                self._take(field, value)
            seen.add(name.lower())
        self._check_section()

    def require_all(self) -> None:
        """Notes what has no default and was not given."""
        for field in self.sibling.fields:
            missing = field.sets in self.required and field.sets not in self.given
            told = any(each.property_name == field.name for each in self.problems)
            if missing and not told and field.sets != "created_on":
                self._wrong(field.name, "is a required field")

    def raise_problems(self) -> None:
        """Raises what was noted, if anything was."""
        if self.problems:
            raise InvalidRequest(self.problems)

    def _wrong(self, name: str, message: str, value: object = None) -> None:
        self.problems.append(problem(name, message, value))

    def _keep_unknown(self, name: str, value: object) -> None:
        # An identifier that starts with a capital is a property's name; the rest is ignored.
        if name.isascii() and name.isidentifier() and name[0].isupper() and name != "TypeName":
            self._keep(name, value)

    def _keep(self, name: str, value: object) -> None:
        try:
            self.kept[name] = as_json(name, value)
        except InvalidValue as error:
            self._wrong(name, f"expected {error.expected}", value)

    def _take(self, field: Field, value: Any) -> None:
        if value is None:
            self._take_null(field)
        elif not field.kind.holds(value):
            self._wrong(field.name, f"expected {field.kind.words}", value)
        elif field.keeps:
            self._keep(field.name, field.kind.take(value))
        else:
            self._set(field, field.kind.take(value))

    def _take_null(self, field: Field) -> None:
        """Null is nothing said in a new record; in an update it empties what may be empty."""
        if field.keeps:
            self.kept[field.name] = None
        elif self.current is None:
            return
        elif self.defaults[field.sets] is None:
            self.given[field.sets] = None
        elif field.kind is TEAMS:
            self.given[field.sets] = ()
        else:
            self._wrong(field.name, f"expected {field.kind.words}, got null")

    def _set(self, field: Field, value: Any) -> None:
        try:
            taken = _converted(field, value)
            # Each value alone in an entity that is otherwise fine: so every wrong one is told.
            self.sibling.type(**{**self._sample, field.sets: taken})
        except InvalidValue as error:
            self._wrong(field.name, f"expected {error.expected}", value)
            return
        self.given[field.sets] = taken
        if field.refers and self.scene.linked(field.refers, taken) is None:
            self._wrong(field.name, f"there is no such {field.refers.__name__.lower()}", taken)

    def _check_section(self) -> None:
        """A lesson's section is one of its own course."""
        if self.sibling.type is not Lesson:
            return
        course_id, section_id = (
            self.given.get(name, getattr(self.current, name, None))
            for name in ("course_id", "section_id")
        )
        section = self.scene.linked(Section, section_id)
        if section is not None and course_id is not None and section.course_id != course_id:
            message = f"course {course_id} has no such section; it is of course {section.course_id}"
            self._wrong("SectionId", message, section_id)


def _converted(field: Field, value: Any) -> Any:
    if field.kind is INSTANT:
        return read_instant(value)
    if field.kind is TEAMS:
        names = value.split(",") if isinstance(value, str) else value
        return tuple(name.strip() for name in names if name.strip())
    return value


def _sample(name: str, at: datetime) -> Any:
    return at if name == "created_on" else 1 if name.endswith("id") else "x"
