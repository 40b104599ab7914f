"""Live names and their labels: what is shown, what moves, and what forks share."""

from typing import Any

import pytest
from hypothesis import given, settings

from coursetrack.domain.entities import CompletedLesson, CourseMember, Coworker, Lesson
from coursetrack.listing import dimensions
from coursetrack.listing.dimensions import (
    NAMED,
    UNKNOWN,
    Dimension,
    LiveNames,
    SideLabels,
    each_of,
    label_for,
    label_of,
    labels_of,
)
from coursetrack.listing.fields import FIELDS, Side
from coursetrack.listing.query import CompletedLessonQuery
from coursetrack.listing.table import Table
from tests.listing.worlds import AT, WRITES, Changing

NAMES = ("titles", "shown", "coworker_of")


def lesson(id_: int, title: str) -> Lesson:
    return Lesson(id=id_, course_id=1, title=title)


def member(id_: int, coworker_id: int) -> CourseMember:
    return CourseMember(id=id_, course_id=1, coworker_id=coworker_id, created_on=AT)


# -- labels


def test_a_label_sorts_and_is_found_as_its_value_compares() -> None:
    assert label_of(None, accents=True) == ""
    assert label_of("", accents=True) == "="
    assert label_of("ÉA", accents=True) == "=e\u0301a"
    assert label_of("ÉA", accents=False) == "=ea"
    assert label_of("ada", accents=True) is label_of("ADA", accents=True)


@pytest.mark.parametrize(
    ("name", "value", "label"),
    [
        ("lesson_title", "Ada", "=ada"),
        ("team_names", "A , B", "=a,b"),
        ("team_names", None, ""),
        ("lesson_id", 7, 7),
        ("lesson_id", None, 0),
        ("unique_id", "AB", "=AB"),
        ("system_id", None, ""),
    ],
)
def test_each_kind_has_its_label(name: str, value: Any, label: Any) -> None:
    assert label_for(FIELDS[name], value) == label


def test_an_instant_has_no_label() -> None:
    with pytest.raises(NotImplementedError, match="created_on: only a column"):
        label_for(FIELDS["created_on"], AT)


def test_a_coworker_is_labelled_in_each_dimension_of_members() -> None:
    coworker = Coworker(id=1, full_name="Éd", company_name=None, team_names=("Ops", "ops", "X , Y"))
    labels = labels_of(Side.MEMBER, coworker)
    assert dict(zip(NAMED[Side.MEMBER], labels, strict=True)) == {
        "full_name": ("=e\u0301d",),
        "company_name": ("",),
        "team_names": ("=ops,ops,x,y",),
        each_of("team_names"): ("=ops", "=x", "=y"),
    }
    assert labels_of(Side.MEMBER, coworker, accents=False)[0] == ("=ed",)
    assert labels_of(Side.LESSON, lesson(1, "Ada")) == (("=ada",),)
    assert UNKNOWN[Side.MEMBER] == (("",),) * 4


# -- the log of moves

NULLS = (("",),)


def test_what_was_never_known_moves_nothing() -> None:
    labels = SideLabels(NULLS * 2)
    labels.set(7, (("a",), ("x",)))
    labels.set(7, (("a",), ("x",)))
    assert (labels.moves, labels.renames, labels.generation) == ([], (0, 0), 0)
    labels.set(7, (("b",), ("x",)))
    assert (labels.renames, len(labels.moves)) == ((1, 0), 1)
    labels.set(7, (("c",), ("y",)))
    assert labels.renames == (2, 1)
    assert labels.moves[1] == (7, (("b",), ("x",)), (("c",), ("y",)))
    assert labels.known == {7: (("c",), ("y",))}


def test_a_long_log_is_cut_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dimensions, "_LONGEST_LOG", 3)
    labels = SideLabels(NULLS)
    for n in range(4):
        labels.set(7, ((n,),))
    assert (len(labels.moves), labels.generation) == (3, 0)
    labels.set(7, ((9,),))
    assert (labels.moves, labels.generation) == ([], 1)


def test_what_is_gone_is_forgotten_with_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dimensions, "_LONGEST_LOG", 1)
    labels = SideLabels(NULLS)
    for side in (7, 8):
        labels.set(side, (("a",),))
    labels.set(7, NULLS)
    assert labels.known == {7: NULLS, 8: (("a",),)}
    labels.set(8, (("b",),))
    assert labels.known == {8: (("b",),)}
    assert labels.fork().fork()._unknown == NULLS


def test_a_move_that_was_cut_off_is_dropped() -> None:
    labels = SideLabels(NULLS)
    labels.set(7, (("a",),))
    labels.set(8, (("a",),))
    labels.moves.append(dimensions.Move(7, (("a",),), (("b",),)))
    labels.set(8, (("c",),))
    assert [move.side for move in labels.moves] == [8]
    labels.set(8, (("d",),))
    assert [move.side for move in labels.moves] == [8, 8]


def test_a_fork_of_labels_shares_until_either_writes() -> None:
    labels = SideLabels(NULLS)
    labels.set(7, (("a",),))
    labels.set(7, (("b",),))
    fork = labels.fork()
    assert fork.known is labels.known
    assert (fork.renames, fork.generation) == (labels.renames, labels.generation)
    known, moves = dict(labels.known), list(labels.moves)
    labels.set(7, (("c",),))
    labels.set(9, (("c",),))
    assert (fork.known, fork.moves) == (known, moves)
    fork.set(7, (("d",),))
    assert (fork.known, labels.known) == ({7: (("d",),)}, {7: (("c",),), 9: (("c",),)})
    assert (len(fork.moves), len(labels.moves)) == (2, 2)
    held = fork.known
    fork.set(7, (("e",),))
    assert fork.known is held  # its own by now


# -- names


@pytest.mark.parametrize("few", [0, 1, 8])
@settings(max_examples=15)
@given(writes=WRITES)
def test_names_are_those_of_the_lesson_and_of_the_members_coworker(
    few: int, writes: list[tuple[str, int, int, int]]
) -> None:
    before, dimensions._FEW = dimensions._FEW, few
    try:
        world = Changing()
        for write in writes:
            world.write(*write)
            fork = world.names.fork()
            fork.put(None, lesson(1, "only in the fork"))
            fork.put(None, member(1, 99))
        agree(world)
    finally:
        dimensions._FEW = before


def agree(world: Changing) -> None:
    names = world.names
    held = world.dimensions()
    for member_id, coworker_id in world.coworker_of.items():
        full_name, company, teams = world.shown[coworker_id]
        joined = ", ".join(teams) if teams else None
        assert names.names(1, member_id) == (world.titles[1], full_name, company, joined)
        assert names.entity(Side.MEMBER, member_id) is names.coworkers[coworker_id]
        labels = labels_of(Side.MEMBER, names.coworkers[coworker_id])
        for name, expected in zip(NAMED[Side.MEMBER], labels, strict=True):
            assert held[name].labels(member_id) == expected
    for lesson_id, title in world.titles.items():
        assert names.entity(Side.LESSON, lesson_id) is names.lessons[lesson_id]
        assert names.lessons[lesson_id].title == title
        assert held["lesson_title"].labels(lesson_id) == (label_of(title, accents=True),)
    members: dict[int, set[int]] = {}
    for member_id, coworker_id in world.coworker_of.items():
        members.setdefault(coworker_id, set()).add(member_id)
    assert {id_: {*each} for id_, each in names.members_of.items() if each} == members


def test_nobody_has_no_names_and_the_labels_of_null() -> None:
    names = LiveNames()
    assert names.names(1, 1) == (None, None, None, None)
    assert names.entity(Side.LESSON, 1) is None
    assert names.entity(Side.MEMBER, 1) is None
    for dimension in names.dimensions():
        assert dimension.labels(1) == ("",)


@pytest.mark.parametrize("few", [0, 1, 8])
def test_what_goes_is_shown_no_more(few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dimensions, "_FEW", few)
    names = LiveNames()
    ada, bo = Coworker(id=1, full_name="Ada"), Coworker(id=2, full_name="Bo")
    for entity in (lesson(1, "Topic"), ada, bo, member(1, 1), member(2, 1), member(3, 1)):
        names.put(None, entity)
    names.put(lesson(1, "Topic"), None)
    names.put(member(2, 1), None)
    assert names.names(1, 2) == (None, None, None, None)
    assert names.names(1, 1).full_name == "Ada"
    names.put(ada, None)
    assert names.names(1, 1).full_name is None
    assert [each.labels(1) for each in names.dimensions()] == [("",)] * 5
    names.put(None, ada)  # as an undo does
    assert names.names(1, 3).full_name == "Ada"
    names.put(None, member(2, 2))
    names.put(ada, Coworker(id=1, full_name="Eve"))
    assert [names.names(1, id_).full_name for id_ in (1, 2, 3)] == ["Eve", "Bo", "Eve"]


def test_a_member_who_is_named_before_the_coworker_gets_the_names_later() -> None:
    names = LiveNames()
    names.put(None, member(1, 1))
    names.put(None, Coworker(id=1, full_name="Ada"))
    assert names.names(1, 1).full_name == "Ada"


def test_nothing_put_changes_nothing() -> None:
    names = LiveNames()
    names.put(None, None)
    assert names.titles == {}


def test_many_members_of_one_coworker_are_put_one_by_one() -> None:
    """Their number is not walked for each: each container is touched once for each member."""
    names = LiveNames()
    names.put(None, Coworker(id=1, full_name="Ada"))
    for id_ in range(1, 500):
        names.put(None, member(id_, 1))
        if id_ > dimensions._FEW:
            assert isinstance(names.members_of[1], dict)
            held = names.members_of[1]
    assert names.members_of[1] is held
    assert [*held] == [*range(1, 500)]
    names.put(None, member(7, 1))
    assert len(held) == 499


def test_a_fork_shares_all_until_either_side_puts_a_name() -> None:
    names = LiveNames(accents=False)
    names.put(None, Coworker(id=1, full_name="Ada"))
    for id_ in range(1, 12):
        names.put(None, member(id_, 1))
    names.put(None, lesson(1, "Topic"))
    fork = names.fork()
    assert fork.accents is False
    assert all(getattr(fork, name) is getattr(names, name) for name in NAMES)
    assert fork.members_of is names.members_of
    assert fork.of_members is not names.of_members
    names.put(None, member(12, 1))
    names.put(None, lesson(1, "Other"))
    assert (len(fork.members_of[1]), fork.titles[1], 12 in fork.shown) == (11, "Topic", False)
    fork.put(member(1, 1), None)
    assert (len(names.members_of[1]), names.names(1, 1).full_name) == (12, "Ada")
    held = names.titles
    names.put(None, lesson(2, "Third"))
    assert names.titles is held  # its own by now


@pytest.mark.parametrize(
    ("fields", "uses"),
    [
        ({}, ""),
        ({"lesson_title": "x"}, "lesson_title"),
        ({"order_by": "CourseLessonTitle"}, "lesson_title"),
        ({"lesson_id": 3, "member_id": 3, "system_id": "x"}, ""),
        ({"full_name": "x", "order_by": "CourseMemberCoworkerCompanyName"}, "full_name company"),
        ({"team_names": "x"}, "teams each"),
        (
            {"team_names": "x", "full_name": "x", "company_name": "x"},
            "full_name company teams each",
        ),
    ],
)
def test_a_query_uses_the_renames_of_its_names_alone(fields: dict[str, Any], uses: str) -> None:
    names = LiveNames()
    names.of_lessons.renames = ("lesson_title",)  # type: ignore[assignment]
    names.of_members.renames = ("full_name", "company", "teams", "each")  # type: ignore[assignment]
    assert " ".join(names.renames(CompletedLessonQuery(**fields))) == uses  # type: ignore[arg-type]


# -- dimensions of rows


def test_ids_are_their_own_labels_and_never_move() -> None:
    world = Changing()
    world.complete(3, 2, 5)
    dimension, everything = world.dimensions()["lesson_id"], world.dimensions()["everything"]
    assert (dimension.labels(3), dimension.side_of(world.table, 0)) == ((3,), 3)
    assert [*dimension.sides(world.table, 0)] == [3]
    assert [*dimension.sides(world.table, 1)] == []
    assert (everything.labels(0), everything.side_of(world.table, 0)) == ((0,), 0)
    assert [*everything.sides(world.table, 0)] == [0]
    assert (dimension.moves, dimension.generation) == ((), 0)
    with pytest.raises(NotImplementedError, match="lesson_id has no moves"):
        dimension.change(dimensions.Move(1, (), ()))


def test_rows_with_a_system_id_are_their_own_sides() -> None:
    table = Table()
    for id_, system_id in ((1, None), (2, "É"), (3, None)):
        table.put(
            CompletedLesson(
                id=id_,
                lesson_id=1,
                member_id=1,
                created_on=AT,
                system_id=system_id,
                updated_by="Éd",
            )
        )
    systems = dimensions.Systems(table, accents=False)
    assert [*systems.sides(table, 0)] == [0, 2, 0]
    assert [*systems.sides(table, 1)] == [2, 0]
    assert [systems.side_of(table, row) for row in range(3)] == [0, 2, 0]
    assert (systems.labels(2), systems.labels(0)) == (("=e",), ("",))
    assert dimensions.Systems(table, accents=True).labels(2) == (("=e\u0301"),)
    assert [*dimensions.Systems(Table(), accents=True).sides(Table(), 0)] == []
    editors = dimensions.Editors(table, accents=False)
    assert (editors.labels(0), editors.labels(1)) == (("",), ("=ed",))
    assert dimensions.Editors(table, accents=True).labels(1) == ("=e\u0301d",)


def test_a_dimension_of_names_tells_its_own_part_of_a_move() -> None:
    names = LiveNames()
    names.put(None, Coworker(id=1, full_name="Ada"))
    names.put(None, member(5, 1))
    names.put(None, Coworker(id=1, full_name="Bo", company_name="Engines"))
    by_name: dict[str, Dimension] = {each.name: each for each in names.dimensions()}
    (move,) = by_name["full_name"].moves
    assert by_name["full_name"].change(move) == (("=ada",), ("=bo",))
    assert by_name["company_name"].change(move) == (("",), ("=engines",))
    assert by_name["lesson_title"].moves == []
    assert by_name["full_name"].generation == names.of_members.generation
    assert by_name["full_name"].side == "members"
    assert by_name["lesson_title"].side == "lessons"
