"""Distributions as tables, and time that runs faster in busy hours.

Only ``+ - x /`` and comparisons of doubles are used: those are exact to the last bit everywhere,
while logarithms and powers are not.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence

import attrs

from coursetrack.domain.values import as_iterable
from coursetrack.errors import InvalidValue

HOUR = 3600
WEEK_HOURS = 168
WEEK = WEEK_HOURS * HOUR

_MONDAY = 4 * 24 * HOUR  # 1970-01-05, the first Monday since the epoch


def as_numbers(field: str, values: Iterable[object], *, low: float = 0.0) -> tuple[float, ...]:
    """`values` as floats that are finite and at least `low`."""
    found = []
    for value in as_iterable(field, values):
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise InvalidValue.of(field, value, "numbers")
        if not low <= value <= 1e300:
            raise InvalidValue.of(field, value, f"finite numbers of at least {low:g}")
        found.append(float(value))
    return tuple(found)


def as_share(field: str, value: object) -> float:
    """A number from 0 to 1, both included."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise InvalidValue.of(field, value, "a number from 0 to 1")
    return float(value)


def _as_rising(values: Iterable[float]) -> tuple[float, ...]:
    found = as_numbers("values", values)
    if not found or any(found[n] < found[n - 1] for n in range(1, len(found))):
        raise InvalidValue.of("values", values, "at least one number, none below the one before")
    return found if len(found) > 1 else found * 2


def _as_weights(weights: Iterable[float]) -> tuple[float, ...]:
    found = as_numbers("weights", weights)
    if not found or WEEK_HOURS % len(found) or not any(found):
        expected = "168 weights (or 24, or 1), from 0 on, not all of them 0"
        raise InvalidValue.of("weights", weights, expected)
    return found


def _sums(numbers: Iterable[float]) -> tuple[float, ...]:
    # Not sum(): from Python 3.12 on it compensates, and its last bit differs.
    sums = [0.0]
    for number in numbers:
        sums.append(sums[-1] + number)
    return tuple(sums)


@attrs.frozen
class Quantiles:
    """A distribution by its quantiles at even steps from 0 to 1, straight lines between them.

    >>> Quantiles((0, 10, 100))(0.25)
    5.0
    """

    values: tuple[float, ...] = attrs.field(converter=_as_rising)
    _last: int = attrs.field(init=False, eq=False, repr=False)

    @_last.default
    def _count_steps(self) -> int:
        return len(self.values) - 1

    def __call__(self, u: float) -> float:
        """The value below which the share `u` (0 included, 1 excluded) lies. O(1)."""
        place = u * self._last
        step = int(place)
        below = self.values[step]
        return below + (place - step) * (self.values[step + 1] - below)

    def __repr__(self) -> str:
        """Its least, middle and greatest value."""
        low, middle, high = self.values[0], self(0.5), self.values[-1]
        return f"<Quantiles: {low:g} to {high:g}, half below {middle:g}>"

    @classmethod
    def of(cls, samples: Iterable[float], *, steps: int = 128) -> "Quantiles":
        """The quantiles of some samples; InvalidValue when there are none. O(n log n)."""
        ordered = sorted(samples)
        if not ordered:
            raise InvalidValue.of("samples", samples, "at least one number")
        steps = min(steps, max(len(ordered) - 1, 1))
        return cls(_quantile(ordered, step, steps) for step in range(steps + 1))


def _quantile(ordered: Sequence[float], step: int, steps: int) -> float:
    whole, part = divmod(step * (len(ordered) - 1), steps)
    below = ordered[whole]
    return below if part == 0 else below + (ordered[whole + 1] - below) * part / steps


@attrs.frozen
class Rhythm:
    """How busy each hour of the week is, Monday 00:00 UTC first; 1 is the average.

    Busy time runs with that speed: a quiet hour passes in little busy time, and a pause that is
    drawn in busy time ends where people are about.

    >>> Rhythm().after(0, 90.0)
    90
    """

    weights: tuple[float, ...] = attrs.field(default=(1.0,), converter=_as_weights)
    _speed: tuple[float, ...] = attrs.field(init=False, eq=False, repr=False)
    _until: tuple[float, ...] = attrs.field(init=False, eq=False, repr=False)

    @_speed.default
    def _relative(self) -> tuple[float, ...]:
        week = self.weights * (WEEK_HOURS // len(self.weights))
        total = _sums(week)[-1]
        return tuple(weight * WEEK_HOURS / total for weight in week)

    @_until.default
    def _added_up(self) -> tuple[float, ...]:
        return _sums(each * HOUR for each in self._speed)

    def __repr__(self) -> str:
        """The busiest hour."""
        hour = max(range(WEEK_HOURS), key=self._speed.__getitem__)
        day = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
        return f"<Rhythm: busiest on {day[hour // 24]} at {hour % 24}:00 UTC>"

    def busy(self, second: int) -> float:
        """The busy time at `second` (whole seconds since 1970 UTC), in seconds from an origin."""
        weeks, rest = divmod(second - _MONDAY, WEEK)
        hour, within = divmod(rest, HOUR)
        return weeks * self._until[-1] + (self._until[hour] + within * self._speed[hour])

    def between(self, start: int, end: int) -> float:
        """The busy time from one second to a later one."""
        return self.busy(end) - self.busy(start)

    def after(self, second: int, busy: float) -> int:
        """The first whole second at which so much busy time has passed since `second`."""
        week = self._until[-1]
        target = self.busy(second) + busy
        weeks = int(target // week)
        rest = target - weeks * week
        hour = min(bisect_right(self._until, rest) - 1, WEEK_HOURS - 1)
        within = (rest - self._until[hour]) / self._speed[hour] if self._speed[hour] else HOUR
        whole = int(within)
        whole += whole < within
        return max(second, _MONDAY + weeks * WEEK + hour * HOUR + whole)
