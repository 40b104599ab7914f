"""The table of list fields: what derives from it, and what a forgotten or a new row does."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import get_args

import attrs
import pytest

import coursetrack
from coursetrack.listing.fields import (
    CONSTANT_WITH,
    FIELDS,
    FILTERS,
    ORDERS,
    SIDE_IDS,
    SPELLINGS,
    OrderBy,
    OrderSpelling,
)
from coursetrack.listing.query import CompletedLessonQuery
from coursetrack.listing.store import cache_key
from tests.listing import naive

ROOT = Path(coursetrack.__file__).parent.parent
PAGING = {"page", "size", "direction"}
OTHER = {
    "lesson_id": 7,
    "member_id": 7,
    "id": 7,
    "page": 7,
    "size": 7,
    "direction": -1,
    "order_by": "CreatedOn",
    "text_match": "exact",
    "unique_id": "a1b2c3d4-e5f6-7890-abcd-ef1234567890",
} | dict.fromkeys(
    ("created_from", "created_to", "updated_from", "updated_to", "created_on", "updated_on"),
    naive.AT,
)


def test_the_key_of_an_answer_holds_every_field_but_where_the_page_lies() -> None:
    """A field that is missing from the key serves the answer to another question."""
    plain = CompletedLessonQuery()
    names = [each.name for each in attrs.fields(CompletedLessonQuery)]
    others = {name: attrs.evolve(plain, **{name: OTHER.get(name, "x")}) for name in names}
    missing = {name for name in names if cache_key(others[name]) == cache_key(plain)}
    assert missing == PAGING, f"missing from the cache's key: {sorted(missing - PAGING)}"


def test_the_spellings_that_type_checkers_know_are_those_of_the_rows() -> None:
    assert set(get_args(OrderBy)) == set(ORDERS)
    assert set(get_args(OrderSpelling)) == {each.spelling for each in FIELDS.values()}
    assert set(SPELLINGS) == {*get_args(OrderBy), *get_args(OrderSpelling)}


def test_the_orders_are_those_that_the_oracle_knows() -> None:
    assert dict(ORDERS) == naive.ORDERS


def test_a_row_is_named_as_the_query_names_it() -> None:
    own = [each.name for each in FILTERS]
    assert [each.name for each in attrs.fields(CompletedLessonQuery)][: len(own)] == own
    assert all(each.about for each in FILTERS)


def test_an_id_makes_constant_what_its_lesson_or_member_carries() -> None:
    assert {each.name for each in SIDE_IDS} == {"lesson_id", "member_id"}
    assert CONSTANT_WITH["lesson_id"] == ("lesson_id", "lesson_title")
    assert CONSTANT_WITH["member_id"] == ("member_id", "full_name", "company_name", "team_names")
    for name in FIELDS.keys() - {"lesson_id", "member_id"}:
        assert CONSTANT_WITH[name] == (name,)


# -- in a copy of the tree


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the package and of these tests, to change."""
    skip = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "coursetrack", tmp_path / "coursetrack", ignore=skip)
    (tmp_path / "tests" / "listing").mkdir(parents=True)
    for name in ("naive.py", "test_fields.py"):
        shutil.copy(ROOT / "tests" / "listing" / name, tmp_path / "tests" / "listing" / name)
    return tmp_path


def change(path: Path, before: str, after: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(before) == 1
    path.write_text(text.replace(before, after), encoding="utf-8")


def run(where: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments], cwd=where, capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


def test_a_filter_forgotten_in_the_key_is_named_by_a_test(copy: Path) -> None:
    paging = '"page", "size", "direction"'
    change(copy / "coursetrack/listing/store.py", paging, f'{paging}, "system_id"')
    program = (
        "from tests.listing.test_fields import *\n"
        "test_the_key_of_an_answer_holds_every_field_but_where_the_page_lies()"
    )
    assert "missing from the cache's key: ['system_id']" in run(copy, "-c", program)


ROW = """
    course_id: int | None = _listed(
        "CourseLessonCourseId",
        "CourseCompletedLesson_CourseLesson_Course",
        Kind.ID,
        side=Side.LESSON,
        of=attrgetter("course_id"),
        about="Id of the lesson's course.",
    )
    member_id: int | None ="""

PROGRAM = """
from datetime import UTC, datetime
from coursetrack.domain.entities import Lesson
from coursetrack.endpoint.description import openapi
from coursetrack.endpoint.parameters import read_query, write_query
from coursetrack.listing.query import CompletedLessonQuery
from coursetrack.listing.store import Store, cache_key

AT = datetime(2025, 1, 1, tzinfo=UTC)
store = Store()
for id_ in (1, 2, 3, 4):
    lesson = Lesson(id=id_, course_id=9 - id_ // 2, title="x")  # courses 9 8 8 7
    store.put_named(None, lesson)
    store.append((id_, id_, 1, AT))

def ids(**fields):
    return [record.id for record in store.find(CompletedLessonQuery(**fields))]

assert ids(course_id=8) == ids(course_id=8) == [2, 3]
store.prepare()
store.check()
assert ids() == [1, 2, 3, 4]
assert ids(order_by="CourseLessonCourseId") == [4, 2, 3, 1]
assert ids(order_by="CourseCompletedLesson_CourseLesson_Course", direction=-1) == [1, 3, 2, 4]
one = CompletedLessonQuery(lesson_id=2, order_by="CourseLessonCourseId")
assert store.explain(one).order == "created"  # which is the order by id
store.put_named(lesson, Lesson(id=4, course_id=8, title="x"))
assert ids(course_id=8) == [2, 3, 4] and ids(course_id=7) == []
asked = read_query("coursecompletedlesson_courselesson_course=8&orderBy=courselessoncourseid")
assert (asked.course_id, asked.order_by) == (8, "CourseLessonCourseId")
assert read_query(write_query(asked)) == asked
assert cache_key(asked) != cache_key(read_query("orderBy=CourseLessonCourseId"))
assert "CourseCompletedLesson_CourseLesson_Course" in str(openapi())
print("all of it")
"""


def test_a_list_field_of_a_lesson_is_one_row(copy: Path) -> None:
    """Filter, order, parameter, description, constant-with and key come with it."""
    change(copy / "coursetrack/listing/fields.py", "\n    member_id: int | None =", ROW)
    assert run(copy, "-c", PROGRAM) == "all of it\n"


def test_a_row_whose_spelling_type_checkers_do_not_know_is_refused_by_them(copy: Path) -> None:
    change(copy / "coursetrack/listing/fields.py", "\n    member_id: int | None =", ROW)
    program = (
        "from tests.listing.test_fields import *\n"
        "test_the_spellings_that_type_checkers_know_are_those_of_the_rows()"
    )
    assert "AssertionError" in run(copy, "-c", program)
