"""The workload: it follows from its seed, and is what its docstring says."""

from collections import Counter
from itertools import pairwise

import pytest

from benchmarks.cases import FRESH, cases, page_numbers
from benchmarks.crowd import make_crowd
from benchmarks.workload import COURSES, LESSONS, SHARED_TITLES, Workload, make_workload


@pytest.fixture(scope="module")
def workload() -> Workload:
    return make_workload(2_000, late_writes=50)


def test_it_follows_from_its_seed(workload: Workload) -> None:
    assert make_workload(2_000, late_writes=50) == workload
    assert make_workload(2_000, late_writes=50, seed=2).created != workload.created


def test_pairs_are_completed_once_and_refer_to_what_is_there(workload: Workload) -> None:
    rows = [*workload.rows(), *workload.late_writes]
    assert [row[0] for row in rows] == list(range(1, 2_051))
    assert len({row[1:3] for row in rows}) == len(rows)
    assert {row[1] for row in rows} <= {lesson.id for lesson in workload.lessons}
    assert {row[2] for row in rows} <= workload.coworker_of.keys()
    assert all(created <= updated for _, _, _, created, updated in rows)


def test_some_arrive_late_and_the_late_writes_after_all(workload: Workload) -> None:
    created = list(workload.created)
    out_of_order = sum(later < before for before, later in pairwise(created))
    assert 0 < out_of_order < 60
    assert min(row[3] for row in workload.late_writes) > max(created)


def test_shared_titles_are_shared_by_all_courses(workload: Workload) -> None:
    titles = Counter(lesson.title for lesson in workload.lessons)
    assert len(workload.lessons) == LESSONS
    assert {titles[title] for title in SHARED_TITLES} == {COURSES}
    assert {count for title, count in titles.items() if title not in SHARED_TITLES} == {1}


def test_popular_lessons_come_first(workload: Workload) -> None:
    counts = Counter(workload.lesson_ids)
    first, tenth, last = (counts[workload.popular[place]] for place in (0, 9, -1))
    assert first > tenth > last


def test_cases_vary_but_for_plain_orders(workload: Workload) -> None:
    made = cases(workload)
    assert len({case.name for case in made}) == len(made) == 16
    assert {len(set(case.queries)) for case in made} == {1, FRESH}
    assert all(query.page == 1 for case in made for query in case.queries)


@pytest.mark.parametrize(
    ("total", "expected"), [(0, (1, 1, 1)), (25, (1, 1, 1)), (26, (1, 1, 2)), (250, (1, 5, 10))]
)
def test_page_numbers(total: int, expected: tuple[int, int, int]) -> None:
    assert page_numbers(total, 25) == expected


def test_the_crowd_completes_less_than_half() -> None:
    crowd = make_crowd(5_000)
    pairs = {(event.member_id, event.lesson_id) for event in crowd.events}
    assert 0.44 < len(pairs) / 5_000 < 0.48
    assert make_crowd(5_000) == crowd
