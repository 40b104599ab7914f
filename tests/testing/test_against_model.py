"""Store, tracker and endpoint against the naive model, over random worlds and requests."""

import json
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coursetrack.domain.entities import (
    CompletedLesson,
    Course,
    CourseMember,
    Coworker,
    Lesson,
)
from coursetrack.endpoint.handler import Endpoint
from coursetrack.endpoint.requests import Principal, Request
from coursetrack.listing import postings
from coursetrack.listing.fields import ORDERS
from coursetrack.listing.query import CompletedLessonQuery
from coursetrack.testing import strategies
from coursetrack.testing.model import expected
from coursetrack.testing.model.model import Model
from coursetrack.testing.strategies import START, Academy, ShownRecord
from coursetrack.tracker import Tracker

PATH = "/api/content/coursecompletedlessons"
ADMIN = Principal("admin", is_unrestricted_admin=True)
World = tuple[Tracker, Model]


@st.composite
def worlds(draw: Any) -> World:
    """A tracker and a model that were told the same: an academy, a stream, some imports."""
    academy: Academy = draw(strategies.academies(min_each=1))
    stream = draw(strategies.event_streams(academy=academy))
    imports = draw(
        st.lists(
            strategies.completed_lessons(
                id=st.integers(1, 40),
                lesson_id=st.sampled_from([0, *(x.id for x in academy.lessons)]),
                member_id=st.sampled_from([0, *(x.id for x in academy.members)]),
            ),
            max_size=12,
        )
    )
    world = Tracker(), Model()
    for each in world:
        each.add_all(academy.entities)
        each.record_many(stream)
        for record in imports:
            expected.attempt(lambda each=each, record=record: each.add(record))
    return world


def seen_in(model: Model) -> list[ShownRecord]:
    """Every record with the names it is shown with."""
    return [(record, model.completed_lessons.joined(record)) for record in model.completed_lessons]


@pytest.fixture(params=[2, 2048], ids=["tiny pieces", "usual pieces"])
def piece(request: pytest.FixtureRequest) -> Iterator[int]:
    """How many rows of an index are kept together: so few that every page spans several."""
    usual, postings.PieceLimit.piece = postings.PieceLimit.piece, request.param
    yield request.param
    postings.PieceLimit.piece = usual


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(world=worlds(), data=st.data())
@pytest.mark.slow
def test_any_query_is_answered_as_a_scan_would(piece: int, world: World, data: Any) -> None:
    tracker, model = world
    queries = st.lists(strategies.queries(seen=seen_in(model)), min_size=1, max_size=8)
    for query in data.draw(queries):
        for _ in ("cold", "warm"):
            got = tracker.completed_lessons.find(query)
            expected.same_page(got, model.completed_lessons.find(query))
    tracker.check()


LARGE = Academy(
    courses=(Course(id=1, title="Onboarding"),),
    lessons=tuple(Lesson(id=id, course_id=1, title=f"Lesson {id % 4}") for id in range(1, 13)),
    coworkers=tuple(
        Coworker(id=id, full_name="Zoë" * (id % 3), company_name=None, team_names=("Ops", "A")[:id])
        for id in range(1, 5)
    ),
    members=tuple(
        CourseMember(id=id, course_id=1, coworker_id=1 + id % 4, created_on=START)
        for id in range(1, 13)
    ),
)
WRITES = st.tuples(
    st.sampled_from(["complete", "complete", "complete", "delete", "rename", "transfer"]),
    st.integers(1, 12),
    st.integers(1, 12),
    strategies.instants(),
)


def write(each: Any, what: str, one: int, other: int, at: datetime) -> None:
    """One write, the same to a tracker and to a model."""
    match what:
        case "complete":
            each.complete(lesson_id=one, member_id=other, at=at)
        case "delete":
            each.delete_completed(id=one * 12 + other - 12)
        case "rename":
            each.replace(Lesson(id=one, course_id=1, title=f"lesson {other % 4}"))
        case _:
            coworker = 1 + one % 4
            each.replace(
                CourseMember(id=other, course_id=1, coworker_id=coworker, created_on=START)
            )


@settings(
    max_examples=15,
    suppress_health_check=[*HealthCheck],
)
@given(rounds=st.lists(st.lists(WRITES, max_size=60), min_size=2, max_size=5), data=st.data())
@pytest.mark.slow
def test_a_larger_store_between_writes(piece: int, rounds: list[Any], data: Any) -> None:
    tracker, model = Tracker(), Model()
    for each in (tracker, model):
        each.add_all(LARGE.entities)
    for writes in rounds:
        for given_write in writes:
            got, wanted = (
                expected.attempt(partial(write, each, *given_write)) for each in (tracker, model)
            )
            assert got.error == wanted.error
        for query in data.draw(st.lists(strategies.queries(seen=seen_in(model)), max_size=5)):
            got_page = tracker.completed_lessons.find(query)
            expected.same_page(got_page, model.completed_lessons.find(query))
    tracker.check()


@given(worlds(), st.sampled_from(list(ORDERS)), st.integers(1, 4))
@pytest.mark.slow
def test_pages_joined_are_the_list_and_descending_is_its_reverse(
    world: World, order_by: str, size: int
) -> None:
    tracker, model = world

    def walked(direction: int) -> list[CompletedLesson]:
        rows: list[CompletedLesson] = []
        for page in range(1, len(tracker.completed_lessons) + 2):
            query = CompletedLessonQuery(
                order_by=order_by, direction=direction, page=page, size=size
            )
            rows += tracker.completed_lessons.find(query).records
        return rows

    assert walked(1) == walked(-1)[::-1]
    assert sorted(walked(1), key=lambda record: record.id) == list(model.completed_lessons)


@given(worlds(), st.data())
def test_a_list_request_is_answered_by_the_seeds_formulas(world: World, data: Any) -> None:
    tracker, model = world
    query = data.draw(strategies.queries(seen=seen_in(model), text_match="contains"))
    text = data.draw(strategies.spellings(query=query))
    answer = Endpoint(tracker).handle(Request("GET", PATH, query=text), principal=ADMIN)
    assert json.dumps(answer.body) == json.dumps(expected.listed(model, query))


@given(worlds(), st.data())
@pytest.mark.slow
def test_an_exact_endpoint_matches_whole_texts(world: World, data: Any) -> None:
    tracker, model = world
    query = data.draw(strategies.queries(seen=seen_in(model), text_match="exact"))
    text = data.draw(strategies.spellings(query=query))
    endpoint = Endpoint(tracker, text_match="exact")
    answer = endpoint.handle(Request("GET", PATH, query=text), principal=ADMIN)
    assert answer.body == expected.listed(model, query)


@given(worlds(), strategies.hostile_query_strings())
@pytest.mark.slow
def test_whatever_is_asked_model_and_tracker_answer_alike(world: World, text: str) -> None:
    tracker, _ = world
    version = tracker.version
    answers = [
        Endpoint(each).handle(Request("GET", PATH, query=text), principal=ADMIN) for each in world
    ]
    assert answers[0] == answers[1]
    assert answers[0].status in (200, 400)
    assert tracker.version == version
    assert json.loads(json.dumps(answers[0].body)) == answers[0].body


@given(worlds(), st.integers(0, 3))
@pytest.mark.slow
def test_progress_is_a_recount(world: World, days: int) -> None:
    tracker, _ = world
    for member in [x for x in tracker.entities() if type(x).__name__ == "CourseMember"]:
        got, wanted = (each.progress(member_id=member.id) for each in world)
        assert got.completed_lesson_ids == wanted.completed_lesson_ids
        assert got.completeness == wanted.completeness
        assert got.last_completed == wanted.last_completed
        assert 0 <= got.completeness <= 1


def test_an_empty_tracker_answers_everything() -> None:
    tracker, model = Tracker(), Model()
    for order_by in ORDERS:
        for page in (1, 2, 10**18):
            query = CompletedLessonQuery(order_by=order_by, direction=-1, page=page, full_name="a")
            got = tracker.completed_lessons.find(query)
            expected.same_page(got, model.completed_lessons.find(query))
            assert (got.total_pages, got.first_item) == (0, (page - 1) * 25 + 1)


def test_the_model_says_what_the_seed_shows() -> None:
    """One record, shown by hand: the model is held against something, too."""
    model = Model()
    model.add(CompletedLesson(id=87654321, lesson_id=0, member_id=0, created_on=START))
    page = model.completed_lessons.find(CompletedLessonQuery(size=15, order_by="CreatedOn"))
    assert [record.id for record in page.records] == [87654321]
    assert model.completed_lessons.joined(page.records[0]) == (None, None, None, None)
