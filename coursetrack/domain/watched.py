"""What a member has watched of a video: the union of the stretches, in whole milliseconds.

Players report slightly different durations for one video, and sometimes a short placeholder or the
advertisement before the film. So the coverage is the best over those durations that are within a
second or one in a hundred (the larger) of the longest that was reported, each measured within its
own length; or by the lesson's own `video_duration` alone where it has one. (decided)
"""

from collections.abc import Iterator
from datetime import datetime
from fractions import Fraction
from typing import Self

import attrs

from coursetrack.domain.events import VideoProgress
from coursetrack.domain.evidence import Evidence
from coursetrack.domain.intervals import (
    Stretch,
    as_moment,
    as_stretches,
    gaps,
    with_stretches,
)
from coursetrack.domain.values import as_instant
from coursetrack.errors import InvalidValue

_SEQUENCE = (list, tuple)
_SECOND = 1000

_set = object.__setattr__


@attrs.frozen(kw_only=True)
class Watched(Evidence):
    """What one member has watched of one lesson's video, and which durations were reported.

    `stretches` is the union in normal form, `durations` the distinct reported durations, sorted;
    all in milliseconds, below 2**63. `at` (UTC) is the latest instant among the reports in which
    something was watched; None while there is none. In the costs below, n is the number of
    stretches and durations together.
    """

    stretches: tuple[Stretch, ...] = ()
    durations: tuple[int, ...] = ()
    at: datetime | None = None

    event = VideoProgress

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        _set(self, "stretches", as_stretches("stretches", self.stretches, 0, "milliseconds"))
        _set(self, "durations", _as_durations("durations", self.durations))
        if self.at is not None:
            _set(self, "at", as_instant("at", self.at))
        elif self.stretches:
            raise InvalidValue.of("at", None, "the instant of the latest report")

    @classmethod
    def of(cls, event: VideoProgress) -> Self | None:
        """What one report says: nothing where it is reversed."""
        start, end = stretch = event.ends
        if end < start:
            return None
        stretches, at = ((stretch,), event.at) if start < end else ((), None)
        return cls._made(event.member_id, event.lesson_id, stretches, (event.duration_ms,), at)

    @classmethod
    def hears(cls, event: VideoProgress) -> bool:
        """Whether a report is not reversed."""
        return not event.is_reversed

    def merged(self, other: Self) -> Self:
        """What both say together; `self` where `other` says nothing new. O(n).

        `at` is the later of both, also where nothing new was watched: so it does not depend on the
        order in which reports arrive, and is never before enough was watched (rule 8)::

            0-50 s at 10:00, the same again at 12:00, 50-100 s at 11:00: in any order, 12:00
        """
        stretches = with_stretches(self.stretches, other.stretches)
        durations = self.durations
        if durations != other.durations and not set(other.durations) <= set(durations):
            durations = tuple(sorted({*durations, *other.durations}))
        at = self.at if other.at is None or (self.at and self.at >= other.at) else other.at
        if stretches == self.stretches and durations == self.durations and at == self.at:
            return self
        return self._made(self.member_id, self.lesson_id, stretches, durations, at)

    def says_more_than(self, other: Self) -> bool:
        """Whether more was watched, or another duration reported, than `other` says."""
        return self.stretches != other.stretches or self.durations != other.durations

    @classmethod
    def _made(
        cls,
        member_id: int,
        lesson_id: int,
        stretches: tuple[Stretch, ...],
        durations: tuple[int, ...],
        at: datetime | None,
    ) -> Self:
        # In normal form already: proving that anew for every report would cost more than the rest.
        made = object.__new__(cls)
        _set(made, "member_id", member_id)
        _set(made, "lesson_id", lesson_id)
        _set(made, "stretches", stretches)
        _set(made, "durations", durations)
        _set(made, "at", at)
        return made

    def of_length(self, duration: int | None) -> Self:
        """The same stretches of a video that is known to be this long; None: as reported."""
        if duration is None or self.durations == (duration,):
            return self
        return self._made(self.member_id, self.lesson_id, self.stretches, (duration,), self.at)

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
        """Each duration that counts with what was watched within it: one walk along both. O(n)."""
        whole = place = 0
        for duration in near_the_longest(self.durations):
            while place < len(self.stretches) and self.stretches[place][1] <= duration:
                whole += self.stretches[place][1] - self.stretches[place][0]
                place += 1
            seen = whole
            if place < len(self.stretches):
                seen += max(0, duration - self.stretches[place][0])
            yield duration, seen


def near_the_longest(durations: tuple[int, ...]) -> tuple[int, ...]:
    """Those of sorted `durations` that may be the video's: near the longest of them.

    Near is within a second or one in a hundred of the longest, whichever is more. (decided)

    >>> near_the_longest((1_000, 599_100, 600_000))
    (599100, 600000)
    """
    if len(durations) < 2:
        return durations
    longest = durations[-1]
    return tuple(
        each for each in durations if longest - each <= _SECOND or 100 * (longest - each) <= longest
    )


def _as_durations(field: str, value: object) -> tuple[int, ...]:
    if not isinstance(value, _SEQUENCE):
        raise InvalidValue.of(field, value, "a tuple of whole milliseconds")
    durations = tuple(as_moment(field, each, 1) for each in value)
    if tuple(sorted(set(durations))) != durations:
        raise InvalidValue.of(field, value, "durations that are sorted and distinct")
    return durations
