"""Unions of stretches on whole numbers: what was watched of a video, when somebody was there.

Stretches are half-open, ``start <= moment < end``, sorted, and never overlap or touch::

    0 ms       10 s       20 s       30 s
    |##########|          |#####|             stretches ((0, 10000), (20000, 25000))
               |##########|                   one more, and both ends touch:
    |###########################|             stretches ((0, 25000),)

A union does not care in which order, or how often, its parts arrive.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from operator import itemgetter

from coursetrack.domain.growing import Pieces, around, exchanged, kept
from coursetrack.domain.values import as_int
from coursetrack.errors import InvalidValue

Stretch = tuple[int, int]
"""A start and an end, half-open."""

LAST_MOMENT = 2**63 - 1

_SEQUENCE = (list, tuple, Pieces)
_start, _end = itemgetter(0), itemgetter(1)


def with_stretch(stretches: Sequence[Stretch], added: Stretch) -> tuple[Sequence[Stretch], int]:
    """The union of a normal form and one stretch, again in normal form; how much longer it is.

    The same object where the stretch is empty, or inside another. O(n / 64 + stretches touched).

    >>> with_stretch(((0, 10), (20, 30)), (10, 15))
    (((0, 15), (20, 30)), 5)
    """
    start, end = added
    if end <= start:
        return stretches, 0
    place, local = around(stretches, start, end, ends=_end, starts=_start)
    first = bisect_left(local, start, key=_end)
    last = bisect_right(local, end, key=_start)
    more = end - start
    if first < last:
        start = min(start, local[first][0])
        end = max(end, local[last - 1][1])
        more = end - start - total_length(local[first:last])
        if not more:
            return stretches, 0
    return exchanged(stretches, place, (*local[:first], (start, end), *local[last:])), more


def with_stretches(
    stretches: Sequence[Stretch], added: Sequence[Stretch]
) -> tuple[Sequence[Stretch], int]:
    """The union of two normal forms, and how much longer it is than the first.

    `stretches` itself where `added` lies within.
    """
    more = 0
    for each in added:
        stretches, longer = with_stretch(stretches, each)
        more += longer
    return stretches, more


def touched(stretches: Sequence[Stretch], by: Sequence[Stretch]) -> tuple[Stretch, ...]:
    """Those of a normal form that overlap or touch one of another. O(log n) for each, and those.

    >>> touched(((0, 10), (20, 30), (40, 50)), ((10, 20),))
    ((0, 10), (20, 30))
    """
    found: dict[Stretch, None] = {}
    for start, end in by:
        _, local = around(stretches, start, end, ends=_end, starts=_start)
        first = bisect_left(local, start, key=_end)
        found.update(dict.fromkeys(local[first : bisect_right(local, end, key=_start)]))
    return tuple(found)


def stand_apart(one: Stretch, other: Stretch) -> bool:
    """Whether one stretch ends before another starts."""
    return one[1] < other[0]


def total_length(stretches: Sequence[Stretch]) -> int:
    """How long the stretches are together."""
    return sum(end - start for start, end in stretches)


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


def gaps(stretches: Sequence[Stretch], length: int) -> tuple[Stretch, ...]:
    """What a normal form leaves out of ``0 .. length``, in normal form."""
    starts = (0, *(end for _, end in stretches))
    ends = (*(start for start, _ in stretches), length)
    cut = ((start, min(end, length)) for start, end in zip(starts, ends, strict=True))
    return tuple((start, end) for start, end in cut if start < end)


def as_moment(field: str, value: object, low: int) -> int:
    """A whole number from `low` to 2**63 - 1."""
    return as_int(field, value, low=low, high=LAST_MOMENT)


def as_stretch(field: str, value: object, low: int, unit: str) -> Stretch:
    """A pair of whole numbers from `low` on; `unit` names them in the error."""
    if not isinstance(value, _SEQUENCE) or len(value) != 2:
        raise InvalidValue.of(field, value, f"a start and an end in whole {unit}")
    start, end = value
    return as_moment(field, start, low), as_moment(field, end, low)


def as_stretches(field: str, value: object, low: int, unit: str) -> Sequence[Stretch]:
    """Stretches that are in normal form already, as they are kept."""
    if not isinstance(value, _SEQUENCE):
        raise InvalidValue.of(field, value, "a tuple of stretches")
    stretches = tuple(as_stretch(field, each, low, unit) for each in value)
    if union(stretches) != stretches:
        raise InvalidValue.of(
            field, value, "stretches that are sorted and neither empty nor touching"
        )
    return kept(stretches)
