"""The question and its answer, as frozen values."""

from collections.abc import Callable, Iterator
from typing import Any, Literal, SupportsIndex, overload

import attrs

from coursetrack.domain.entities import CompletedLesson
from coursetrack.domain.reprs import html_table, short_repr
from coursetrack.domain.values import (
    as_id,
    as_int,
    as_optional_instant,
    as_optional_text,
    as_unique_id,
)
from coursetrack.errors import InvalidValue, nearest, shown
from coursetrack.listing.fields import (
    FILTERS,
    ORDERS,
    SPELLINGS,
    Bound,
    Kind,
    ListFilters,
    OrderBy,
    OrderSpelling,
)

TextMatch = Literal["contains", "exact"]


def _as_filter_text(field: str, value: object) -> str | None:
    return as_optional_text(field, value) or None


_CHECKS: dict[Kind, Callable[[str, object], object]] = {
    Kind.ID: as_id,
    Kind.TEXT: _as_filter_text,
    Kind.TEAMS: _as_filter_text,
    Kind.CODE: _as_filter_text,
    Kind.INSTANT: as_optional_instant,
    Kind.UNIQUE_ID: as_unique_id,
}
_CHECK_OF = tuple(
    (row.name, _CHECKS[Kind.INSTANT if isinstance(row, Bound) else row.kind]) for row in FILTERS
)


def _as_order(given: OrderBy | OrderSpelling) -> OrderBy:
    found = SPELLINGS.get(given) if isinstance(given, str) else None
    if found is None:
        raise InvalidValue.of("order_by", given, _expected_order(given))
    return found


def _expected_order(given: object) -> str:
    near = nearest(given, SPELLINGS) if isinstance(given, str) else None
    hint = f" (did you mean {shown(near)}?)" if near else ""
    return f"one of {', '.join(ORDERS)}{hint}"


@attrs.frozen(kw_only=True)
class CompletedLessonQuery(ListFilters):
    """Which completed lessons, in which order, which page. Filters combine with AND.

    * Ids, `unique_id` and `system_id` match exactly; what does not exist gives an empty page.
    * Texts match by case-insensitive substring (Unicode's canonical caseless match, which ends
      with a whole letter), or whole where `text_match` is ``"exact"``; an empty text is no filter.
      `team_names` matches on the joined text, blanks around commas ignored; exactly, it is the
      whole text or one of its teams. (decided)
    * ``…_from`` and ``…_to`` are inclusive instants [seed]; from later than to is an empty page.
    * `created_on` and `updated_on` match the whole second that the instant lies in.
    * `order_by` is one of :data:`ORDERS`, or its filter's spelling, and becomes the former; ties
      go by Id in the same `direction` (1 or -1). Nulls come first ascending, last descending.
    * `page` counts from 1, `size` is at least 1; a page past the end is empty.

    Raises :class:`InvalidValue` for anything else.
    """

    __repr__ = short_repr

    order_by: OrderBy = attrs.field(default="Id", converter=_as_order)
    direction: Literal[1, -1] = 1
    page: int = 1
    size: int = 25
    text_match: TextMatch = "contains"

    def __attrs_post_init__(self) -> None:
        # A query is made for every request, so a field that was left out costs one comparison.
        for name, check in _CHECK_OF:
            if (value := getattr(self, name)) is not None:
                object.__setattr__(self, name, check(name, value))
        if type(self.direction) is not int or self.direction not in (1, -1):
            raise InvalidValue.of("direction", self.direction, "1 (ascending) or -1 (descending)")
        as_int("page", self.page, low=1, high=2**63 - 1)
        as_int("size", self.size, low=1, high=2**63 - 1)
        if self.text_match not in ("contains", "exact"):
            raise InvalidValue.of("text_match", self.text_match, "'contains' or 'exact'")


class Paged:
    """One page of something, with the exact total over all pages, and the numbers that follow.

    They follow the paging library that the origin's names come from: an empty answer has
    `first_item` 1, `last_item` 0 and `total_pages` 0. (decided)
    """

    __slots__ = ()

    total_items: int
    page_number: int
    page_size: int

    def __len__(self) -> int:
        """How many items are on this page."""
        raise NotImplementedError

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
        return self.first_item + len(self) - 1

    @property
    def has_next_page(self) -> bool:
        """Whether a page with a higher number holds records."""
        return self.page_number < self.total_pages

    @property
    def has_previous_page(self) -> bool:
        """Whether the page number is above 1."""
        return self.page_number > 1


@attrs.frozen(kw_only=True)
class Page(Paged):
    """One page of an answer, with the exact totals over all pages; a sequence of its records."""

    __repr__ = short_repr

    records: tuple[CompletedLesson, ...]
    total_items: int
    page_number: int
    page_size: int

    def _repr_html_(self) -> str:
        where = f"page {self.page_number} of {self.total_pages}"
        heads = ("id", "lesson", "member", "created on", "updated on", "updated by")
        rows = (
            (x.id, x.lesson_id, x.member_id, x.created_on, x.updated_on, x.updated_by)
            for x in self.records
        )
        return html_table(f"{self.total_items} completed lessons, {where}", heads, rows)

    def __len__(self) -> int:
        """How many records are on this page; `total_items` counts those of all pages."""
        return len(self.records)

    def __iter__(self) -> Iterator[CompletedLesson]:
        """The page's records in order."""
        return iter(self.records)

    @overload
    def __getitem__(self, place: SupportsIndex, /) -> CompletedLesson: ...
    @overload
    def __getitem__(self, place: slice, /) -> tuple[CompletedLesson, ...]: ...
    def __getitem__(self, place: Any, /) -> Any:
        """The record at this place of the page, counted from 0; or several, for a slice."""
        return self.records[place]
