"""What is remembered of a member's events on a lesson, until a criterion has enough of it.

One small class for each kind of event. Each keeps just so much that every criterion can be asked
anew, with a threshold that was lowered since, or as part of another criterion::

    PageVisit      FirstVisit     the first instant
    ButtonClick    FirstClick     the first instant
    VideoFinish    FirstFinish    the first instant
    VideoProgress  Watched        the union of the stretches, the durations (see `watched`)
    TimeSpent      Presence       the union over the clock
    Scored         Scores         the first instant of every score that was the best so far

``one.merged(other)`` does not depend on which came first, and is `one` itself, the same object,
where `other` says nothing new: so an event that adds nothing can be told from one that does.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any, ClassVar, Self

import attrs

from coursetrack.domain.events import ButtonClick, Event, PageVisit, Scored, TimeSpent, VideoFinish
from coursetrack.domain.intervals import Stretch, as_stretches, with_stretches
from coursetrack.domain.values import as_exact, as_id, as_instant, instant, microseconds
from coursetrack.errors import InvalidValue

_set = object.__setattr__
_SEQUENCE = (list, tuple)
_FIRST = microseconds(datetime.min.replace(tzinfo=UTC))
_LAST = microseconds(datetime.max.replace(tzinfo=UTC))


@attrs.frozen(kw_only=True)
class Evidence:
    """What one member's events of one kind say about one lesson. To be subclassed.

    A subclass is frozen by attrs. Its further fields are numbers, texts, exact fractions, tuples
    of these, and instants in a field named `at`; it takes lists for tuples, so that its plain form
    can be read back.
    """

    member_id: int
    lesson_id: int

    event: ClassVar[type[Any]]
    """The kind of event that it is made of."""

    def __attrs_post_init__(self) -> None:
        _set(self, "member_id", as_id("member_id", self.member_id))
        _set(self, "lesson_id", as_id("lesson_id", self.lesson_id))

    @classmethod
    def of(cls, event: Any) -> Self | None:
        """What one event of the kind says; None where it says nothing."""
        raise NotImplementedError

    @classmethod
    def hears(cls, event: Any) -> bool:
        """Whether one event of the kind says anything. Override it where that is told sooner."""
        return cls.of(event) is not None

    def merged(self, other: Self) -> Self:
        """What both say together. `self`, the same object, where `other` says nothing new."""
        raise NotImplementedError

    def says_more_than(self, other: Self) -> bool:
        """Whether it may be enough where `other`, which it was merged from, was not.

        False where only an instant moved: such an event completes nothing, even where a threshold
        was lowered meanwhile and there is enough.
        """
        return self != other


@attrs.frozen(kw_only=True)
class _First(Evidence):
    """The first instant (UTC) of an event that carries nothing else."""

    at: datetime

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        _set(self, "at", as_instant("at", self.at))

    @classmethod
    def hears(cls, event: Any) -> bool:
        return True

    @classmethod
    def of(cls, event: Event) -> Self:
        return cls(member_id=event.member_id, lesson_id=event.lesson_id, at=event.at)

    def merged(self, other: Self) -> Self:
        return self if self.at <= other.at else other

    def says_more_than(self, other: Self) -> bool:
        return False  # it happened before, or is now known to have happened earlier


@attrs.frozen(kw_only=True)
class FirstVisit(_First):
    """When the member first opened the lesson's page (UTC)."""

    event = PageVisit


@attrs.frozen(kw_only=True)
class FirstClick(_First):
    """When the member first pressed the lesson's button (UTC)."""

    event = ButtonClick


@attrs.frozen(kw_only=True)
class FirstFinish(_First):
    """When the lesson's video first reached its end (UTC)."""

    event = VideoFinish


@attrs.frozen(kw_only=True)
class Presence(Evidence):
    """When the member was on the lesson: `spans` in whole microseconds since 1970 (UTC).

    The spans are half-open, sorted, and neither overlap nor touch.
    """

    spans: tuple[Stretch, ...]

    event = TimeSpent

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        spans = as_stretches("spans", self.spans, -(2**63), "microseconds")
        if not all(_FIRST <= end <= _LAST for _, end in spans):
            raise InvalidValue.of("spans", self.spans, "spans that end in the years 1 to 9999")
        _set(self, "spans", spans)

    @classmethod
    def of(cls, event: TimeSpent) -> Self | None:
        """The one span of an event; None for an empty one."""
        start, end = event.span
        if start == end:
            return None
        return cls(member_id=event.member_id, lesson_id=event.lesson_id, spans=((start, end),))

    def merged(self, other: Self) -> Self:
        """The union of both. O(n)."""
        spans = with_stretches(self.spans, other.spans)
        return self if spans is self.spans else attrs.evolve(self, spans=spans)

    @property
    def total(self) -> int:
        """How long the member was there, in whole microseconds. O(n)."""
        return sum(end - start for start, end in self.spans)

    def since(self, needed: int) -> datetime | None:
        """The end of the span in which `needed` microseconds were reached; None before. O(n)."""
        total = 0
        for start, end in self.spans:
            total += end - start
            if total >= needed:
                return instant(end)
        return None


@attrs.frozen(kw_only=True)
class Scores(Evidence):
    """The scores that were the best so far, as shares, each with its first instant (UTC).

    ``best`` is sorted: instants and shares both ascend.
    """

    best: tuple[tuple[Fraction, datetime], ...]

    event = Scored

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        _set(self, "best", _as_best("best", self.best))

    @classmethod
    def of(cls, event: Scored) -> Self:
        """The one score of an event."""
        best = ((event.share, event.at),)
        return cls(member_id=event.member_id, lesson_id=event.lesson_id, best=best)

    def merged(self, other: Self) -> Self:
        """Those of both that were the best so far. O(n log n)."""
        best = tuple(_ascending([*self.best, *other.best]))
        return self if best == self.best else attrs.evolve(self, best=best)

    @property
    def share(self) -> Fraction:
        """The best share of all; 0 before any."""
        return self.best[-1][0] if self.best else Fraction(0)

    def since(self, share: Fraction) -> datetime | None:
        """When a score first was `share` or better; None before. O(n)."""
        return next((at for each, at in self.best if each >= share), None)


def _ascending(scores: Iterable[tuple[Fraction, datetime]]) -> Iterator[tuple[Fraction, datetime]]:
    # Of equal instants the better one comes first, and what follows it is not above it.
    best = None
    for share, at in sorted(scores, key=lambda each: (each[1], -each[0])):
        if best is None or share > best:
            best = share
            yield share, at


def _as_best(field: str, value: object) -> tuple[tuple[Fraction, datetime], ...]:
    expected = "pairs of a share and an instant, both ascending"
    if not isinstance(value, _SEQUENCE):
        raise InvalidValue.of(field, value, expected)
    if not all(isinstance(each, _SEQUENCE) and len(each) == 2 for each in value):
        raise InvalidValue.of(field, value, expected)
    best = tuple((_as_ratio(field, share), as_instant(field, at)) for share, at in value)
    if tuple(_ascending(best)) != best:
        raise InvalidValue.of(field, value, expected)
    return best


def _as_ratio(field: str, value: object) -> Fraction:
    # A tiny `out_of` makes a share far above 1, which no rule about numbers written down allows.
    return value if isinstance(value, Fraction) else as_exact(field, value, "an exact share")
