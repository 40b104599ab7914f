"""What is expected of an engine, said a second time and naively: pages, wire forms, rights."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import attrs

from coursetrack.domain.entities import CompletedLesson
from coursetrack.domain.refusals import Refusal
from coursetrack.domain.values import thawed
from coursetrack.errors import CoursetrackError
from coursetrack.listing.query import CompletedLessonQuery, Page
from coursetrack.testing.differences import same as same
from coursetrack.testing.model.model import Model
from coursetrack.testing.program import code


@attrs.frozen
class Attempt:
    """What a call came to: its result, or the kind of the documented error it raised."""

    result: Any = None
    error: type[CoursetrackError] | None = None


def attempt(call: Callable[[], Any]) -> Attempt:
    """Calls, and lets nothing but a documented error stand for a result."""
    try:
        return Attempt(call())
    except CoursetrackError as error:
        return Attempt(error=type(error))


def reasons(refused: tuple[Refusal, ...] | list[Refusal]) -> list[tuple[Any, ...]]:
    """What refusals say, whatever ids they carry besides."""
    return [(each.code, each.requires, each.opens_at) for each in refused]


def numbers(*, page: int, size: int, rows: int, total: int) -> dict[str, Any]:
    """The numbers of a page by the formulas of the paging library that they are named after."""
    pages = total // size + (1 if total % size else 0)
    return {
        "first_item": (page - 1) * size + 1,
        "last_item": (page - 1) * size + rows,
        "total_items": total,
        "total_pages": pages,
        "page_number": page,
        "page_size": size,
        "has_next_page": page < pages,
        "has_previous_page": page > 1,
    }


def same_page(got: Page, expected: Page, query: CompletedLessonQuery | None = None) -> None:
    """Fails unless both pages hold the same records and the right numbers."""
    if got.records != expected.records:  # only now: telling a query takes longer than asking it
        what = "records of the page" if query is None else f"records of the page of {code(query)}"
        same(what, list(got.records), list(expected.records))
    wanted = numbers(
        page=expected.page_number,
        size=expected.page_size,
        rows=len(expected.records),
        total=expected.total_items,
    )
    same("numbers of the page", {name: getattr(got, name) for name in wanted}, wanted)


def listed(model: Model, query: CompletedLessonQuery) -> dict[str, Any]:
    """The body that answers a list request for `query` [seed]."""
    page = model.completed_lessons.find(query)
    paging = numbers(
        page=query.page, size=query.size, rows=len(page.records), total=page.total_items
    )
    return {
        "Records": [shown(model, record) for record in page.records],
        "CurrentPageSize": query.size,
        "CurrentPage": query.page,
        "CurrentOrderField": query.order_by,
        "CurrentSortDirection": query.direction,
        "FirstItem": paging["first_item"],
        "HasNextPage": paging["has_next_page"],
        "HasPreviousPage": paging["has_previous_page"],
        "LastItem": paging["last_item"],
        "PageNumber": query.page,
        "PageSize": query.size,
        "TotalItems": page.total_items,
        "TotalPages": paging["total_pages"],
    }


def shown(model: Model, record: CompletedLesson) -> dict[str, Any]:
    """A record as the wire shows it [seed]."""
    names = model.completed_lessons.joined(record)
    return {
        "CourseLessonId": record.lesson_id,
        "CourseLessonTitle": names.lesson_title,
        "CourseMemberId": record.member_id,
        "CourseMemberCoworkerFullName": names.full_name,
        "CourseMemberCoworkerCompanyName": names.company_name,
        "CourseMemberCoworkerTeamNames": names.team_names,
        "Id": record.id,
        "UpdatedOn": _second(record.updated_on),
        "CreatedOn": _second(record.created_on),
        "UniqueId": record.unique_id,
        "UpdatedBy": record.updated_by,
        "IsNew": False,
        "SystemId": record.system_id,
        "ToStringText": record.to_string_text or f"CourseCompletedLesson {record.id}",
        "LocalizationDetails": thawed(record.localization_details),
        "CustomFields": thawed(record.custom_fields),
    }


def _second(at: datetime) -> str:
    return at.replace(microsecond=0).isoformat().replace("+00:00", "Z")
