"""A short walk at every run; `python -m tests.walk` goes further."""

import pytest

from tests.walk.walk import Difference, Walk


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_a_short_walk_finds_no_difference(seed: int) -> None:
    walk = Walk(seed)
    for _ in range(600 if seed == 1 else 4_000):
        walk.step()
    assert walk.counts["(completed)"] > 10
    assert walk.counts["(advanced)"] > 10


def walk_far(walk: Walk) -> None:
    """Until something differs."""
    for _ in range(20_000):
        walk.step()


def test_a_wrong_answer_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The oracle forgets that a deleted completion takes the evidence with it."""
    walk = Walk(1)
    monkeypatch.setattr("tests.walk.oracle.Oracle.delete", lambda self, id_: self.records.pop(id_))
    with pytest.raises(Difference):
        walk_far(walk)
