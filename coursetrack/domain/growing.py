"""Sorted sequences of distinct values that may grow without end, and what differs between two.

A change of evidence tells only of what differs, so that it costs what it changes::

    stretches before    (0, 10) (20, 30) (40, 50)
    stretches after     (0, 30) (40, 50)             10 to 20 was watched
    gone                (0, 10) (20, 30)
    came                (0, 30)

What is gone goes and what came comes, or the other way round where the change is taken back.

Up to 256 values are a tuple. More are :class:`Pieces`, equal to the tuple of them, of which the
next one shares all but a few: so ten thousand stretches of one film, one after the other, do not
cost fifty million. Whoever writes looks at the few pieces around the place, joined into a tuple::

    pieces      (a b c) (d e f) (g h i) (j k l)
    around e    (a b c   d e f   g h i)              becomes (a b c   d e e' f   g h i)
    pieces      (a b c) (d e e') (f g h) (i) (j k l)
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import Any, TypeVar, overload

import attrs

Value = TypeVar("Value", bound=Any)
Key = Callable[[Any], Any]

PIECE = 64
LONGEST_TUPLE = 256

_ALL = slice(None)


@attrs.frozen(eq=False, repr=False)
class Pieces(Sequence[Value]):
    """A long sorted sequence, kept in pieces. Immutable; equal to the tuple of its values."""

    pieces: tuple[tuple[Value, ...], ...]

    def __len__(self) -> int:
        return sum(map(len, self.pieces))

    def __iter__(self) -> Iterator[Value]:
        return chain.from_iterable(self.pieces)

    def __reversed__(self) -> Iterator[Value]:
        return chain.from_iterable(map(reversed, reversed(self.pieces)))

    @overload
    def __getitem__(self, place: int) -> Value: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Value, ...]: ...
    def __getitem__(self, place: int | slice) -> Value | tuple[Value, ...]:
        return tuple(self)[place]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, tuple | Pieces):
            return NotImplemented
        return len(self) == len(other) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return repr(tuple(self))


def kept(values: Sequence[Value]) -> Sequence[Value]:
    """Sorted values as they are kept: a tuple, or pieces where they are many."""
    if len(values) <= LONGEST_TUPLE or isinstance(values, Pieces):
        return values
    return Pieces(_cut(tuple(values)))


def around(
    values: Sequence[Value], low: Any, high: Any, *, ends: Key, starts: Key
) -> tuple[slice, tuple[Value, ...]]:
    """Neighbouring values: those whose end is not below `low` nor start above `high`, and more.

    At least one more on either side where there is one. And which pieces of `values` they are,
    to be handed to :func:`exchanged`. O(log n + values between).
    """
    if type(values) is tuple:
        return _ALL, values
    pieces = _pieces(values)
    first = bisect_left(pieces, low, key=lambda piece: ends(piece[-1]))
    last = bisect_right(pieces, high, key=lambda piece: starts(piece[0]))
    place = slice(max(0, first - 1), last + 1)
    return place, tuple(chain.from_iterable(pieces[place]))


def exchanged(values: Sequence[Value], place: slice, written: tuple[Value, ...]) -> Sequence[Value]:
    """`values` with others in the place of those :func:`around`. O(n / 64 + those)."""
    if type(values) is tuple:
        return kept(written)
    pieces = _pieces(values)
    return Pieces((*pieces[: place.start], *_cut(written), *pieces[place.stop :]))


def _pieces(values: Sequence[Value]) -> tuple[tuple[Value, ...], ...]:
    return values.pieces if isinstance(values, Pieces) else (tuple(values),)


def _cut(values: tuple[Value, ...]) -> tuple[tuple[Value, ...], ...]:
    return tuple(values[place : place + PIECE] for place in range(0, len(values), PIECE))


def differing(
    before: Sequence[Value], after: Sequence[Value]
) -> tuple[tuple[Value, ...], tuple[Value, ...]]:
    """What is gone from `before`, and what came in `after`. O(n).

    >>> differing((1, 2, 4), (1, 3, 4))
    ((2,), (3,))
    """
    if before is after:
        return (), ()
    was, now = frozenset(before), frozenset(after)
    return (
        tuple(each for each in before if each not in now),
        tuple(each for each in after if each not in was),
    )


def _any_order(one: Any, other: Any) -> bool:
    return True


def replaced(
    values: Sequence[Value],
    gone: Sequence[Value],
    came: Sequence[Value],
    may_follow: Callable[[Value, Value], bool] = _any_order,
) -> Sequence[Value] | None:
    """`values` without what is gone and with what came, sorted.

    None where something that is to go is not there, something that comes is, or may not follow
    the one before it. `values` itself where nothing differs. O(n / 64 + values between).

    >>> replaced((1, 2, 4), (2,), (3,))
    (1, 3, 4)
    """
    if not gone and not came:
        return values
    both = (*gone, *came)
    place, local = around(values, min(both), max(both), ends=_itself, starts=_itself)
    written = _replaced(local, gone, came, may_follow)
    return None if written is None else exchanged(values, place, written)


def _itself(value: Value) -> Value:
    return value


def _replaced(
    values: tuple[Value, ...],
    gone: Sequence[Value],
    came: Sequence[Value],
    may_follow: Callable[[Value, Value], bool],
) -> tuple[Value, ...] | None:
    all_goes = gone == values
    left = [] if all_goes else list(values)
    for each in () if all_goes else gone:
        place = bisect_left(left, each)
        if left[place : place + 1] != [each]:
            return None
        del left[place]
    for each in came:
        place = bisect_left(left, each)
        if left[place : place + 1] == [each]:
            return None
        left.insert(place, each)
    for each in came:
        place = bisect_left(left, each)
        near = left[max(0, place - 1) : place + 2]
        if not all(map(may_follow, near, near[1:])):
            return None
    return tuple(left)
