"""Every name a caller may use in a query, and what it stands for. Names compare in any case."""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

import attrs

from coursetrack.endpoint.instants import read_instant
from coursetrack.endpoint.readers import (
    read_direction,
    read_id,
    read_page,
    read_size,
    read_unique_id,
)
from coursetrack.errors import InvalidValue, nearest

PREFIX = "CourseCompletedLesson"

_LESSON = f"{PREFIX}_CourseLesson"
_MEMBER = f"{PREFIX}_CourseMember"
_COWORKER = f"{_MEMBER}_Coworker"

ORDER_SPELLINGS: Mapping[str, str] = MappingProxyType(
    {
        "Id": f"{PREFIX}_Id",
        "CreatedOn": f"{PREFIX}_CreatedOn",
        "UpdatedOn": f"{PREFIX}_UpdatedOn",
        "UpdatedBy": f"{PREFIX}_UpdatedBy",
        "UniqueId": f"{PREFIX}_UniqueId",
        "CourseLessonId": _LESSON,
        "CourseLessonTitle": f"{_LESSON}_Title",
        "CourseMemberId": _MEMBER,
        "CourseMemberCoworkerFullName": f"{_COWORKER}_FullName",
        "CourseMemberCoworkerCompanyName": f"{_COWORKER}_CompanyName",
        "CourseMemberCoworkerTeamNames": f"{_COWORKER}_TeamNames",
        "SystemId": f"{PREFIX}_SystemId",
    }
)
"""What ``orderBy`` may name, canonically, each with its filter's spelling."""


def read_text(text: str) -> str | None:
    """The text, or None (no filter) for an empty one."""
    return text or None


def order_reader(spellings: Mapping[str, str]) -> Callable[[str], str]:
    """Reads a property to sort by, from its own name or from its filter's, to its own name.

    `spellings` are the names that a list can be sorted by, each with its filter's spelling.
    """
    known = {_key(each): name for name, other in spellings.items() for each in (name, other)}

    def read_order(text: str) -> str:
        found = known.get(_key(text))
        if found is None:
            near = nearest(text, spellings)
            hint = f"; did you mean {near}?" if near else ""
            what = f"one of {', '.join(spellings)}{hint}"
            raise InvalidValue(f"expected {what}", value=text, expected=what)
        return found

    return read_order


def _key(name: str) -> str:
    # Only ASCII: other letters may fold to it ("ſize"), and those are other names.
    return name.lower() if name.isascii() else name


@attrs.frozen
class Parameter:
    """One known parameter: its canonical spelling, the query's field, and how its text is read."""

    name: str
    field: str
    read: Callable[[str], object]
    about: str


PARAMETERS: tuple[Parameter, ...] = (
    Parameter("page", "page", read_page, "The page number to retrieve, from 1."),
    Parameter("size", "size", read_size, "The number of records per page; clamped to the maximum."),
    Parameter(
        "orderBy",
        "order_by",
        order_reader(ORDER_SPELLINGS),
        "The property to sort by; ties go by Id.",
    ),
    Parameter("dir", "direction", read_direction, "1 for ascending, -1 for descending."),
    Parameter(_LESSON, "lesson_id", read_id, "Id of the completed lesson."),
    Parameter(f"{_LESSON}_Title", "lesson_title", read_text, "Part of the lesson's title."),
    Parameter(_MEMBER, "member_id", read_id, "Id of the enrolment (CourseMember)."),
    Parameter(f"{_COWORKER}_FullName", "full_name", read_text, "Part of the member's full name."),
    Parameter(
        f"{_COWORKER}_CompanyName", "company_name", read_text, "Part of the member's company name."
    ),
    Parameter(
        f"{_COWORKER}_TeamNames",
        "team_names",
        read_text,
        "Part of the member's teams, joined with commas; blanks around commas do not count.",
    ),
    Parameter(f"from_{PREFIX}_CreatedOn", "created_from", read_instant, "Created at or after."),
    Parameter(f"to_{PREFIX}_CreatedOn", "created_to", read_instant, "Created at or before."),
    Parameter(f"from_{PREFIX}_UpdatedOn", "updated_from", read_instant, "Updated at or after."),
    Parameter(f"to_{PREFIX}_UpdatedOn", "updated_to", read_instant, "Updated at or before."),
    Parameter(f"{PREFIX}_CreatedOn", "created_on", read_instant, "Created in this second."),
    Parameter(f"{PREFIX}_UpdatedOn", "updated_on", read_instant, "Updated in this second."),
    Parameter(f"{PREFIX}_Id", "id", read_id, "Id of the record."),
    Parameter(f"{PREFIX}_UniqueId", "unique_id", read_unique_id, "Unique id of the record."),
    Parameter(f"{PREFIX}_SystemId", "system_id", read_text, "System id of the record, exactly."),
    Parameter("id", "id", read_id, "Id of the record; a list such as [1,2,3] asks for several."),
    Parameter("uniqueId", "unique_id", read_unique_id, "Unique id of the record."),
)
"""What the list understands, in the order that a query is written in."""


class Vocabulary:
    """The parameters that the list of one kind of entity understands. Names compare in any case."""

    def __init__(self, entity: str, parameters: Iterable[Parameter]) -> None:
        self.entity = entity
        self.parameters = tuple(parameters)
        self._by_key = {_key(each.name): each for each in self.parameters}
        self._prefixed = {
            self._without_prefix(each.name): each.name
            for each in self.parameters
            if self.names_the_entity(each.name)
        }

    def find(self, name: str) -> Parameter | None:
        """The parameter of this name, or None."""
        return self._by_key.get(_key(name))

    def names_the_entity(self, name: str) -> bool:
        """Whether `name` starts with the entity's name, also behind ``from_`` or ``to_``."""
        key = _key(name).removeprefix("from_").removeprefix("to_")
        return key.startswith(self.entity.lower())

    def nearest(self, name: str) -> str | None:
        """The parameter's name that `name` was most likely meant to be, or None."""
        near = nearest(self._without_prefix(name), self._prefixed)
        return self._prefixed[near] if near else None

    def _without_prefix(self, name: str) -> str:
        # What all names share would make every one of them look near, and slow to compare.
        return _key(name).replace(self.entity.lower(), "", 1)


VOCABULARY = Vocabulary(PREFIX, PARAMETERS)
"""What the list of completed lessons understands."""
