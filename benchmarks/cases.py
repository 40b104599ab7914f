"""The rows of the query table: what is asked, with fresh values for every first ask."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import attrs

from benchmarks.workload import SHARED_TITLES, SPAN, START, Workload
from coursetrack.listing.fields import OrderBy
from coursetrack.listing.query import CompletedLessonQuery

PAGES = ("first", "middle", "last")
FRESH = 9
"""How many different values a case has: three for each of the three pages."""

Fields = dict[str, Any]


@attrs.frozen
class Case:
    """A row of the table. `plain` has one condition or none, and no scan of its own."""

    name: str
    plain: bool
    queries: tuple[CompletedLessonQuery, ...]
    """Page 1 of `FRESH` queries of this kind; of a single one where nothing can vary."""


def cases(workload: Workload) -> list[Case]:
    """All rows of the table for this workload."""
    popular = workload.popular
    member = len(workload.members) // (FRESH + 1)
    return [
        _one("all, by CreatedOn", order_by="CreatedOn"),
        _case("hot lesson, by CreatedOn", lambda n: {"lesson_id": popular[n]}),
        _case("member, by CreatedOn", lambda n: {"member_id": 1 + n * member, "size": 5}),
        _case("title shared by 100 lessons", lambda n: _title(n)),
        _case("company", lambda n: _company(workload, n)),
        _case("team", lambda n: {"team_names": f"Team {n + 1:02}"}),
        _case("created range 50 %, by CreatedOn", lambda n: _half(n)),
        _case("created range 50 %, by UpdatedOn", lambda n: _half(n + 9, "UpdatedOn")),
        _case("created range 50 %, by full name", lambda n: _half(n + 18, _FULL_NAME)),
        _case(
            "company + created range, by UpdatedOn",
            lambda n: _company(workload, n + 11) | _half(n + 27, "UpdatedOn"),
            plain=False,
        ),
        _case(
            "team + lesson, by CreatedOn",
            lambda n: {"team_names": f"Team {n + 11:02}", "lesson_id": popular[n]},
            plain=False,
        ),
        _case(
            "team + created range, by full name",
            lambda n: {"team_names": f"Team {n + 21:02}"} | _half(n + 36, _FULL_NAME),
            plain=False,
        ),
        _one("all, by title", order_by="CourseLessonTitle"),
        _one("all, by full name", order_by=_FULL_NAME),
        _case("title contains", lambda n: {"lesson_title": f"pic 0{n}"}, plain=False),
        _case("name contains", lambda n: {"full_name": _PARTS[n]}, plain=False),
    ]


_FULL_NAME: OrderBy = "CourseMemberCoworkerFullName"
_PARTS = ("berg", "croft", "dal", "feld", "ham", "kov", "lace", "man", "sen")


def _one(name: str, *, order_by: OrderBy) -> Case:
    return Case(name, True, (CompletedLessonQuery(order_by=order_by),))


def _case(name: str, fields: Callable[[int], Fields], *, plain: bool = True) -> Case:
    by_time: Fields = {"order_by": "CreatedOn"}
    queries = (CompletedLessonQuery(**(by_time | fields(n))) for n in range(FRESH))
    return Case(name, plain, tuple(queries))


def _title(n: int) -> Fields:
    return {"lesson_title": SHARED_TITLES[n], "text_match": "exact"}


def _company(workload: Workload, n: int) -> Fields:
    names = workload.company_names
    return {"company_name": names[n % len(names)], "text_match": "exact"}


def _half(n: int, order_by: str = "CreatedOn") -> Fields:
    start = START + SPAN / 5 + timedelta(hours=n, seconds=17 * n)
    return {"created_from": start, "created_to": start + SPAN / 2, "order_by": order_by}


def page_numbers(total: int, size: int) -> tuple[int, int, int]:
    """The first, middle and last page of so many items; all 1 where there is one page."""
    pages = max(1, -(-total // size))
    return 1, (pages + 1) // 2, pages
