"""What is asked: query strings as clients send them, and what a peer reads out of one."""

from typing import Any
from urllib.parse import parse_qsl, urlencode

import attrs

from benchmarks.workload import SPAN, START, Workload

PATH = "/api/content/coursecompletedlessons"
PAGES = ("first", "middle", "last")
SIZES = (25, 1_000)

_LESSON = "CourseCompletedLesson_CourseLesson"
_SINCE = "from_CourseCompletedLesson_UpdatedOn"
_COLUMNS = {"CreatedOn": "created_on", "UpdatedOn": "updated_on"}


@attrs.frozen
class Question:
    """A list without its page: what a row of the table asks for."""

    name: str
    filters: dict[str, str]
    order_by: str

    def text(self, page: int, size: int) -> str:
        """The query string for a page."""
        paging = {"page": page, "size": size, "orderBy": self.order_by, "dir": 1}
        return urlencode({**self.filters, **paging})


def questions(workload: Workload) -> list[Question]:
    """Everything; one lesson; and what a client asks for that keeps a copy up to date."""
    since = (START + SPAN / 2).strftime("%Y-%m-%dT%H:%M:%SZ")
    return [
        Question("all, by CreatedOn", {}, "CreatedOn"),
        Question("a hot lesson, by CreatedOn", {_LESSON: str(workload.popular[0])}, "CreatedOn"),
        Question("updated since, by UpdatedOn", {_SINCE: since}, "UpdatedOn"),
    ]


@attrs.frozen
class Asked:
    """A query string, read as little as the peers need: they check nothing that is wrong."""

    lesson_id: int | None
    since: str | None
    order_by: str
    page: int
    size: int

    @classmethod
    def of(cls, text: str) -> "Asked":
        """What `text` asks for."""
        given = dict(parse_qsl(text))
        lesson_id = given.get(_LESSON)
        return cls(
            None if lesson_id is None else int(lesson_id),
            given.get(_SINCE),
            given["orderBy"],
            int(given["page"]),
            int(given["size"]),
        )

    @property
    def column(self) -> str:
        """The column that the answer is ordered by."""
        return _COLUMNS[self.order_by]

    @property
    def skipped(self) -> int:
        """How many records the pages before this one hold."""
        return (self.page - 1) * self.size

    def body(self, records: list[Any], total: int) -> dict[str, Any]:
        """The answer around `records`, of which there are `total` on all pages."""
        pages = -(-total // self.size)
        return {
            "Records": records,
            "CurrentPageSize": self.size,
            "CurrentPage": self.page,
            "CurrentOrderField": self.order_by,
            "CurrentSortDirection": 1,
            "FirstItem": self.skipped + 1,
            "HasNextPage": self.page < pages,
            "HasPreviousPage": self.page > 1,
            "LastItem": self.skipped + len(records),
            "PageNumber": self.page,
            "PageSize": self.size,
            "TotalItems": total,
            "TotalPages": pages,
        }
