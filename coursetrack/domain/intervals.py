"""Unions of stretches on whole numbers: what was watched of a video, when somebody was there.

Stretches are half-open, ``start <= moment < end``, sorted, and never overlap or touch::

    0 ms       10 s       20 s       30 s
    |##########|          |#####|             stretches ((0, 10000), (20000, 25000))
               |##########|                   one more, and both ends touch:
    |###########################|             stretches ((0, 25000),)

A union does not care in which order, or how often, its parts arrive.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from functools import reduce
from operator import itemgetter

from coursetrack.domain.values import as_int
from coursetrack.errors import InvalidValue

Stretch = tuple[int, int]
"""A start and an end, half-open."""

LAST_MOMENT = 2**63 - 1

_SEQUENCE = (list, tuple)
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


def with_stretches(
    stretches: tuple[Stretch, ...], added: tuple[Stretch, ...]
) -> tuple[Stretch, ...]:
    """The union of two normal forms; `stretches` itself where `added` lies within."""
    return reduce(with_stretch, added, stretches)


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


def gaps(stretches: tuple[Stretch, ...], length: int) -> tuple[Stretch, ...]:
    """What a normal form leaves out of ``0 .. length``, in normal form."""
    starts = (0, *(end for _, end in stretches))
    ends = (*(start for start, _ in stretches), length)
    cut = ((start, min(end, length)) for start, end in zip(starts, ends, strict=True))
    return tuple((start, end) for start, end in cut if start < end)


def as_moment(field: str, value: object, low: int) -> int:
    """A whole number from `low` to 2**63 - 1."""
    # The check says in one line what the rule below says with an error message.
    if type(value) is int and low <= value <= LAST_MOMENT:
        return value
    return as_int(field, value, low=low, high=LAST_MOMENT)


def as_stretch(field: str, value: object, low: int, unit: str) -> Stretch:
    """A pair of whole numbers from `low` on; `unit` names them in the error."""
    if not isinstance(value, _SEQUENCE) or len(value) != 2:
        raise InvalidValue.of(field, value, f"a start and an end in whole {unit}")
    start, end = value
    return as_moment(field, start, low), as_moment(field, end, low)


def as_stretches(field: str, value: object, low: int, unit: str) -> tuple[Stretch, ...]:
    """A tuple of stretches that is in normal form already."""
    if not isinstance(value, _SEQUENCE):
        raise InvalidValue.of(field, value, "a tuple of stretches")
    stretches = tuple(as_stretch(field, each, low, unit) for each in value)
    if union(stretches) != stretches:
        raise InvalidValue.of(
            field, value, "stretches that are sorted and neither empty nor touching"
        )
    return stretches
