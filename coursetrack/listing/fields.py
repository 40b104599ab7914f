"""The table of list fields: one row for each, from which everything else that names them derives.

A row stands in the body of :class:`ListFilters`: its name and type are the query's own, so that
type checkers see them, and its value says the rest. From the rows derive

    query        the query's filters, how each is checked, what `order_by` may name (`ORDERS`)
    answers      the cache's key: all of a query's fields but page, size and direction
    dimensions   the labels of lessons and coworkers, one dimension for each field on them
    filters      which filter wants labels, which a span of a column, which points at rows
    planner      what a filter makes constant, so that an order by it is the order by id
    endpoint     the parameters with their spellings, readers and schemas

To add one, write its row. A field of a lesson or a coworker needs no more than `of`, which reads
it; a field of the record itself needs a column in the table.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from enum import Enum
from operator import attrgetter
from types import MappingProxyType
from typing import Any, Literal, get_args

import attrs

PREFIX = "CourseCompletedLesson"
"""What the filters' spellings begin with."""

OrderBy = Literal[
    "Id",
    "CreatedOn",
    "UpdatedOn",
    "UpdatedBy",
    "UniqueId",
    "CourseLessonId",
    "CourseLessonTitle",
    "CourseMemberId",
    "CourseMemberCoworkerFullName",
    "CourseMemberCoworkerCompanyName",
    "CourseMemberCoworkerTeamNames",
    "SystemId",
]
"""The properties of a record that a list may be sorted by, in canonical spelling."""

OrderSpelling = Literal[
    "CourseCompletedLesson_Id",
    "CourseCompletedLesson_CreatedOn",
    "CourseCompletedLesson_UpdatedOn",
    "CourseCompletedLesson_UpdatedBy",
    "CourseCompletedLesson_UniqueId",
    "CourseCompletedLesson_CourseLesson",
    "CourseCompletedLesson_CourseLesson_Title",
    "CourseCompletedLesson_CourseMember",
    "CourseCompletedLesson_CourseMember_Coworker_FullName",
    "CourseCompletedLesson_CourseMember_Coworker_CompanyName",
    "CourseCompletedLesson_CourseMember_Coworker_TeamNames",
    "CourseCompletedLesson_SystemId",
]
"""The same properties as filters spell them."""


class Kind(Enum):
    """What a field's values are: how they are read, checked, compared and filtered."""

    ID = "an id, exactly"
    TEXT = "a text, in part or whole"
    TEAMS = "texts joined with commas, in part or whole"
    INSTANT = "an instant, to the second or within bounds"
    UNIQUE_ID = "a unique id, exactly"
    CODE = "a text, exactly as it is written"


class Side(Enum):
    """What of a record carries the field; the value is the table's column of its id."""

    RECORD = None
    LESSON = "lessons"
    MEMBER = "members"


@attrs.frozen(kw_only=True)
class ListField:
    """One row. Its name is the query's own; it is a column, or read `of` a lesson or coworker.

    Of texts that are joined (TEAMS), one alone finds the record too.
    """

    name: str = ""
    order: OrderBy
    spelling: OrderSpelling
    kind: Kind
    side: Side = Side.RECORD
    column: str | None = None
    of: Callable[[Any], Any] | None = None
    bare: str | None = None  # a spelling without the prefix that filters know as well
    about: str = ""

    @property
    def is_side_id(self) -> bool:
        """Whether it is the id of the lesson or member that the other fields of its side are of."""
        return self.side is not Side.RECORD and self.of is None


@attrs.frozen(kw_only=True)
class Bound:
    """An inclusive end of the range of an instant: the filter ``from_…`` or ``to_…``."""

    name: str = ""
    of: str
    end: Literal["from_", "to_"]
    about: str


def _row(row: ListField | Bound) -> Any:
    return attrs.field(default=None, metadata={"row": row})


def _listed(order: OrderBy, spelling: OrderSpelling, kind: Kind, **rest: Any) -> Any:
    return _row(ListField(order=order, spelling=spelling, kind=kind, **rest))


def _bound(end: Literal["from_", "to_"], of: str, about: str) -> Any:
    return _row(Bound(of=of, end=end, about=about))


@attrs.frozen(kw_only=True)
class ListFilters:
    """The rows: each is a filter of the list, absent while it is None."""

    lesson_id: int | None = _listed(
        "CourseLessonId",
        "CourseCompletedLesson_CourseLesson",
        Kind.ID,
        side=Side.LESSON,
        about="Id of the completed lesson.",
    )
    lesson_title: str | None = _listed(
        "CourseLessonTitle",
        "CourseCompletedLesson_CourseLesson_Title",
        Kind.TEXT,
        side=Side.LESSON,
        of=attrgetter("title"),
        about="Part of the lesson's title.",
    )
    member_id: int | None = _listed(
        "CourseMemberId",
        "CourseCompletedLesson_CourseMember",
        Kind.ID,
        side=Side.MEMBER,
        about="Id of the enrolment (CourseMember).",
    )
    full_name: str | None = _listed(
        "CourseMemberCoworkerFullName",
        "CourseCompletedLesson_CourseMember_Coworker_FullName",
        Kind.TEXT,
        side=Side.MEMBER,
        of=attrgetter("full_name"),
        about="Part of the member's full name.",
    )
    company_name: str | None = _listed(
        "CourseMemberCoworkerCompanyName",
        "CourseCompletedLesson_CourseMember_Coworker_CompanyName",
        Kind.TEXT,
        side=Side.MEMBER,
        of=attrgetter("company_name"),
        about="Part of the member's company name.",
    )
    team_names: str | None = _listed(
        "CourseMemberCoworkerTeamNames",
        "CourseCompletedLesson_CourseMember_Coworker_TeamNames",
        Kind.TEAMS,
        side=Side.MEMBER,
        of=attrgetter("teams_text"),
        about="Part of the member's teams, joined with commas; blanks around commas do not count.",
    )
    created_from: datetime | None = _bound("from_", "created_on", "Created at or after.")
    created_to: datetime | None = _bound("to_", "created_on", "Created before the end of it.")
    updated_from: datetime | None = _bound("from_", "updated_on", "Updated at or after.")
    updated_to: datetime | None = _bound("to_", "updated_on", "Updated before the end of it.")
    created_on: datetime | None = _listed(
        "CreatedOn",
        "CourseCompletedLesson_CreatedOn",
        Kind.INSTANT,
        column="created",
        about="Created in this second.",
    )
    updated_on: datetime | None = _listed(
        "UpdatedOn",
        "CourseCompletedLesson_UpdatedOn",
        Kind.INSTANT,
        column="updated",
        about="Updated in this second.",
    )
    id: int | None = _listed(
        "Id",
        "CourseCompletedLesson_Id",
        Kind.ID,
        column="ids",
        bare="id",
        about="Id of the record.",
    )
    unique_id: str | None = _listed(
        "UniqueId",
        "CourseCompletedLesson_UniqueId",
        Kind.UNIQUE_ID,
        bare="uniqueId",
        about="Unique id of the record.",
    )
    system_id: str | None = _listed(
        "SystemId",
        "CourseCompletedLesson_SystemId",
        Kind.CODE,
        about="System id of the record, exactly.",
    )


_NO_FILTER = (
    ListField(
        name="updated_by",
        order="UpdatedBy",
        spelling="CourseCompletedLesson_UpdatedBy",
        kind=Kind.TEXT,
    ),
)
"""Rows that a list is sorted by and not filtered by."""


def _rows() -> Iterator[ListField | Bound]:
    for attribute in attrs.fields(ListFilters):
        yield attrs.evolve(attribute.metadata["row"], name=attribute.name)


FILTERS: tuple[ListField | Bound, ...] = tuple(_rows())
"""The filters of a query, in the order of its arguments."""

FIELDS: Mapping[str, ListField] = MappingProxyType(
    {each.name: each for each in (*FILTERS, *_NO_FILTER) if isinstance(each, ListField)}
)
"""The rows by the query's own name."""

_SHOWN = {order: place for place, order in enumerate(get_args(OrderBy))}

ORDERS: Mapping[OrderBy, str] = MappingProxyType(
    {
        each.order: each.name
        for each in sorted(FIELDS.values(), key=lambda each: _SHOWN.get(each.order, len(_SHOWN)))
    }
)
"""What `order_by` may name, in canonical spelling, each with the query's own name for it."""

SPELLINGS: Mapping[str, OrderBy] = MappingProxyType(
    {name: each.order for each in FIELDS.values() for name in (each.order, each.spelling)}
)
"""Every spelling of an order, its filter's too, with the canonical one."""

SIDE_IDS: tuple[ListField, ...] = tuple(each for each in FIELDS.values() if each.is_side_id)
"""The fields that are the id of a lesson or member."""


def named_by(side: Side) -> tuple[ListField, ...]:
    """The fields that are read of the lesson, or of the member's coworker."""
    return tuple(each for each in FIELDS.values() if each.side is side and each.of is not None)


def _constant_with(field: ListField) -> tuple[str, ...]:
    return tuple(
        each.name
        for each in FIELDS.values()
        if each is field or (field.is_side_id and each.side is field.side)
    )


CONSTANT_WITH: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {each.name: _constant_with(each) for each in FIELDS.values()}
)
"""For each field, those that all rows with one value of it share: of one lesson, its title too."""
