"""A number that is not known for sure: a value, and the range that holds it nine times in ten."""

from collections.abc import Sequence
from math import inf, sqrt

import attrs

LEVEL = 0.9
"""How often the range of an estimate is to hold the truth."""

_T = (6.314, 2.920, 2.353, 2.132, 2.015, 1.943, 1.895, 1.860, 1.833, 1.812)
_T_LATER = ((12, 1.782), (15, 1.753), (20, 1.725), (30, 1.697), (60, 1.671), (inf, 1.645))


@attrs.frozen(kw_only=True)
class Estimate:
    """What is expected, and from where to where it is in nine of ten course runs."""

    value: float
    low: float
    high: float
    runs: int = 1
    """How many past runs say how much one run differs from another; with 1 the range holds chance
    alone, and is too narrow."""

    @property
    def range(self) -> tuple[float, float, float]:
        """Value, low and high."""
        return self.value, self.low, self.high

    @property
    def is_thin(self) -> bool:
        """Whether the range leaves out how runs differ, as there is but one past run or none."""
        return self.runs < 2

    def __str__(self) -> str:
        """Such as ``231 (198 to 264)``."""
        value, low, high = (_shown(each) for each in (self.value, self.low, self.high))
        return f"{value} ({low} to {high})"


def _shown(number: float) -> str:
    if abs(number) < 10 and number != int(number):
        return f"{number:.1f}"
    return f"{number:,.0f}"


def estimate(
    groups: Sequence[Sequence[float]], *, low: float = -inf, high: float = inf
) -> Estimate:
    """The estimate of one more run, given what came out under the habits of each past run.

    A new run differs from the past ones as these do among themselves (between groups), and by
    chance (within a group); both are in the range, with Student's quantile for so few runs. It is
    cut at `low` and `high`.
    """
    groups = [group for group in groups if group]
    count = len(groups)
    means = [_mean(group) for group in groups]
    value = _mean(means)
    size = _mean([len(group) for group in groups])
    freedom = sum(len(group) - 1 for group in groups)
    squares = [
        (each - mean) * (each - mean)
        for group, mean in zip(groups, means, strict=True)
        for each in group
    ]
    within = _added(squares) / freedom if freedom else 0.0
    if count == 1:
        spread, chance = within * (1 + 1 / size), float(freedom)
    else:
        between = _added([(mean - value) * (mean - value) for mean in means]) / (count - 1)
        runs, rest = between * (1 + 1 / count), within * (1 - 1 / size)
        spread = runs + rest
        # Satterthwaite: how many degrees of freedom a sum of two variances has.
        parts = runs * runs / (count - 1) + (rest * rest / freedom if freedom else 0.0)
        chance = spread * spread / parts if parts else 1.0
    half = _student(chance) * sqrt(spread)
    return Estimate(
        value=value,
        low=min(value, max(low, value - half)),
        high=max(value, min(high, value + half)),
        runs=count,
    )


def corrected(
    value: float, ratios: Sequence[float], *, low: float = -inf, high: float = inf
) -> Estimate:
    """The estimate of a forecast, given by which ratios past forecasts were off.

    Moved by the mean of them, and as far to both sides as they differ (Student's quantile).
    """
    count = len(ratios)
    mean = _mean(ratios)
    spread = _added([(each - mean) * (each - mean) for each in ratios]) / (count - 1)
    moved = min(max(value * mean, low), high)
    half = value * _student(count - 1) * sqrt(spread * (1 + 1 / count))
    return Estimate(
        value=moved, low=max(low, moved - half), high=min(high, moved + half), runs=count
    )


def _student(freedom: float) -> float:
    """The 95 % quantile of Student's distribution, rounded to fewer degrees of freedom."""
    whole = max(1, int(freedom))
    if whole <= len(_T):
        return _T[whole - 1]
    found = _T[-1]
    for least, quantile in _T_LATER:
        if freedom >= least:
            found = quantile
    return found


def _added(numbers: Sequence[float]) -> float:
    total = 0.0
    for number in numbers:
        total += number
    return total


def _mean(numbers: Sequence[float]) -> float:
    return _added(numbers) / len(numbers)
