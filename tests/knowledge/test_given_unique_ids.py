"""Unique ids that records were given: who holds one, and which ids step over it."""

from typing import Any

import pytest

from coursetrack.domain.entities import CompletedLesson
from coursetrack.domain.values import derived_unique_id
from coursetrack.errors import CorruptStore
from coursetrack.knowledge.undo_log import UndoLog
from coursetrack.knowledge.unique_ids import GivenUniqueIds
from tests.domain.courses import START

DERIVED = derived_unique_id("CompletedLesson", 2)
OWN = "6b1f0c46-3a1e-4d1b-9b1e-3a1e4d1b9b1e"


def record(id_: int, unique_id: str = "") -> CompletedLesson:
    told: dict[str, Any] = {"unique_id": unique_id} if unique_id else {}
    return CompletedLesson(id=id_, lesson_id=1, member_id=1, created_on=START, **told)


def test_who_was_given_none_is_not_kept() -> None:
    given = GivenUniqueIds()
    given.put(UndoLog(), None, record(9))
    assert not given.derivable
    assert not given.others
    assert list(given.free_ids(1, 2, 3)) == [1, 3, 5]


def test_an_id_steps_over_what_was_given_to_another() -> None:
    given, undo_log = GivenUniqueIds(), UndoLog()
    given.put(undo_log, None, record(9, DERIVED))
    assert given.holder(2) == 9
    assert given.holder(3) is None
    assert list(given.free_ids(1, 1, 3)) == [1, 3, 4]
    assert given.given_to(DERIVED) == 9
    undo_log.roll_back()
    assert given.holder(2) is None


def test_what_no_id_derives_is_kept_apart() -> None:
    given, undo_log = GivenUniqueIds(), UndoLog()
    given.put(undo_log, None, record(9, OWN))
    assert given.given_to(OWN) == 9
    assert given.holder(9) is None
    assert list(given.free_ids(1, 1, 2)) == [1, 2]
    fork = given.fork()
    given.put(undo_log, record(9, OWN), record(9, DERIVED))
    assert (given.given_to(OWN), given.given_to(DERIVED)) == (None, 9)
    assert (fork.given_to(OWN), fork.given_to(DERIVED)) == (9, None)
    given.check([record(9, DERIVED)])
    fork.check([record(9, OWN)])


@pytest.mark.parametrize(
    "records",
    [
        [],
        [record(9, DERIVED)],
        [record(8, DERIVED), record(7, OWN)],
        [record(9, DERIVED), record(7, OWN), record(2)],
        [record(9, DERIVED), record(7, OWN), record(6, derived_unique_id("CompletedLesson", 3))],
    ],
)
def test_check_finds_what_is_not_so(records: list[CompletedLesson]) -> None:
    given = GivenUniqueIds()
    for each in (record(9, DERIVED), record(7, OWN)):
        given.put(UndoLog(), None, each)
    given.check([record(9, DERIVED), record(7, OWN), record(1)])
    with pytest.raises(CorruptStore):
        given.check(records)
