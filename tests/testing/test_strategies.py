"""The strategies: what they make is valid, all of it can be reached, and it shrinks."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, timedelta
from itertools import pairwise
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample
from hypothesis.strategies import SearchStrategy

from coursetrack.domain.changes import Change
from coursetrack.domain.entities import (
    CompletedLesson,
    CompletionType,
    Course,
    CourseMember,
    Coworker,
    Lesson,
    UnlockType,
)
from coursetrack.domain.kinds import CRITERION_KINDS, EVENT_KINDS
from coursetrack.domain.plain import fact_kinds
from coursetrack.listing.fields import ORDERS
from coursetrack.listing.query import CompletedLessonQuery
from coursetrack.testing import strategies
from coursetrack.testing.model.model import Model
from coursetrack.testing.strategies import START, Academy, ShownRecord
from coursetrack.testing.strategies.values import AWKWARD_TEXTS

SEARCH = settings(
    max_examples=2_000,
    database=None,
    derandomize=True,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)

# Whether something can be reached does not ask for its smallest form, which takes long to find.
REACH = settings(SEARCH, phases=[Phase.generate])


def reached(strategy: SearchStrategy[Any], condition: Callable[[Any], object]) -> Any:
    """Some draw for which `condition` holds; fails where there is none."""
    return find(strategy, lambda drawn: bool(condition(drawn)), settings=REACH)


def reached_all(
    strategy: SearchStrategy[Any], conditions: Mapping[str, Callable[[Any], object]]
) -> None:
    """Fails, with their names, where some conditions hold for none of many draws.

    All of them look at the same draws: drawing takes much longer than looking.
    """
    missing = dict(conditions)

    def found_all(drawn: Any) -> bool:
        for name in [name for name, condition in missing.items() if condition(drawn)]:
            del missing[name]
        return not missing

    try:
        find(strategy, found_all, settings=REACH)
    except NoSuchExample:
        pytest.fail(f"never drawn: {', '.join(missing)}")


def minimal(strategy: SearchStrategy[Any], condition: Callable[[Any], object]) -> Any:
    """The smallest draw for which `condition` holds; fails where there is none."""
    return find(strategy, lambda drawn: bool(condition(drawn)), settings=SEARCH)


def model_of(academy: Academy) -> Model:
    """A model that holds the academy."""
    model = Model()
    model.add_all(academy.entities)
    return model


def seen_in(model: Model) -> list[ShownRecord]:
    """Every record of the model with its names."""
    return [(record, model.completed_lessons.joined(record)) for record in model.completed_lessons]


def a_small_school() -> Model:
    """Two completions under two titles, by people of two companies."""
    model = Model()
    model.add_all(SCHOOL.entities)
    model.complete(lesson_id=1, member_id=1, at=START)
    model.complete(lesson_id=2, member_id=2, at=START + timedelta(days=1), by="admin")
    return model


SCHOOL = Academy(
    courses=(Course(id=1, title="Onboarding"),),
    lessons=(
        Lesson(id=1, course_id=1, title="Welcome"),
        Lesson(id=2, course_id=1, title="Tools", completion_type=CompletionType.BUTTON),
    ),
    coworkers=(
        Coworker(id=1, full_name="Ada", company_name="Engines", team_names=("Design", "Ops")),
        Coworker(id=2, full_name="Zoë"),
    ),
    members=(
        CourseMember(id=1, course_id=1, coworker_id=1, created_on=START),
        CourseMember(id=2, course_id=1, coworker_id=2, created_on=START),
    ),
)

# -- validity


@given(strategies.academies())
def test_an_academy_is_coherent(academy: Academy) -> None:
    model = model_of(academy)
    assert len(model.entities) == len(academy.entities)


@given(
    strategies.academies().flatmap(
        lambda x: st.tuples(st.just(x), strategies.event_streams(academy=x))
    )
)
def test_a_stream_can_be_recorded(case: tuple[Academy, tuple[Any, ...]]) -> None:
    academy, stream = case
    tally = model_of(academy).record_many(stream)
    assert tally.completed <= len(stream)


@given(
    strategies.academies().flatmap(lambda x: strategies.event_streams(academy=x, arrival="ordered"))
)
def test_an_ordered_stream_arrives_by_instant(stream: tuple[Any, ...]) -> None:
    assert sorted(stream, key=lambda event: event.at) == list(stream)


@given(
    strategies.academies().flatmap(
        lambda x: strategies.event_streams(academy=x, duplicated=False, max_size=5)
    )
)
def test_a_stream_is_as_long_as_asked(stream: tuple[Any, ...]) -> None:
    assert len(stream) <= 5


@given(strategies.any_instants())
def test_any_instant_is_aware(at: Any) -> None:
    assert at.astimezone(UTC) == at


@given(strategies.json_values())
def test_custom_fields_take_any_json_value(value: Any) -> None:
    record = CompletedLesson(id=1, lesson_id=1, member_id=1, created_on=START, custom_fields=value)
    assert attrs.evolve(record) == record


@given(strategies.changes())
def test_a_change_survives_json_and_its_inverse(change: Change) -> None:
    assert Change.from_dict(json.loads(json.dumps(change.to_dict()))) == change
    assert change.inverse().inverse(change.sequence) == change


# -- reach


def test_conditions_that_never_hold_are_named() -> None:
    with pytest.raises(pytest.fail.Exception, match=r"never drawn: above 2$"):
        reached_all(st.integers(0, 2), {"zero": lambda x: x == 0, "above 2": lambda x: x > 2})


@pytest.mark.slow
def test_academies_reach() -> None:
    reached_all(
        strategies.academies(),
        {
            "nothing": lambda x: not x.entities,
            "courses without lessons": lambda x: len(x.courses) == 2 and not x.lessons,
            "a section": lambda x: any(each.section_id for each in x.lessons),
            "three triggers": lambda x: len({each.completion_type for each in x.lessons}) == 3,
            "two locks": lambda x: len({each.unlock_type for each in x.sections}) == 2,
            "all of a video": lambda x: any(each.video_coverage == 1 for each in x.lessons),
            "an inactive lesson": lambda x: any(not each.active for each in x.lessons),
            "a blocked member": lambda x: any(each.blocked for each in x.members),
            "a member to approve": lambda x: any(not each.approved for each in x.members),
            "somebody twice in a course": lambda x: (
                len({(each.course_id, each.coworker_id) for each in x.members}) < len(x.members)
            ),
            "a shared title": lambda x: len({y.title for y in x.lessons}) < len(x.lessons) > 1,
            "several teams": lambda x: any(len(each.team_names) > 1 for each in x.coworkers),
            "no company": lambda x: len(x.coworkers) > 1 and x.coworkers[0].company_name is None,
        },
    )


@pytest.mark.slow
def test_lessons_reach_each_kind_of_criterion() -> None:
    reached_all(
        strategies.lessons(),
        {
            name: lambda lesson, kind=kind: type(lesson.given_criterion) is kind
            for name, kind in CRITERION_KINDS.items()
        },
    )


def test_events_reach_each_kind() -> None:
    reached_all(
        strategies.events(),
        {name: lambda event, kind=kind: type(event) is kind for name, kind in EVENT_KINDS.items()},
    )


@pytest.mark.slow
def test_streams_reach() -> None:
    streams = strategies.event_streams(academy=SCHOOL)
    reached_all(
        streams.map(lambda stream: (stream, model_of(SCHOOL).record_many(stream))),
        {
            "a copy": lambda x: len(set(x[0])) < len(x[0]),
            "out of order": lambda x: any(a.at > b.at for a, b in pairwise(x[0])),
            "event ids": lambda x: len({each.event_id for each in x[0]}) > 2,
            "a missing lesson": lambda x: any(y.lesson_id > len(SCHOOL.lessons) for y in x[0]),
            "completed": lambda x: x[1].completed,
            "repeated": lambda x: x[1].repeated,
            "ignored": lambda x: x[1].ignored,
            "too early": lambda x: "before_enrolment" in x[1].refused,
        },
    )


@pytest.mark.slow
def test_queries_find_something_by_every_filter() -> None:
    model = a_small_school()
    record = next(iter(model.completed_lessons))
    model.replace(attrs.evolve(record, system_id="SAP 7"))
    total = lambda query: model.completed_lessons.find(query).total_items  # noqa: E731
    reached_all(
        strategies.queries(seen=seen_in(model)),
        {
            name: lambda query, name=name: getattr(query, name) is not None and total(query) == 1
            for name in strategies.PARAMETERS
        },
    )


@pytest.mark.slow
def test_queries_reach_every_order() -> None:
    reached_all(
        strategies.queries(),
        {
            f"{order_by} {direction}": lambda x, wanted=(order_by, direction): (
                (x.order_by, x.direction) == wanted
            )
            for order_by in ORDERS
            for direction in (1, -1)
        },
    )


@pytest.mark.slow
def test_changes_reach_every_kind_of_fact() -> None:
    reached_all(
        strategies.changes(),
        {
            f"{kind}, none {side}": lambda x, kind=kind, side=side: (
                x.kind == kind and getattr(x, side) is None
            )
            for kind in fact_kinds()
            for side in ("before", "after")
        },
    )


@pytest.mark.parametrize(
    ("strategy", "usual"),
    [
        pytest.param(strategies.ids(known=[50, 51]), lambda id: id in (50, 51), id="known ids"),
        pytest.param(strategies.texts(), lambda text: text in AWKWARD_TEXTS, id="awkward texts"),
    ],
)
@pytest.mark.slow
def test_what_is_wanted_often_is_drawn_often(
    strategy: SearchStrategy[Any], usual: Callable[[Any], bool]
) -> None:
    hits: list[bool] = []

    @settings(REACH, max_examples=100)
    @given(st.lists(strategy, min_size=10, max_size=10))
    def draw(drawn: list[Any]) -> None:
        hits.extend(map(usual, drawn))

    draw()
    assert sum(hits) > 0.65 * len(hits)


def test_queries_reach_pages_past_the_end() -> None:
    model = a_small_school()
    reached(
        strategies.queries(seen=seen_in(model)),
        lambda x: (page := model.completed_lessons.find(x)).total_items and not page.records,
    )


def holding(parts: list[str]) -> dict[str, Callable[[str], bool]]:
    """A condition for each part: that a text holds it."""
    return {part: lambda text, part=part: part in text for part in parts}


@pytest.mark.slow
def test_query_strings_reach() -> None:
    parts = ["orderby=", "page", "-1", "Descending", "%2C", "Z", "cache=no"]
    reached_all(strategies.query_strings(seen=seen_in(a_small_school())), holding(parts))


@pytest.mark.slow
def test_hostile_query_strings_reach() -> None:
    parts = ["%ff", "99999", "from_=", "W01", "\x00", "page=", "", "&"]
    reached_all(strategies.hostile_query_strings(), holding(parts))


# -- shrinking


@pytest.mark.slow
def test_an_academy_shrinks_to_what_matters() -> None:
    found = minimal(
        strategies.academies(), lambda x: any(y.unlock_type == UnlockType.TIMED for y in x.lessons)
    )
    assert (len(found.courses), len(found.lessons), len(found.coworkers)) == (1, 1, 0)
    assert len(found.entities) <= 3
    (lesson,) = found.lessons
    assert (lesson.title, lesson.active, lesson.display_order) == ("a", True, 0)


@pytest.mark.slow
def test_a_stream_shrinks_to_the_event_that_matters() -> None:
    found = minimal(
        strategies.event_streams(academy=SCHOOL),
        lambda stream: model_of(SCHOOL).record_many(stream).completed,
    )
    assert len(found) == 1
    assert found[0].event_id is None


@pytest.mark.slow
def test_a_query_shrinks_to_one_filter() -> None:
    model = a_small_school()
    found = minimal(
        strategies.queries(seen=seen_in(model)),
        lambda query: model.completed_lessons.find(query).total_items == 1,
    )
    default = CompletedLessonQuery()
    changed = [
        x.name
        for x in attrs.fields(CompletedLessonQuery)
        if getattr(found, x.name) != getattr(default, x.name)
    ]
    assert len(set(changed) - {"size"}) == 1


@pytest.mark.slow
def test_an_entity_shrinks_to_its_defaults() -> None:
    found = minimal(strategies.lessons(), lambda x: x.unlock_type == UnlockType.TIMED)
    assert found == Lesson(id=1, course_id=1, title="a", unlock_type=UnlockType.TIMED)


@pytest.mark.slow
def test_nothing_is_filtered() -> None:
    """Built, not filtered: no draw is ever thrown away."""
    drawn = []
    strategy = strategies.academies().flatmap(lambda x: strategies.event_streams(academy=x))

    @settings(max_examples=100, database=None, deadline=None)
    @given(strategy)
    def draw(stream: Any) -> None:
        drawn.append(stream)

    draw()
    assert len(drawn) >= 100
