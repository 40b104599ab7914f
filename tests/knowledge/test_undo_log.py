"""The undo log: whatever was changed through it comes back, from wherever it was cut off."""

from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursetrack.knowledge.undo_log import UndoLog


@attrs.define
class Held:
    """One container of each kind that an undo log changes."""

    table: dict[int, int] = attrs.field(factory=lambda: {1: 10, 2: 20})
    group: set[int] = attrs.field(factory=lambda: {1, 2})
    items: list[int] = attrs.field(factory=lambda: [10, 20, 30])
    number: int = 0


def act(undo_log: UndoLog, held: Held, step: tuple[str, int, int]) -> None:
    """Changes one of the containers."""
    what, key, value = step
    if what == "put":
        undo_log.put(held.table, key, value)
    elif what == "drop":
        undo_log.drop(held.table, key)
    elif what == "set_item":
        undo_log.set_item(held.items, key, value)
    elif what == "include":
        undo_log.include(held.group, key)
    elif what == "exclude":
        undo_log.exclude(held.group, key)
    elif what == "assign":
        undo_log.assign(held, "number", value)
    else:
        undo_log.call(held.table.update, ({9: held.table.get(9, -1)},), {9: value})


KINDS = ("put", "drop", "set_item", "include", "exclude", "assign", "call")
steps = st.lists(
    st.tuples(st.sampled_from(KINDS[:-1]), st.integers(0, 2), st.integers(0, 99)), max_size=12
)


@given(steps)
def test_everything_comes_back(script: list[tuple[str, int, int]]) -> None:
    held, undo_log = Held(), UndoLog()
    for step in script:
        act(undo_log, held, step)
    undo_log.roll_back()
    assert held == Held()
    assert len(undo_log) == 0


@pytest.mark.parametrize("what", KINDS)
def test_each_change_takes_place(what: str) -> None:
    held = Held()
    act(UndoLog(), held, (what, 1 if what != "include" else 3, 5))
    assert held != Held()


class Cut(BaseException):
    """Cuts a roll back off."""


@given(steps, st.integers(0, 12))
def test_a_roll_back_that_is_cut_off_is_gone_on_with(
    script: list[tuple[str, int, int]], after: int
) -> None:
    held, undo_log = Held(), UndoLog()
    is_cut = [False]

    def cut_once() -> None:
        if not is_cut[0]:
            is_cut[0] = True
            raise Cut

    for place, step in enumerate(script):
        if place == after:
            undo_log.note(cut_once)
        act(undo_log, held, step)
    try:
        undo_log.roll_back()
    except Cut:
        assert len(undo_log) > 0
        undo_log.roll_back()
    assert held == Held()


def test_what_is_noted_is_undone_though_the_change_did_not_take_place() -> None:
    undo_log, told = UndoLog(), list[Any]()
    undo_log.note(told.append, "first")
    undo_log.note(told.append, "second")
    undo_log.roll_back()
    assert told == ["second", "first"]


def test_a_change_that_fails_is_noted_before_it_fails() -> None:
    undo_log, told = UndoLog(), list[Any]()

    def fail(*_: object) -> None:
        told.append("acted")
        if len(told) == 1:
            raise Cut

    with pytest.raises(Cut):
        undo_log.call(fail, ("back",), "forth")
    undo_log.roll_back()
    assert told == ["acted", "acted"]
