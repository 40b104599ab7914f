"""The machine proves itself: a few of the planted bugs, those that are found within a second.

All of them are hunted by ``pytest tests/testing/hunt_planted_bugs.py``.
"""

import pytest

from coursetrack.listing.query import Page
from tests.testing.hunt_planted_bugs import is_found
from tests.testing.planted_bugs import BUGS, Bug, planted

QUICK = (
    "a page is one row too long",
    "a full last page counts twice",
    "descending pages are not turned around",
    "the end of a range is exclusive",
    "ties between names are broken the other way",
    "a deleted completion still counts as completed",
    "the next id does not step over an imported one",
    "the instant of enrolment is before the enrolment",
    "lessons with one display order are read backwards",
    "a blocked member may go on",
    "an update moves the instant of completion",
)


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_each_bug_can_be_planted_and_is_gone_afterwards(bug: Bug) -> None:
    with planted(bug):
        pass
    page = Page(records=(), total_items=25, page_number=1, page_size=25)
    assert (page.first_item, page.total_pages, page.has_next_page) == (1, 1, False)


def test_a_planted_bug_is_there() -> None:
    page = Page(records=(), total_items=25, page_number=1, page_size=25)
    with planted(next(bug for bug in BUGS if bug.name == "a full last page counts twice")):
        assert page.total_pages == 2
    assert page.total_pages == 1


def test_there_are_thirty_and_no_two_alike() -> None:
    assert len({bug.name for bug in BUGS}) == len({bug.wrong for bug in BUGS}) == 30


@pytest.mark.parametrize("name", QUICK)
@pytest.mark.slow
def test_the_machine_finds(name: str) -> None:
    assert is_found(next(bug for bug in BUGS if bug.name == name))
