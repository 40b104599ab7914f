"""What a member has watched of a video: the union of the stretches, in whole milliseconds.

Players report slightly different durations for one video, and sometimes a short placeholder or the
advertisement before the film. So the coverage is the best over those durations that are within a
second or one in a hundred (the larger) of the longest that was reported, each measured within its
own length; or by the lesson's own `video_duration` alone where it has one. (decided)
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import datetime
from fractions import Fraction
from functools import reduce
from typing import ClassVar, Self

import attrs

from coursetrack.domain.events import VideoProgress
from coursetrack.domain.evidence import Evidence
from coursetrack.domain.growing import differing, replaced
from coursetrack.domain.intervals import (
    Stretch,
    as_moment,
    as_stretches,
    gaps,
    stand_apart,
    total_length,
    touched,
    with_stretches,
)
from coursetrack.domain.values import as_instant
from coursetrack.errors import InvalidValue

MAX_DURATIONS = 1_000
"""How many durations of one video are kept for a member: the longest. (decided)"""

_SEQUENCE = (list, tuple)
_SECOND = 1000
_BEFORE_ALL = (0, 0)

_set = object.__setattr__


@attrs.frozen(kw_only=True)
class Watched(Evidence):
    """What one member has watched of one lesson's video, and which durations were reported.

    `stretches` is the union in normal form, `durations` the distinct reported durations, sorted;
    all in milliseconds, below 2**63. `at` (UTC) is the latest instant among the reports in which
    something was watched; None while there is none. In the costs below, n is the number of
    stretches and durations together.
    """

    stretches: Sequence[Stretch] = ()
    durations: tuple[int, ...] = ()
    at: datetime | None = None
    total: int = attrs.field(init=False, eq=False, repr=False)
    """How long all stretches are together, in milliseconds."""

    event = VideoProgress
    grows: ClassVar[tuple[str, ...]] = ("stretches", "durations")

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        _set(self, "stretches", as_stretches("stretches", self.stretches, 0, "milliseconds"))
        _set(self, "durations", _as_durations("durations", self.durations))
        if self.at is not None:
            _set(self, "at", as_instant("at", self.at))
        elif self.stretches:
            raise InvalidValue.of("at", None, "the instant of the latest report")
        _set(self, "total", total_length(self.stretches))

    @classmethod
    def of(cls, event: VideoProgress) -> Self | None:
        """What one report says: nothing where it is reversed."""
        start, end = stretch = event.ends
        if end < start:
            return None
        stretches, at = ((stretch,), event.at) if start < end else ((), None)
        who = event.member_id, event.lesson_id
        return cls._made(*who, stretches, (event.duration_ms,), at, end - start)

    @classmethod
    def hears(cls, event: VideoProgress) -> bool:
        """Whether a report is not reversed."""
        return not event.is_reversed

    def merged(self, other: Self) -> Self:
        """What both say together; `self` where `other` says nothing new.

        O(what `other` says x n / 64).

        `at` is the later of both, also where nothing new was watched: so it does not depend on the
        order in which reports arrive, and is never before enough was watched (rule 8)::

            0-50 s at 10:00, the same again at 12:00, 50-100 s at 11:00: in any order, 12:00
        """
        stretches, more = with_stretches(self.stretches, other.stretches)
        durations = self.durations
        if durations != other.durations:
            durations = reduce(_with_duration, other.durations, durations)
        at = self.at if other.at is None or (self.at and self.at >= other.at) else other.at
        if not more and durations is self.durations and at == self.at:
            return self
        who, total = (self.member_id, self.lesson_id), self.total + more
        return self._made(*who, stretches, durations, at, total)

    def says_more_than(self, other: Self) -> bool:
        """Whether more was watched, or another duration reported, than `other` says."""
        return self.total != other.total or self.durations != other.durations

    def difference(self, after: Self, told: Self) -> tuple[Self, Self]:
        """The stretches that `told` touches, before and after, and the durations that differ."""
        parts = [touched(each.stretches, told.stretches) for each in (self, after)]
        gone, came = differing(*parts)
        told_now = (each for each in told.durations if _is_among(after.durations, each))
        more = tuple(each for each in told_now if not _is_among(self.durations, each))
        dropped = len(self.durations) + len(more) - len(after.durations)  # the shortest
        return self._part(gone, self.durations[:dropped]), after._part(came, more)

    def _part(self, stretches: tuple[Stretch, ...], durations: tuple[int, ...]) -> Self:
        who = self.member_id, self.lesson_id
        return self._made(*who, stretches, durations, self.at, total_length(stretches))

    def changed(self, gone: Self, came: Self) -> Self | None:
        """This without what is gone and with what came. O(those x n / 64)."""
        stretches = replaced(self.stretches, gone.stretches, came.stretches, stand_apart)
        durations = replaced(self.durations, gone.durations, came.durations)
        if stretches is None or durations is None or gone.at != self.at:
            return None
        if stretches and came.at is None:
            return None
        total = self.total + came.total - gone.total
        who = self.member_id, self.lesson_id
        return self._made(*who, stretches, tuple(durations), came.at, total)

    @classmethod
    def _made(
        cls,
        member_id: int,
        lesson_id: int,
        stretches: Sequence[Stretch],
        durations: tuple[int, ...],
        at: datetime | None,
        total: int,
    ) -> Self:
        # In normal form already: proving that anew for every report would cost more than the rest.
        made = object.__new__(cls)
        _set(made, "member_id", member_id)
        _set(made, "lesson_id", lesson_id)
        _set(made, "stretches", stretches)
        _set(made, "durations", durations)
        _set(made, "at", at)
        _set(made, "total", total)
        return made

    def of_length(self, duration: int | None) -> Self:
        """The same stretches of a video that is known to be this long; None: as reported."""
        if duration is None or self.durations == (duration,):
            return self
        who = self.member_id, self.lesson_id
        return self._made(*who, self.stretches, (duration,), self.at, self.total)

    @property
    def coverage(self) -> Fraction:
        """The share that was watched, 0..1, exact: the best over the durations that count. O(n)."""
        shares = (Fraction(seen, duration) for duration, seen in self._measured())
        return max(shares, default=Fraction(0))

    @property
    def duration(self) -> int | None:
        """The duration that :attr:`coverage` is measured by (the shortest of equals)."""
        shares = ((Fraction(seen, duration), -duration) for duration, seen in self._measured())
        best = max(shares, default=None)
        return None if best is None else -best[1]

    @property
    def remaining(self) -> tuple[Stretch, ...]:
        """The stretches of 0..:attr:`duration` that were not watched; () before any report."""
        return gaps(self.stretches, self.duration or 0)

    def reaches(self, threshold: Fraction) -> bool:
        """Whether the coverage is at or above `threshold`, exactly. O(n)."""
        return self.missing(threshold) == 0

    def missing(self, threshold: Fraction) -> int | None:
        """The fewest further milliseconds that reach `threshold`; None before any report. O(n)."""
        above, below = threshold.numerator, threshold.denominator
        fewest: int | None = None
        for duration, seen in self._measured():
            # -(-a // b) is a / b rounded up: the whole milliseconds that the share asks for.
            missing = max(0, -(-above * duration // below) - seen)
            fewest = missing if fewest is None else min(fewest, missing)
        return fewest

    def _measured(self) -> Iterator[tuple[int, int]]:
        """The durations that may be the best, from the longest, with what was watched within each.

        Of those that nothing was watched beyond, that is the shortest. One walk back along both,
        as far as the shortest duration that counts: most is before that.
        """
        seen, later = self.total, reversed(self.stretches)
        start, end = next(later, _BEFORE_ALL)
        durations = near_the_longest(self.durations)
        for duration in reversed(durations[: bisect_left(durations, end) + 1]):
            while start >= duration:
                seen -= end - start
                start, end = next(later, _BEFORE_ALL)
            yield duration, seen - max(0, end - duration)


def near_the_longest(durations: tuple[int, ...]) -> tuple[int, ...]:
    """Those of sorted `durations` that may be the video's: near the longest of them.

    Near is within a second or one in a hundred of the longest, whichever is more. (decided)

    >>> near_the_longest((1_000, 599_100, 600_000))
    (599100, 600000)
    """
    if len(durations) < 2:
        return durations
    longest = durations[-1]
    return durations[bisect_left(durations, longest - max(_SECOND, longest // 100)) :]


def _with_duration(durations: tuple[int, ...], duration: int) -> tuple[int, ...]:
    """Sorted `durations` with one more; themselves where it is among them, or too many are longer.

    Of a player that never says the same, the longest are kept: those are the ones that count.
    """
    if _is_among(durations, duration):
        return durations
    place = bisect_left(durations, duration)
    if len(durations) < MAX_DURATIONS:
        return (*durations[:place], duration, *durations[place:])
    return (*durations[1:place], duration, *durations[place:]) if place else durations


def _is_among(durations: tuple[int, ...], duration: int) -> bool:
    place = bisect_left(durations, duration)
    return durations[place : place + 1] == (duration,)


def _as_durations(field: str, value: object) -> tuple[int, ...]:
    if not isinstance(value, _SEQUENCE):
        raise InvalidValue.of(field, value, "a tuple of whole milliseconds")
    durations = tuple(as_moment(field, each, 1) for each in value)
    if tuple(sorted(set(durations))) != durations:
        raise InvalidValue.of(field, value, "durations that are sorted and distinct")
    return durations
