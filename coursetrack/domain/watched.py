"""What a member has watched of a video: a union of stretches on whole milliseconds.

Stretches are half-open, ``start <= moment < end``, sorted, and never overlap or touch::

    0 ms       10 s       20 s       30 s
    |##########|          |#####|             stretches ((0, 10000), (20000, 25000))
               |##########|                   watched too, and both ends touch:
    |###########################|             stretches ((0, 25000),)

A union does not care in which order, or how often, its parts arrive. The same holds for the rule
about durations: players report slightly different ones for one video, so the coverage is the best
over all durations that were reported, each measured within its own length. (decided)
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from fractions import Fraction
from operator import itemgetter

import attrs

from coursetrack.domain.values import as_id, as_int
from coursetrack.errors import InvalidValue

Stretch = tuple[int, int]
"""A start and an end in milliseconds, half-open."""

_LAST_MOMENT = 2**63 - 1

_SEQUENCE = (list, tuple)

_set = object.__setattr__
_start, _end = itemgetter(0), itemgetter(1)


def with_stretch(stretches: tuple[Stretch, ...], added: Stretch) -> tuple[Stretch, ...]:
    """The union of a normal form and one stretch, again in normal form.

    O(log n) to find the place and one copy; an empty stretch, or one inside another, is no copy.

    >>> with_stretch(((0, 10), (20, 30)), (10, 15))
    ((0, 15), (20, 30))
    """
    start, end = added
    if end <= start:
        return stretches
    first = bisect_left(stretches, start, key=_end)
    last = bisect_right(stretches, end, key=_start)
    if first < last:
        start = min(start, stretches[first][0])
        end = max(end, stretches[last - 1][1])
        if last - first == 1 and stretches[first] == (start, end):
            return stretches
    return (*stretches[:first], (start, end), *stretches[last:])


def union(stretches: Iterable[Stretch]) -> tuple[Stretch, ...]:
    """Any stretches in normal form: sorted, merged where they overlap or touch. O(n log n).

    >>> union([(5, 9), (0, 5), (7, 7), (20, 30)])
    ((0, 9), (20, 30))
    """
    merged: list[Stretch] = []
    for start, end in sorted(stretch for stretch in stretches if stretch[0] < stretch[1]):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return tuple(merged)


@attrs.frozen(kw_only=True)
class Watched:
    """What one member has watched of one lesson's video, and which durations were reported.

    `stretches` is the union in normal form, `durations` the distinct reported durations, sorted;
    all in milliseconds, below 2**63. In the costs below, n is the number of both together.
    """

    member_id: int
    lesson_id: int
    stretches: tuple[Stretch, ...] = ()
    durations: tuple[int, ...] = ()

    def __attrs_post_init__(self) -> None:
        _set(self, "member_id", as_id("member_id", self.member_id))
        _set(self, "lesson_id", as_id("lesson_id", self.lesson_id))
        _set(self, "stretches", _as_stretches("stretches", self.stretches))
        _set(self, "durations", _as_durations("durations", self.durations))

    def plus(self, stretch: Stretch, duration: int) -> "Watched":
        """This evidence and one more report; the same object when it says nothing new. O(n)."""
        stretches = with_stretch(self.stretches, _as_stretch("stretch", stretch))
        duration = _as_ms("duration", duration, 1)
        known = duration in self.durations
        if known and stretches is self.stretches:
            return self
        durations = self.durations if known else tuple(sorted((*self.durations, duration)))
        return self._grown(stretches, durations)

    def _grown(self, stretches: tuple[Stretch, ...], durations: tuple[int, ...]) -> "Watched":
        # In normal form already: proving that anew for every report would cost more than the rest.
        grown = object.__new__(Watched)
        _set(grown, "member_id", self.member_id)
        _set(grown, "lesson_id", self.lesson_id)
        _set(grown, "stretches", stretches)
        _set(grown, "durations", durations)
        return grown

    @property
    def coverage(self) -> Fraction:
        """The share that was watched, 0..1, exact: the best over the reported durations. O(n)."""
        shares = (Fraction(seen, duration) for duration, seen in self._measured())
        return max(shares, default=Fraction(0))

    @property
    def duration(self) -> int | None:
        """The reported duration that :attr:`coverage` is measured by (the shortest of equals)."""
        shares = ((Fraction(seen, duration), -duration) for duration, seen in self._measured())
        best = max(shares, default=None)
        return None if best is None else -best[1]

    @property
    def remaining(self) -> tuple[Stretch, ...]:
        """The stretches of 0..:attr:`duration` that were not watched; () before any report."""
        return _gaps(self.stretches, self.duration or 0)

    def reaches(self, threshold: Fraction) -> bool:
        """Whether the coverage is at or above `threshold`, exactly. O(n)."""
        return self.missing(threshold) == 0

    def missing(self, threshold: Fraction) -> int | None:
        """The fewest further milliseconds that reach `threshold`; None before any report. O(n)."""
        missing = (
            # -(-a // b) is a / b rounded up: the whole milliseconds that the share asks for.
            -(-threshold.numerator * duration // threshold.denominator) - seen
            for duration, seen in self._measured()
        )
        fewest = min(missing, default=None)
        return None if fewest is None else max(0, fewest)

    def _measured(self) -> Iterator[tuple[int, int]]:
        """Each reported duration with what was watched within it: one walk along both. O(n)."""
        whole = place = 0
        for duration in self.durations:
            while place < len(self.stretches) and self.stretches[place][1] <= duration:
                whole += self.stretches[place][1] - self.stretches[place][0]
                place += 1
            rest = self.stretches[place : place + 1]
            yield duration, whole + sum(max(0, duration - start) for start, _ in rest)


def _as_ms(field: str, value: object, low: int) -> int:
    # The check says in one line what the rule below says with an error message.
    if type(value) is int and low <= value <= _LAST_MOMENT:
        return value
    return as_int(field, value, low=low, high=_LAST_MOMENT)


def _as_stretch(field: str, value: object) -> Stretch:
    if not isinstance(value, _SEQUENCE) or len(value) != 2:
        raise InvalidValue.of(field, value, "a start and an end in whole milliseconds")
    start, end = value
    return _as_ms(field, start, 0), _as_ms(field, end, 0)


def _as_stretches(field: str, value: object) -> tuple[Stretch, ...]:
    if not isinstance(value, _SEQUENCE):
        raise InvalidValue.of(field, value, "a tuple of stretches")
    stretches = tuple(_as_stretch(field, each) for each in value)
    if union(stretches) != stretches:
        raise InvalidValue.of(
            field, value, "stretches that are sorted and neither empty nor touching"
        )
    return stretches


def _as_durations(field: str, value: object) -> tuple[int, ...]:
    if not isinstance(value, _SEQUENCE):
        raise InvalidValue.of(field, value, "a tuple of whole milliseconds")
    durations = tuple(_as_ms(field, each, 1) for each in value)
    if tuple(sorted(set(durations))) != durations:
        raise InvalidValue.of(field, value, "durations that are sorted and distinct")
    return durations


def _gaps(stretches: tuple[Stretch, ...], duration: int) -> tuple[Stretch, ...]:
    starts = (0, *(end for _, end in stretches))
    ends = (*(start for start, _ in stretches), duration)
    cut = ((start, min(end, duration)) for start, end in zip(starts, ends, strict=True))
    return tuple((start, end) for start, end in cut if start < end)
