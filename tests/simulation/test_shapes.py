"""Quantile tables, and time that runs with the week."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursetrack import InvalidValue
from coursetrack.simulation import Quantiles, Rhythm

SHARES = st.floats(0, 1, exclude_max=True)
SECONDS = st.integers(0, 4 * 10**9)
WEIGHTS = st.lists(st.floats(0.01, 100), min_size=24, max_size=24)


@given(st.lists(st.floats(0, 1e6), min_size=1), SHARES, SHARES)
def test_quantiles_rise_within_their_ends(samples: list[float], a: float, b: float) -> None:
    shape = Quantiles.of(samples)
    low, high = sorted((a, b))
    assert min(samples) <= shape(low) <= shape(high) <= max(samples)


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=128))
def test_few_samples_are_kept_as_they_are(samples: list[int]) -> None:
    ordered = tuple(float(each) for each in sorted(samples))
    assert Quantiles.of(samples).values == (ordered if len(ordered) > 1 else ordered * 2)


def test_lines_between_the_quantiles() -> None:
    shape = Quantiles((0, 10, 100))
    assert [shape(u) for u in (0, 0.25, 0.5, 0.75)] == [0, 5, 10, 55]
    assert repr(shape) == "<Quantiles: 0 to 100, half below 10>"


@pytest.mark.parametrize("values", [(), (2, 1), (float("nan"),), ("1",), (-1,), (True,), 5])
def test_what_is_no_distribution_is_refused(values: object) -> None:
    with pytest.raises(InvalidValue, match="values"):
        Quantiles(values)  # type: ignore[arg-type]


@given(WEIGHTS, SECONDS, st.floats(0, 1e7))
def test_busy_time_comes_back(weights: list[float], second: int, busy: float) -> None:
    rhythm = Rhythm(weights)
    end = rhythm.after(second, busy)
    assert end >= second
    # A whole second is at most its speed in busy seconds, and busy time at most rounds.
    slack = max(weights) * 24 / sum(weights) + 1e-3
    assert -1e-3 <= rhythm.between(second, end) - busy <= slack


@given(WEIGHTS, SECONDS, SECONDS)
def test_busy_time_rises_and_a_week_is_a_week(weights: list[float], a: int, b: int) -> None:
    rhythm = Rhythm(weights)
    assert rhythm.busy(min(a, b)) <= rhythm.busy(max(a, b))
    assert abs(rhythm.between(a, a + 7 * 86_400) - 7 * 86_400) < 1e-2


def test_an_even_rhythm_is_the_clock_and_nights_are_slept_through() -> None:
    assert Rhythm().after(1_000, 90.0) == 1_090
    days = Rhythm([0] * 12 + [1] * 12)
    midnight = 20_000 * 86_400
    assert days.after(midnight, 2.0) == midnight + 12 * 3600 + 1
    assert repr(days) == "<Rhythm: busiest on Monday at 12:00 UTC>"


@pytest.mark.parametrize("weights", [(), (0,), (1,) * 5, (-1,), ("x",)])
def test_what_is_no_rhythm_is_refused(weights: object) -> None:
    with pytest.raises(InvalidValue, match="weights"):
        Rhythm(weights)  # type: ignore[arg-type]
