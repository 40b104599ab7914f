"""What each sibling list shows, one row for each property. All else is derived from these rows:
the filters and their spellings, what a list can be sorted by, what a body may set, what is kept.
"""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Protocol

import attrs

from coursetrack.domain.entities import Course, CourseMember, Coworker, Lesson, Section
from coursetrack.domain.values import derived_unique_id
from coursetrack.testing.fake.kinds import (
    ANY,
    CODE,
    FLAG,
    ID,
    INSTANT,
    NUMBER,
    REFERENCE,
    TEAMS,
    TEXT,
    UNIQUE_ID,
    Kind,
)


class Scene(Protocol):
    """What a field is read from, beside the entity itself."""

    def linked(self, kind: type[Any], id_: int | None) -> Any:
        """The entity with this id, or None."""

    def kept(self, entity: Any, name: str) -> Any:
        """What is kept of an entity beside what the tracker knows: times, what clients wrote."""

    def last_completed(self, member: CourseMember) -> Any:
        """The lesson that a member completed last, or None."""


Show = Callable[[Scene, Any], Any]


@attrs.frozen
class Field:
    """One property of a sibling list's records.

    `show` gives its value; `sets` is the entity's attribute that a body sets, or "". `keeps` says
    that a body's value is kept as it is, since the tracker has no place for it. `spelling` is the
    filter's, without the entity's name and its line. `refers` is the kind that an id leads to.
    """

    name: str
    kind: Kind
    show: Show
    spelling: str
    sets: str = ""
    keeps: bool = False
    refers: type[Any] | None = None


@attrs.frozen
class Sibling:
    """One sibling list: where it lives, what it is called, and its fields in the order shown."""

    path: str
    entity: str
    type: type[Any]
    fields: tuple[Field, ...]


def _own(name: str, kind: Kind, attribute: str, spelling: str = "", **rest: Any) -> Field:
    return Field(
        name, kind, lambda _, each: getattr(each, attribute), spelling or name, attribute, **rest
    )


def written(name: str) -> Field:
    """The field of a property that no row names, and that a client wrote all the same."""
    return _kept(name, ANY)


def _kept(name: str, kind: Kind = TEXT, spelling: str = "") -> Field:
    def show(scene: Scene, entity: Any) -> Any:
        return scene.kept(entity, name)

    return Field(name, kind, show, spelling or name, keeps=True)


def _linked(name: str, kind: Kind, to: type[Any], by: str, read: str, spelling: str) -> Field:
    def show(scene: Scene, entity: Any) -> Any:
        other = scene.linked(to, getattr(entity, by))
        return None if other is None else getattr(other, read)

    return Field(name, kind, show, spelling)


def _of_coworker(name: str) -> Field:
    def show(scene: Scene, member: CourseMember) -> Any:
        coworker = scene.linked(Coworker, member.coworker_id)
        return None if coworker is None else scene.kept(coworker, name)

    return Field(f"Coworker{name}", ANY, show, f"Coworker_{name}")


def _last_completed(scene: Scene, member: CourseMember) -> Any:
    lesson = scene.last_completed(member)
    return None if lesson is None else lesson.id


def _last_completed_title(scene: Scene, member: CourseMember) -> Any:
    lesson = scene.last_completed(member)
    return None if lesson is None else lesson.title


def _unique_id(_: Scene, entity: Any) -> str:
    found: str | None = getattr(entity, "unique_id", None)
    return found or derived_unique_id(type(entity).__name__, entity.id)


def _named(_: Scene, entity: Any) -> str:
    name = getattr(entity, "title", None) or getattr(entity, "full_name", None)
    return name or f"{type(entity).__name__} {entity.id}"


def _with_usual(*fields: Field, created_by: str = "") -> tuple[Field, ...]:
    """`fields`, and those that every record of the origin ends with.

    `created_by` is the attribute that a body's ``CreatedOn`` sets, if it sets any.
    """
    return (*fields, *_usual(created_by))


def _stamped(name: str, kind: Kind, sets: str = "") -> Field:
    return attrs.evolve(_kept(name, kind), keeps=False, sets=sets)


def _usual(created_by: str) -> Iterator[Field]:
    yield Field("Id", ID, lambda _, each: each.id, "Id")
    yield _stamped("UpdatedOn", INSTANT)
    yield _stamped("CreatedOn", INSTANT, created_by)
    yield Field("UniqueId", UNIQUE_ID, _unique_id, "UniqueId")
    yield _stamped("UpdatedBy", TEXT)
    yield Field("IsNew", FLAG, lambda *_: False, "IsNew")
    yield _kept("SystemId", CODE)
    yield Field("ToStringText", TEXT, _named, "ToStringText")
    yield _kept("LocalizationDetails", ANY)
    yield _kept("CustomFields", ANY)


_COURSE = _own("CourseId", ID, "course_id", "Course", refers=Course)
_COURSE_TITLE = _linked("CourseTitle", TEXT, Course, "course_id", "title", "Course_Title")
_TITLE = _own("Title", TEXT, "title")
_ACTIVE = _own("Active", FLAG, "active")
_PLACE = (
    _own("DisplayOrder", NUMBER, "display_order"),
    _own("UnlockType", NUMBER, "unlock_type"),
    _own("UnlockAfterDays", NUMBER, "unlock_after_days"),
)

SIBLINGS: Mapping[str, Sibling] = MappingProxyType(
    {
        each.path: each
        for each in (
            Sibling(
                "/api/content/courses",
                "Course",
                Course,
                _with_usual(
                    _kept("BusinessId", REFERENCE, "Business"),
                    _TITLE,
                    _ACTIVE,
                    _kept("SummaryText"),
                    _kept("FullDescription"),
                    _kept("OverviewText"),
                    _kept("GroupName"),
                    _kept("DisplayOrder", NUMBER),
                    _kept("HostId", REFERENCE, "Host"),
                    _kept("TariffId", REFERENCE, "Tariff"),
                    _kept("Visibility", NUMBER),
                    _kept("ShowInHomePage", FLAG),
                    _kept("ShowOverview", FLAG),
                    _kept("HasCommunityGroup", FLAG),
                ),
            ),
            Sibling(
                "/api/content/coursesections",
                "CourseSection",
                Section,
                _with_usual(
                    _COURSE, _COURSE_TITLE, _TITLE, _kept("SectionContents"), _ACTIVE, *_PLACE
                ),
            ),
            Sibling(
                "/api/content/courselessons",
                "CourseLesson",
                Lesson,
                _with_usual(
                    _COURSE,
                    _COURSE_TITLE,
                    _own("SectionId", REFERENCE, "section_id", "Section", refers=Section),
                    _linked(
                        "SectionDisplayOrder",
                        NUMBER,
                        Section,
                        "section_id",
                        "display_order",
                        "Section_DisplayOrder",
                    ),
                    _linked("SectionTitle", TEXT, Section, "section_id", "title", "Section_Title"),
                    _kept("InstructorId", REFERENCE, "Instructor"),
                    _TITLE,
                    _kept("SummaryText"),
                    _kept("LessonContents"),
                    _ACTIVE,
                    *_PLACE,
                    _own("CompletionType", NUMBER, "completion_type"),
                ),
            ),
            Sibling(
                "/api/content/coursemembers",
                "CourseMember",
                CourseMember,
                _with_usual(
                    _COURSE,
                    _COURSE_TITLE,
                    _own("CoworkerId", ID, "coworker_id", "Coworker", refers=Coworker),
                    _of_coworker("CoworkerType"),
                    *(
                        _linked(
                            f"Coworker{name}",
                            kind,
                            Coworker,
                            "coworker_id",
                            attribute,
                            f"Coworker_{name}",
                        )
                        for name, kind, attribute in (
                            ("FullName", TEXT, "full_name"),
                            ("CompanyName", TEXT, "company_name"),
                            ("TeamNames", TEAMS, "teams_text"),
                        )
                    ),
                    _of_coworker("BillingName"),
                    Field(
                        "LastCompletedLessonId", REFERENCE, _last_completed, "LastCompletedLesson"
                    ),
                    Field(
                        "LastCompletedLessonTitle",
                        TEXT,
                        _last_completed_title,
                        "LastCompletedLesson_Title",
                    ),
                    _kept("LastAccess", ANY),
                    _own("Approved", FLAG, "approved"),
                    _own("Blocked", FLAG, "blocked"),
                    created_by="created_on",
                ),
            ),
            Sibling(
                "/api/spaces/coworkers",
                "Coworker",
                Coworker,
                _with_usual(
                    _kept("CoworkerType", NUMBER),
                    _own("FullName", TEXT, "full_name"),
                    _kept("Salutation"),
                    _kept("Gender", NUMBER),
                    _kept("Email"),
                    _kept("MobilePhone"),
                    _kept("LandLine"),
                    _kept("Address"),
                    _kept("PostCode"),
                    _kept("CityName"),
                    _kept("State"),
                    _kept("CountryId", REFERENCE, "Country"),
                    _kept("Position"),
                    _own("CompanyName", TEXT, "company_name"),
                    Field(
                        "TeamNames",
                        TEAMS,
                        lambda _, each: each.teams_text,
                        "TeamNames",
                        "team_names",
                    ),
                    _kept("TeamIds", ANY),
                    _kept("BillingName"),
                    _kept("BillingEmail"),
                    _kept("TariffId", REFERENCE, "Tariff"),
                    _kept("TariffName", TEXT, "Tariff_Name"),
                    _kept("CoworkerContractIds", ANY),
                    _kept("UserId", REFERENCE, "User"),
                    _kept("KeyFobNumber"),
                    _kept("AccessPincode"),
                    _kept("Archived", FLAG),
                    _kept("Active", FLAG),
                ),
            ),
        )
    }
)
"""The sibling lists by path."""
