"""Records and pages as plain dicts and as JSON, in the seed's names and order."""

from collections.abc import Callable
from typing import Any

from coursetrack.domain.entities import CompletedLesson
from coursetrack.domain.values import compact_json, thawed
from coursetrack.endpoint.instants import shown_instant
from coursetrack.listing.query import Page, Paged
from coursetrack.listing.record_texts import JsonPage

Names = tuple[str | None, str | None, str | None, str | None]
"""A record's live names: lesson title, full name, company name, team names."""


def record_dict(record: CompletedLesson, names: Names) -> dict[str, Any]:
    """`record` with its live `names` as the wire shows it: fresh, ready for ``json.dumps``.

    What the engine does not model is constant: ``IsNew`` is False. ``ToStringText`` is made from
    the id unless the record has its own. (decided)
    """
    title, full_name, company_name, team_names = names
    created, updated, text = record.created_on, record.updated_on, record.to_string_text
    created_text = shown_instant(created)
    # One literal, and no work that most records do not need: a warm page is mostly made of this.
    return {
        "CourseLessonId": record.lesson_id,
        "CourseLessonTitle": title,
        "CourseMemberId": record.member_id,
        "CourseMemberCoworkerFullName": full_name,
        "CourseMemberCoworkerCompanyName": company_name,
        "CourseMemberCoworkerTeamNames": team_names,
        "Id": record.id,
        "UpdatedOn": created_text if updated is created else shown_instant(updated),
        "CreatedOn": created_text,
        "UniqueId": record.unique_id,
        "UpdatedBy": record.updated_by,
        "IsNew": False,
        "SystemId": record.system_id,
        "ToStringText": f"CourseCompletedLesson {record.id}" if text is None else text,
        "LocalizationDetails": thawed(record.localization_details),
        "CustomFields": thawed(record.custom_fields),
    }


def page_dict(
    page: Page,
    names_of: Callable[[CompletedLesson], Names],
    *,
    order_by: str = "Id",
    direction: int = 1,
) -> dict[str, Any]:
    """`page` as the list's answer [seed]. `order_by` and `direction` are what it was asked in."""
    records = [record_dict(record, names_of(record)) for record in page.records]
    return {"Records": records, **page_numbers(page, order_by=order_by, direction=direction)}


def json_page(page: Page, names_of: Callable[[CompletedLesson], Names]) -> JsonPage:
    """`page` with its records as UTF-8 JSON, each through its dict."""
    return JsonPage(
        records=tuple(
            compact_json(record_dict(record, names_of(record))).encode() for record in page.records
        ),
        total_items=page.total_items,
        page_number=page.page_number,
        page_size=page.page_size,
    )


def page_json(page: JsonPage, *, order_by: str, direction: int) -> bytes:
    """What `page_dict` says, as UTF-8 JSON in its compact form."""
    numbers = page_numbers(page, order_by=order_by, direction=direction)
    told = ",".join([f'"{name}":{_plain_json(value)}' for name, value in numbers.items()])
    return b'{"Records":[%b],%b}' % (b",".join(page.records), told.encode())


def _plain_json(value: int | str) -> str:
    # What `json.dumps` does with a number, a bool or a field's name. It takes 5 us to begin, which
    # is a tenth of a page that was shown before.
    if isinstance(value, str):
        return f'"{value}"'
    return str(value).lower() if isinstance(value, bool) else str(value)


def page_numbers(page: Paged, *, order_by: str, direction: int) -> dict[str, Any]:
    """What stands beside the records of `page`, whatever they are records of."""
    return {
        "CurrentPageSize": page.page_size,
        "CurrentPage": page.page_number,
        "CurrentOrderField": order_by,
        "CurrentSortDirection": direction,
        "FirstItem": page.first_item,
        "HasNextPage": page.has_next_page,
        "HasPreviousPage": page.has_previous_page,
        "LastItem": page.last_item,
        "PageNumber": page.page_number,
        "PageSize": page.page_size,
        "TotalItems": page.total_items,
        "TotalPages": page.total_pages,
    }
