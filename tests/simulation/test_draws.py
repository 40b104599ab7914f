"""Draws by key: the same bits everywhere, each purpose its own, nothing by order."""

import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursetrack import InvalidValue
from coursetrack.simulation import Draws, Uniforms
from tests.house.source import ROOT

GOLDEN = [
    3011383371,
    4184623723,
    503262708,
    1885053255,
    1202591241,
    400365730,
    2279541738,
    2486123804,
]
GOLDEN_FAR = [
    2991572896,
    2452921693,
    1493889752,
    3849277298,
    1021061044,
    2133774721,
    1530064481,
    3180510193,
]

NUMBERS = st.integers(-(2**63), 2**63 - 1)


def words(uniforms: Uniforms) -> list[int]:
    """The uniforms as the whole numbers that they are multiples of 2**-32 of."""
    return [int(u * 2**32) for u in uniforms]


def test_a_draw_is_the_same_bits_on_every_platform() -> None:
    assert words(Draws(1, 2)(3, 4, 5)) == GOLDEN
    assert words(Draws(-1)(2**63 - 1, -(2**63))) == GOLDEN_FAR


@given(NUMBERS, st.integers(0, 99), NUMBERS, NUMBERS, NUMBERS)
def test_a_draw_depends_on_its_key_and_on_nothing_before(
    seed: int, replication: int, member: int, lesson: int, round: int
) -> None:
    draws = Draws(seed, replication)
    first = draws(member, lesson, round)
    draws(1, 2, 3)
    assert draws(member, lesson, round) == first == Draws(seed, replication)(member, lesson, round)
    assert all(0 <= u < 1 for u in first)


def test_each_part_of_the_key_counts() -> None:
    keys = [(1, 1, 1, 1, 1), (2, 1, 1, 1, 1), (1, 2, 1, 1, 1), (1, 1, 2, 1, 1), (1, 1, 1, 2, 1)]
    keys.append((1, 1, 1, 1, 2))
    found = {Draws(seed, replication)(*rest) for seed, replication, *rest in keys}
    assert len(found) == len(keys)
    assert Draws(1, 12) != Draws(11, 2)
    assert Draws(1, 12)(1) != Draws(11, 2)(1)


def test_purposes_are_even_and_apart() -> None:
    drawn = [Draws(7)(member) for member in range(4_000)]
    for purpose in Uniforms._fields:
        values = [getattr(each, purpose) for each in drawn]
        assert abs(sum(values) / len(values) - 0.5) < 0.02
        assert 0.2 < sum(value < 0.25 for value in values) / len(values) < 0.3
    assert len({u for each in drawn for u in each}) > 31_990


def test_a_seed_that_is_none_is_named() -> None:
    with pytest.raises(InvalidValue, match="seed"):
        Draws("1")  # type: ignore[arg-type]
    with pytest.raises(InvalidValue, match="replication"):
        Draws(1, -1)


PRINT = "from tests.simulation.test_streams import golden; print(golden())"


@pytest.mark.slow
@pytest.mark.parametrize("hash_seed", ["0", "4242"])
def test_streams_are_the_same_under_every_hash_seed(hash_seed: str) -> None:
    from tests.simulation.test_streams import GOLDEN as EXPECTED

    done = subprocess.run(
        [sys.executable, "-c", PRINT],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
    )
    assert done.stdout.split() == list(EXPECTED)
