"""Which member has completed which lesson: bits, slots and strays, each corruption found."""

from collections.abc import Callable
from itertools import pairwise

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursetrack.domain.entities import Course, CourseMember, Coworker, Lesson
from coursetrack.errors import CorruptStore
from coursetrack.knowledge.completions import MASK, Completions, MemberStates
from coursetrack.knowledge.entity_tables import EntityTables
from coursetrack.knowledge.undo_log import UndoLog
from tests.domain.courses import START

LESSONS = [Lesson(id=id_, course_id=1 + id_ // 4, title="L") for id_ in range(1, 5)]
MEMBERS = [
    CourseMember(id=id_, course_id=1 + id_ // 3, coworker_id=1, created_on=START)
    for id_ in range(1, 4)
]
PAIRS = [(lesson.id, member.id) for lesson in LESSONS for member in MEMBERS]


def tables() -> EntityTables:
    """Three lessons and two members of course 1, one lesson and one member of course 2."""
    made = EntityTables()
    named = (Course(id=1, title="C"), Course(id=2, title="D"), Coworker(id=1, full_name="Ada"))
    for entity in (*named, *LESSONS, *MEMBERS):
        made.put(UndoLog(), None, entity)
    return made


def made() -> Completions:
    """Nobody has completed anything."""
    completions = Completions(tables())
    for lesson in LESSONS:
        completions.open_slot(UndoLog(), lesson)
    for member in MEMBERS:
        completions.seat(UndoLog(), member)
    return completions


def held(completions: Completions) -> set[tuple[int, int]]:
    return {pair for pair in PAIRS if completions.holds(*pair)}


scripts = st.lists(st.tuples(st.booleans(), st.sampled_from(PAIRS)))


@given(scripts, scripts)
def test_pairs_are_held_as_a_set_holds_them(
    script: list[tuple[bool, tuple[int, int]]], after: list[tuple[bool, tuple[int, int]]]
) -> None:
    completions, undo_log, naive = made(), UndoLog(), set[tuple[int, int]]()
    for adds, pair in script:
        (completions.add if adds else completions.discard)(undo_log, *pair)
        (naive.add if adds else naive.discard)(pair)
        assert held(completions) == naive
        completions.check(naive)
    undo_log.roll_back()
    assert held(completions) == set()
    for pair in naive:
        completions.add(undo_log, *pair)
    fork, undo_log = completions.fork(tables()), UndoLog()
    for one, other in ((fork, completions), (completions, fork)):
        for adds, pair in after:
            (one.add if adds else one.discard)(undo_log, *pair)
        assert held(other) == naive
        undo_log.roll_back()
    assert held(completions) == held(fork) == naive
    for each in (completions, fork):
        each.check(naive)


moves = st.tuples(
    st.sampled_from(("fork", "complete", "complete", "remove", "seat", "look up")),
    st.integers(0, 4),
    st.integers(1, 9),
)


@given(st.lists(moves, max_size=40))
def test_forks_of_member_states_are_as_independent_as_copies(
    script: list[tuple[str, int, int]],
) -> None:
    undo_log, sides = UndoLog(), [MemberStates()]
    naive: list[dict[int, int]] = [{}]
    for move, side, member_id in script:
        side %= len(sides)
        states, masks = sides[side], naive[side]
        if move == "fork":
            layers = states.layers()
            sides[side] = MemberStates(layers)
            sides.append(MemberStates(layers))
            naive.append(dict(masks))
            sizes = [*map(len, layers)]
            assert all(2 * one < other for one, other in pairwise(sizes))
        elif move == "seat":
            masks[member_id] = 0
            undo_log.put(states, member_id, [1, START, 0])
        elif move == "remove" and member_id in masks:
            del masks[member_id]
            states.remove(undo_log, member_id)
        elif move == "complete" and member_id in masks:
            masks[member_id] += 1
            states[member_id][MASK] += 1
        assert states[member_id][MASK] == masks.get(member_id, 0)
    for states, masks in zip(sides, naive, strict=True):
        assert {id_: state[MASK] for id_, state in states.everybody().items()} == masks
        assert [states[id_][0] for id_ in range(1, 10)] == [
            1 if id_ in masks else -1 for id_ in range(1, 10)
        ]


def test_fill_stops_at_the_first_pair_that_is_there() -> None:
    completions = made()
    assert completions.fill([(1, 1), (4, 1), (2, 1)]) is None
    assert held(completions) == {(1, 1), (4, 1), (2, 1)}
    assert completions.fill([(3, 1), (2, 1), (3, 2)]) == 1
    assert completions.fill([(3, 2), (4, 1)]) == 1


def test_a_slot_is_used_again_once_it_is_free() -> None:
    completions, undo_log = made(), UndoLog()
    bit = completions.bits[2]
    completions.close_slot(undo_log, LESSONS[1])
    assert 2 not in completions.bits
    completions.open_slot(undo_log, attrs.evolve(LESSONS[1], id=9))
    assert completions.bits[9] == bit
    undo_log.roll_back()
    assert completions.bits[2] == bit
    completions.check([])


def test_a_changed_member_keeps_the_mask_and_a_barred_one_is_nowhere() -> None:
    completions, undo_log = made(), UndoLog()
    completions.add(undo_log, 1, 1)
    completions.seat(undo_log, attrs.evolve(MEMBERS[0], blocked=True))
    assert completions.member_states[1][0] == -1
    assert completions.done(1) == completions.bits[1]
    assert 1 in completions.completed_by(1)
    assert 2 not in completions.completed_by(1)
    assert "1" not in completions.completed_by(1)


def test_nobody_has_completed_anything() -> None:
    assert made().member_states[99][MASK] == 0


def _spoil_bit(completions: Completions) -> None:
    completions.bits[1] = completions.bits[2]


def _spoil_state(completions: Completions) -> None:
    completions.member_states[1][0] = 2


CORRUPTIONS: dict[str, tuple[Callable[[Completions], object], str]] = {
    "a pair too many": (lambda c: c.add(UndoLog(), 2, 1), "2 pairs are held for 1"),
    "a pair too few": (lambda c: c.discard(UndoLog(), 1, 1), "is not among pairs"),
    "a stray too many": (lambda c: c.add(UndoLog(), 4, 1), "2 pairs are held for 1"),
    "two lessons with one slot": (_spoil_bit, "no slot of its own"),
    "a lesson without a slot": (lambda c: c.bits.pop(4), "the used slots"),
    "a slot that nobody has": (lambda c: c._used.update({1: 0b1111}), "the used slots"),
    "a member without a state": (lambda c: c.member_states.pop(3), "not every member"),
    "a stale state": (_spoil_state, "member 1 is stale"),
}


@pytest.mark.parametrize("what", CORRUPTIONS)
def test_check_finds(what: str) -> None:
    completions = made()
    completions.add(UndoLog(), 1, 1)
    completions.check([(1, 1)])
    spoil, told = CORRUPTIONS[what]
    spoil(completions)
    with pytest.raises(CorruptStore, match=told):
        completions.check([(1, 1)])
