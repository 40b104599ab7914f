"""The service's other lists, as far as a client needs them to set the scene: create and list.

``/api/content/courses``, ``/api/content/coursesections``, ``/api/content/courselessons``,
``/api/content/coursemembers`` and ``/api/spaces/coworkers``, in the style of the list endpoint:
a page of records, and the same envelope around a write. Lists know `page`, `size` and no filter.
Administrators only. (decided: the origin has far more fields and rules)
"""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qsl

import attrs

from coursetrack.domain.entities import Course, CourseMember, Coworker, Entity, Lesson, Section
from coursetrack.endpoint.instants import read_instant, shown_instant
from coursetrack.endpoint.requests import Principal, Request
from coursetrack.errors import CoursetrackError, InvalidValue, shown
from coursetrack.tracker import Tracker

NOT_SAID = datetime(2025, 1, 1, tzinfo=UTC)
"""When a member was enrolled whose body does not say."""


@attrs.frozen
class Listing:
    """One kind of entity: its type and, for each property on the wire, the field it is."""

    kind: type[Any]
    fields: Mapping[str, str]


_OUTLINE = {
    "Active": "active",
    "DisplayOrder": "display_order",
    "UnlockType": "unlock_type",
    "UnlockAfterDays": "unlock_after_days",
}
LISTINGS: Mapping[str, Listing] = MappingProxyType(
    {
        "/api/content/courses": Listing(Course, {"Title": "title", "Active": "active"}),
        "/api/content/coursesections": Listing(
            Section, {"CourseId": "course_id", "Title": "title", **_OUTLINE}
        ),
        "/api/content/courselessons": Listing(
            Lesson,
            {
                "CourseId": "course_id",
                "CourseSectionId": "section_id",
                "Title": "title",
                "CompletionType": "completion_type",
                **_OUTLINE,
            },
        ),
        "/api/content/coursemembers": Listing(
            CourseMember,
            {
                "CourseId": "course_id",
                "CoworkerId": "coworker_id",
                "Approved": "approved",
                "Blocked": "blocked",
                "CreatedOn": "created_on",
            },
        ),
        "/api/spaces/coworkers": Listing(
            Coworker,
            {"FullName": "full_name", "CompanyName": "company_name", "TeamNames": "team_names"},
        ),
    }
)
"""What can be created and listed, by path."""

Reply = tuple[int, Any]


class Origin:
    """Create and list for what completed lessons refer to."""

    def __init__(self, tracker: Tracker, *, max_page_size: int) -> None:
        self._tracker = tracker
        self._max_page_size = max_page_size

    def knows(self, path: str) -> bool:
        """Whether one of :data:`LISTINGS` has this path."""
        return path.rstrip("/").lower() in LISTINGS

    def handle(self, request: Request, principal: Principal | None) -> Reply:
        """The status and body that answer `request`."""
        listing = LISTINGS[request.path.rstrip("/").lower()]
        answers: dict[str, Callable[[Listing, Request], Reply]] = {
            "GET": self._list,
            "POST": self._create,
        }
        answer = answers.get(request.method)
        if answer is None:
            return 405, {"Message": f"{request.method} is not allowed here"}
        if principal is None or not principal.is_unrestricted_admin:
            return 401, {"Message": "a full unrestricted administrator is needed"}
        try:
            return answer(listing, request)
        except CoursetrackError as wrong:
            return 400, _envelope(500, str(wrong), None, [_problem(wrong)])

    def _list(self, listing: Listing, request: Request) -> Reply:
        asked = {name.lower(): value for name, value in parse_qsl(str(request.query))}
        page, size = _number(asked, "page", 1), _number(asked, "size", 25)
        size = min(size, self._max_page_size)
        found = [each for each in self._tracker.entities() if isinstance(each, listing.kind)]
        rows = found[(page - 1) * size : page * size]
        total, pages = len(found), -(-len(found) // size)
        return 200, {
            "Records": [_shown(listing, each) for each in rows],
            "CurrentPageSize": size,
            "CurrentPage": page,
            "CurrentOrderField": "Id",
            "CurrentSortDirection": 1,
            "FirstItem": (page - 1) * size + 1,
            "HasNextPage": page < pages,
            "HasPreviousPage": page > 1,
            "LastItem": (page - 1) * size + len(rows),
            "PageNumber": page,
            "PageSize": size,
            "TotalItems": total,
            "TotalPages": pages,
        }

    def _create(self, listing: Listing, request: Request) -> Reply:
        body = _object(request.body)
        given = {
            field: _read(field, body[name])
            for name, field in listing.fields.items()
            if body.get(name) is not None
        }
        given = _USUAL.get(listing.kind, {}) | given
        _require(listing, given)
        entity = listing.kind(id=self._next_id(listing.kind), **given)
        self._tracker.add(entity)
        name = listing.kind.__name__
        message = f"{name} was successfully created."
        return 200, _envelope(200, message, _shown(listing, entity), None)

    def _next_id(self, kind: type[Entity]) -> int:
        ids = [each.id for each in self._tracker.entities() if isinstance(each, kind)]
        return max(ids, default=0) + 1


_USUAL: dict[type[Any], dict[str, Any]] = {CourseMember: {"created_on": NOT_SAID}}


def _require(listing: Listing, given: Mapping[str, object]) -> None:
    needed = {each.name for each in attrs.fields(listing.kind) if each.default is attrs.NOTHING}
    for name, field in listing.fields.items():
        if field in needed and field not in given:
            raise InvalidValue(f"{name}: a value is required", field=name, expected="a value")


def _object(body: object) -> dict[str, Any]:
    try:
        found = json.loads(body) if isinstance(body, str | bytes) else body
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise InvalidValue.of("body", body, "a JSON object")
    return found


def _read(field: str, value: object) -> object:
    if field == "team_names" and isinstance(value, str):
        return tuple(name.strip() for name in value.split(","))
    if field == "created_on" and isinstance(value, str):
        return read_instant(value)
    return value


def _shown(listing: Listing, entity: Any) -> dict[str, Any]:
    values = {name: _wire(getattr(entity, field)) for name, field in listing.fields.items()}
    own = {"Id": entity.id, "UniqueId": getattr(entity, "unique_id", None), "IsNew": False}
    return values | own


def _wire(value: object) -> object:
    if isinstance(value, tuple):
        return ", ".join(value) or None
    return shown_instant(value) if isinstance(value, datetime) else value


def _number(asked: Mapping[str, str], name: str, usual: int) -> int:
    text = asked.get(name, str(usual))
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) > 0):
        raise InvalidValue.of(name, text, "a whole number from 1")
    return int(text)


def _envelope(status: int, message: str, value: object, errors: object) -> dict[str, Any]:
    return {
        "Status": status,
        "Message": message,
        "Value": value,
        "WasSuccessful": errors is None,
        "Errors": errors,
    }


def _problem(wrong: CoursetrackError) -> dict[str, Any]:
    return {
        "AttemptedValue": None if wrong.value is None else shown(wrong.value),
        "Message": str(wrong),
        "PropertyName": getattr(wrong, "field", ""),
    }
