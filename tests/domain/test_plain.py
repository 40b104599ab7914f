"""Facts as plain values: each part of one that is wrong is named, in every kind."""

import importlib
import pkgutil
from collections.abc import Iterator
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import attrs
import pytest

import coursetrack.domain
from coursetrack.domain.criteria.amounts import ScoreAtLeast, TimeSpentAtLeast
from coursetrack.domain.criteria.combined import AllOf, AtLeast
from coursetrack.domain.criteria.triggers import Visited
from coursetrack.domain.entities import (
    CompletedLesson,
    Course,
    CourseMember,
    Coworker,
    Lesson,
    Section,
)
from coursetrack.domain.events import PageVisit, Scored, VideoProgress
from coursetrack.domain.evidence import FirstVisit, Presence, Scores
from coursetrack.domain.facts import Fact, RememberedEvent
from coursetrack.domain.plain import plain_fact, plain_instant, read_event, read_fact, read_list
from coursetrack.domain.watched import Watched
from coursetrack.errors import InvalidSnapshot

START = datetime(2025, 1, 1, tzinfo=UTC)
WHO: dict[str, Any] = {"member_id": 7, "lesson_id": 10}
CRITERION = AllOf(AtLeast(1, Visited(), ScoreAtLeast(Fraction(1, 3))), TimeSpentAtLeast(5))
FACTS: tuple[Fact, ...] = (
    Course(id=1, title="a"),
    Section(id=1, course_id=1, title="a"),
    Lesson(id=1, course_id=1, title="a", criterion=CRITERION, video_duration=5.5),
    Lesson(id=1, course_id=1, title="a", section_id=2, completion_type=4, video_coverage=0.5),
    Coworker(id=1, full_name="a", company_name="b", team_names=("c", "d")),
    CourseMember(id=1, course_id=1, coworker_id=1, created_on=START),
    CompletedLesson(**WHO, id=1, created_on=START, custom_fields={"a": [1, None]}),
    FirstVisit(**WHO, at=START),
    Watched(**WHO, at=START, stretches=((0, 5), (7, 9)), durations=(9, 10)),
    Watched(**WHO),
    Presence(**WHO, spans=((0, 5), (7, 9))),
    Scores(**WHO, best=((Fraction(-1, 3), START),)),
    RememberedEvent(place=3, event=PageVisit(**WHO, at=START, event_id="e")),
    RememberedEvent(
        place=3, event=Scored(**WHO, at=START, event_id="e", score=Fraction(-1, 3), out_of=2)
    ),
    RememberedEvent(
        place=3,
        event=VideoProgress(**WHO, at=START, event_id="e", start=1, end=2.5, duration=10),
    ),
)


def read(fact: Fact, plain: object) -> Fact:
    return read_fact(type(fact).__name__, plain, "here")


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: type(fact).__name__)
def test_what_was_written_is_read_and_nothing_else(fact: Fact) -> None:
    plain = plain_fact(fact)
    assert read(fact, plain) == fact
    for where, wrong in spoiled(plain):
        with pytest.raises(InvalidSnapshot, match=where):
            read(fact, wrong)


def spoiled(plain: Any, where: str = "here") -> Iterator[tuple[str, Any]]:
    """`plain` with one thing wrong, wherever one can be; and the place that has to be named."""
    if isinstance(plain, dict) and not where.endswith("custom_fields"):
        for key, value in plain.items():
            yield where, {name: each for name, each in plain.items() if name != key}
            for place, wrong in spoiled(value, f"{where}.{key}"):
                yield place, {**plain, key: wrong}
        yield where, {**plain, "titel": 1}
        yield where, {**plain, 5: 1}
    if isinstance(plain, list):
        for n, value in enumerate(plain):
            for _, wrong in spoiled(value, f"{where}[{n}]"):
                # Lists are read as wholes: the place is that of the list, or within it.
                yield (
                    where.partition("[")[0].partition(".criteria")[0],
                    [
                        *plain[:n],
                        wrong,
                        *plain[n + 1 :],
                    ],
                )
    yield where, object()


def test_the_nearest_name_is_told_where_there_is_one() -> None:
    plain = plain_fact(Course(id=1, title="a"))
    for key, hint in (("titel", "(did you mean 'title'?)"), ("zzzz", "id, title, active, got")):
        with pytest.raises(InvalidSnapshot) as caught:
            read_fact("Course", {**plain, key: 1}, "here")
        assert hint in str(caught.value)
        assert ("did you mean" in str(caught.value)) == (key == "titel")
    for kind, near in (("PageVist", True), ("zzzz", False)):
        with pytest.raises(InvalidSnapshot) as caught:
            read_event({"kind": kind}, "here")
        assert ("did you mean" in str(caught.value)) == near


INSTANT = "2025-01-10T08:00:00Z"


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        5,
        "",
        "now",
        "2025-01-10",
        "2025-01-10T08:00:00",
        "2025-01-10T08:00:00+00:00",
        "2025-01-10T09:00:00+01:00",
        "2025-01-10T08:00:00.000000Z",
        "2025-01-10T08:00:00.5Z",
        "2025-01-10 08:00:00Z",
        f"{INSTANT} ",
        INSTANT + "0" * 99,
    ],
)
def test_an_instant_has_one_spelling(wrong: object) -> None:
    fact = FirstVisit(**WHO, at=datetime(2025, 1, 10, 8, tzinfo=UTC))
    assert plain_fact(fact)["at"] == INSTANT
    if wrong is not None:
        with pytest.raises(InvalidSnapshot, match=r"here\.at: expected an instant such as"):
            read(fact, {**WHO, "at": wrong})
    late = datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)
    assert plain_instant(late) == "9999-12-31T23:59:59.999999Z"
    assert read(fact, {**WHO, "at": plain_instant(late)}).at == late


@pytest.mark.parametrize(
    "wrong",
    ["1", "2/4", "1/0", "1/-2", "-/2", "+1/2", "1/2/3", " 1/2", "a/b", "", 0.5, None, "½/1"],
)
def test_an_exact_number_has_one_spelling(wrong: object) -> None:
    fact = Scores(**WHO, best=((Fraction(1, 2), START),))
    plain = plain_fact(fact)
    assert plain["best"] == [["1/2", "2025-01-01T00:00:00Z"]]
    with pytest.raises(InvalidSnapshot, match="an exact number in lowest terms such as '9/10'"):
        read(fact, {**plain, "best": [[wrong, plain["best"][0][1]]]})


def test_an_exact_number_may_be_long_but_not_endless() -> None:
    fact = Scores(**WHO, best=((Fraction(1, 10**1000), START),))
    assert read(fact, plain_fact(fact)) == fact
    plain = plain_fact(fact)
    plain["best"][0][0] = f"1/1{'0' * 2_100}"
    with pytest.raises(InvalidSnapshot, match="an exact number"):
        read(fact, plain)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (None, "here: expected an object, got None"),
        ([], "here: expected an object, got"),
        ({}, "here.kind: expected one of PageVisit"),
        ({"kind": "PageVist"}, "did you mean 'PageVisit'"),
        ({"kind": ["PageVisit"]}, "here.kind: expected one of"),
        ({"kind": "PageVisit"}, "here.member_id: expected a value, as every key must be there"),
    ],
)
def test_an_event_that_is_none_is_told_apart(wrong: object, told: str) -> None:
    with pytest.raises(InvalidSnapshot) as caught:
        read_event(wrong, "here")
    assert told in str(caught.value)


def test_what_is_no_list_is_named() -> None:
    assert read_list([5], "here") == [5]
    with pytest.raises(InvalidSnapshot, match="here: expected a list, got"):
        read_list((5,), "here")


# -- how values are made


def classes() -> Iterator[type]:
    """Every attrs class of the domain that takes something."""
    package = coursetrack.domain
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        for each in vars(importlib.import_module(module.name)).values():
            is_own = isinstance(each, type) and each.__module__ == module.name
            if is_own and attrs.has(each) and any(x.init for x in attrs.fields(each)):
                yield each


def test_values_are_made_by_the_names_of_their_fields() -> None:
    """All but those of one or two fields, and the criteria."""
    by_place = {
        each.__name__
        for each in classes()
        if not all(field.kw_only for field in attrs.fields(each) if field.init)
    }
    criteria = {"AllOf", "AnyOf", "AtLeast", "_Combined", "ScoreAtLeast", "TimeSpentAtLeast"}
    small = {"Added", "Kinds", "Known", "MetSince", "Pieces"}
    assert by_place == {*criteria, "VideoCoverage", *small}
