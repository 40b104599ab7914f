"""The endpoint over the tracker answers what it answers over the naive model."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from coursetrack.domain.entities import CompletedLesson, Coworker, Lesson
from coursetrack.endpoint import write_query
from coursetrack.endpoint.vocabulary import ORDER_SPELLINGS
from coursetrack.listing.query import CompletedLessonQuery
from coursetrack.testing.model.model import Model
from coursetrack.tracker import Tracker
from tests.endpoint.worlds import PATH, Caller, at, filled

few = st.integers(1, 14)
bodies = st.fixed_dictionaries(
    {"Id": few, "CourseLessonId": st.integers(9, 13), "CourseMemberId": st.integers(6, 9)}
)
words = st.sampled_from(["", "e", "Welcome", "zo\u00eb", "ZOE\u0308", "Ops", "design ,ops", "a"])
instants = st.sampled_from(
    [at("2025-01-10T08:00:00"), at("2025-01-11T08:00:00.25"), at("2025-06-01T12:00:00")]
)
queries = st.builds(
    CompletedLessonQuery,
    lesson_id=st.none() | st.integers(9, 13),
    lesson_title=st.none() | words,
    member_id=st.none() | st.integers(6, 9),
    full_name=st.none() | words,
    company_name=st.none() | words,
    team_names=st.none() | words,
    created_from=st.none() | instants,
    created_to=st.none() | instants,
    updated_from=st.none() | instants,
    updated_on=st.none() | instants,
    order_by=st.sampled_from(sorted(ORDER_SPELLINGS)),
    direction=st.sampled_from([1, -1]),
    page=st.integers(1, 3),
    size=st.integers(1, 5),
)
lists = queries.map(lambda query: {"method": "GET", "query": write_query(query)})
several = st.lists(few, max_size=5).map(lambda ids: {"method": "GET", "query": f"id={ids}"})
gets = few.map(lambda id_: {"method": "GET", "path": f"{PATH}/{id_}"})
creates = bodies.map(lambda body: {"method": "POST", "body": body})
updates = bodies.map(lambda body: {"method": "PUT", "body": body})
deletes = few.map(lambda id_: {"method": "DELETE", "path": f"{PATH}/{id_}"})
requests = st.one_of(lists, lists, several, gets, creates, creates, updates, deletes)
renames = st.sampled_from(
    [
        Lesson(id=10, course_id=1, title="zo\u00eb's welcome"),
        Coworker(id=100, full_name="Zed", team_names=("Ops",)),
        Coworker(id=101, full_name="Ada", company_name="Engines"),
    ]
)


@given(st.lists(requests | renames, max_size=25), st.sampled_from(["contains", "exact"]))
def test_any_requests_in_any_order(steps: list[Any], text_match: str) -> None:
    tracker = Tracker()
    real = Caller(filled(tracker), text_match=text_match)
    naive = Caller(filled(Model()), text_match=text_match)
    for step in steps:
        if isinstance(step, dict):
            answer = real.ask(**step)
            assert answer == naive.ask(**step)
            json.dumps(answer.body)
        else:
            real.tracker.replace(step)
            naive.tracker.replace(step)
    tracker.check()


def test_a_rename_shows_at_once_and_moves_no_time() -> None:
    caller = Caller()
    before = caller.get().body["Records"][0]
    caller.tracker.replace(Lesson(id=10, course_id=1, title="Hello"))
    after = caller.get("CourseCompletedLesson_CourseLesson_Title=hello").body["Records"][0]
    assert after == {**before, "CourseLessonTitle": "Hello"}
    assert caller.ids("CourseCompletedLesson_CourseLesson_Title=welcome") == []


def test_a_record_without_references_may_stand_beside_others() -> None:
    caller = Caller()
    for id_ in (50, 51):
        caller.tracker.add(
            CompletedLesson(id=id_, lesson_id=0, member_id=0, created_on=at("2025-01-01"))
        )
    assert caller.ids("orderBy=CourseLessonTitle") == [50, 51, 1, 3, 2]
    assert caller.get(path=f"{PATH}/51").body["CourseMemberCoworkerFullName"] is None
