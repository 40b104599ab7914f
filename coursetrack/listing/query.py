"""The question and its answer, as frozen values."""

from datetime import datetime
from types import MappingProxyType
from typing import Literal

import attrs

from coursetrack.domain.entities import CompletedLesson
from coursetrack.domain.values import (
    as_id,
    as_int,
    as_optional_instant,
    as_optional_text,
    as_unique_id,
)
from coursetrack.errors import InvalidValue, nearest, shown

TextMatch = Literal["contains", "exact"]

ORDERS = MappingProxyType(
    {
        "Id": "id",
        "CreatedOn": "created_on",
        "UpdatedOn": "updated_on",
        "UpdatedBy": "updated_by",
        "UniqueId": "unique_id",
        "CourseLessonId": "lesson_id",
        "CourseLessonTitle": "lesson_title",
        "CourseMemberId": "member_id",
        "CourseMemberCoworkerFullName": "full_name",
        "CourseMemberCoworkerCompanyName": "company_name",
        "CourseMemberCoworkerTeamNames": "team_names",
        "SystemId": "system_id",
    }
)
"""What `order_by` may name, in canonical spelling, each with the query's own name for it."""

_TEXTS = ("lesson_title", "full_name", "company_name", "team_names", "system_id")
_INSTANTS = (
    "created_from",
    "created_to",
    "updated_from",
    "updated_to",
    "created_on",
    "updated_on",
)


@attrs.frozen(kw_only=True)
class CompletedLessonQuery:
    """Which completed lessons, in which order, which page. Filters combine with AND.

    * Ids, `unique_id` and `system_id` match exactly; what does not exist gives an empty page.
    * Texts match by case-insensitive substring (NFC, casefolded), or whole where `text_match` is
      ``"exact"``; an empty text is no filter. `team_names` matches on the joined text, blanks
      around commas ignored. (decided)
    * ``…_from`` and ``…_to`` are inclusive instants [seed]; from later than to is an empty page.
    * `created_on` and `updated_on` match the whole second that the instant lies in.
    * `order_by` is one of :data:`ORDERS`; ties go by Id in the same `direction` (1 or -1). Nulls
      come first ascending, last descending.
    * `page` counts from 1, `size` is at least 1; a page past the end is empty.

    Raises :class:`InvalidValue` for anything else.
    """

    lesson_id: int | None = None
    lesson_title: str | None = None
    member_id: int | None = None
    full_name: str | None = None
    company_name: str | None = None
    team_names: str | None = None
    created_from: datetime | None = None
    created_to: datetime | None = None
    updated_from: datetime | None = None
    updated_to: datetime | None = None
    created_on: datetime | None = None
    updated_on: datetime | None = None
    id: int | None = None
    unique_id: str | None = None
    system_id: str | None = None
    order_by: str = "Id"
    direction: int = 1
    page: int = 1
    size: int = 25
    text_match: TextMatch = "contains"

    def __attrs_post_init__(self) -> None:
        # A query is made for every request, so a field that was left out costs one comparison.
        for name in ("lesson_id", "member_id", "id"):
            if (value := getattr(self, name)) is not None:
                object.__setattr__(self, name, as_id(name, value))
        for name in _TEXTS:
            if (value := getattr(self, name)) is not None:
                object.__setattr__(self, name, as_optional_text(name, value) or None)
        for name in _INSTANTS:
            if (value := getattr(self, name)) is not None:
                object.__setattr__(self, name, as_optional_instant(name, value))
        if self.unique_id is not None:
            object.__setattr__(self, "unique_id", as_unique_id("unique_id", self.unique_id))
        if not isinstance(self.order_by, str) or self.order_by not in ORDERS:
            raise InvalidValue.of("order_by", self.order_by, _expected_order(self.order_by))
        if type(self.direction) is not int or self.direction not in (1, -1):
            raise InvalidValue.of("direction", self.direction, "1 (ascending) or -1 (descending)")
        as_int("page", self.page, low=1, high=2**63 - 1)
        as_int("size", self.size, low=1, high=2**63 - 1)
        if self.text_match not in ("contains", "exact"):
            raise InvalidValue.of("text_match", self.text_match, "'contains' or 'exact'")


def _expected_order(given: object) -> str:
    near = nearest(given, ORDERS) if isinstance(given, str) else None
    hint = f" (did you mean {shown(near)}?)" if near else ""
    return f"one of {', '.join(ORDERS)}{hint}"


@attrs.frozen(kw_only=True)
class Page:
    """One page of an answer, with the exact totals over all pages.

    The derived numbers follow the paging library that the origin's names come from: an empty
    answer has `first_item` 1, `last_item` 0 and `total_pages` 0. (decided)
    """

    records: tuple[CompletedLesson, ...]
    total_items: int
    page_number: int
    page_size: int

    @property
    def total_pages(self) -> int:
        """How many pages of this size hold all items; 0 when there are none."""
        return -(-self.total_items // self.page_size)

    @property
    def first_item(self) -> int:
        """The place of this page's first record in the whole answer, counted from 1."""
        return (self.page_number - 1) * self.page_size + 1

    @property
    def last_item(self) -> int:
        """The place of this page's last record; one less than `first_item` on an empty page."""
        return self.first_item + len(self.records) - 1

    @property
    def has_next_page(self) -> bool:
        """Whether a page with a higher number holds records."""
        return self.page_number < self.total_pages

    @property
    def has_previous_page(self) -> bool:
        """Whether the page number is above 1."""
        return self.page_number > 1
