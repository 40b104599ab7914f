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

What grows without end is told of by what differs (see `growing`): ``one.difference(merged, other)``
is what of `one` is gone and what came, each as evidence of the same kind, and
``one.changed(gone, came)`` is `merged` again.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import UTC, datetime
from fractions import Fraction
from functools import reduce
from operator import itemgetter
from typing import Any, ClassVar, Self

import attrs

from coursetrack.domain.events import ButtonClick, Event, PageVisit, Scored, TimeSpent, VideoFinish
from coursetrack.domain.growing import Pieces, around, differing, exchanged, kept, replaced
from coursetrack.domain.intervals import (
    Stretch,
    as_stretches,
    stand_apart,
    total_length,
    touched,
    with_stretches,
)
from coursetrack.domain.values import as_exact, as_id, as_instant, instant, microseconds
from coursetrack.errors import InvalidValue

Score = tuple[Fraction, datetime]
"""A share of what can be scored, and the instant (UTC) at which it was."""

_set = object.__setattr__
_share, _instant = itemgetter(0), itemgetter(1)
_SEQUENCE = (list, tuple, Pieces)
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

    grows: ClassVar[tuple[str, ...]] = ()
    """The fields that may grow without end: sorted sequences of distinct values.

    A change tells of them only what differs, as evidence with these fields cut down to that; of
    any other field it tells all. So each selection of the values must be good evidence, too.
    """

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

    def difference(self, after: Self, told: Self) -> tuple[Self, Self]:
        """What of this is gone in `after`, and what came: see :attr:`grows`. O(n).

        `after` is this merged with `told`, which may say where to look.
        """
        if not self.grows:
            return self, after
        found = {name: differing(getattr(self, name), getattr(after, name)) for name in self.grows}
        gone: dict[str, Any] = {name: each for name, (each, _) in found.items()}
        came: dict[str, Any] = {name: each for name, (_, each) in found.items()}
        return attrs.evolve(self, **gone), attrs.evolve(after, **came)

    def changed(self, gone: Self, came: Self) -> Self | None:
        """This without what is gone and with what came; None where it is not so. O(n)."""
        fields: dict[str, Any] = {}
        for name in (each.name for each in attrs.fields(type(self)) if each.eq):
            mine, was = getattr(self, name), getattr(gone, name)
            if name in self.grows:
                fields[name] = replaced(mine, was, getattr(came, name))
            if mine != was if name not in self.grows else fields[name] is None:
                return None
        try:
            return attrs.evolve(came, **fields)
        except InvalidValue:
            return None


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

    spans: Sequence[Stretch]
    total: int = attrs.field(init=False, eq=False, repr=False)
    """How long the member was there, in whole microseconds."""

    event = TimeSpent
    grows: ClassVar[tuple[str, ...]] = ("spans",)

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        spans = as_stretches("spans", self.spans, -(2**63), "microseconds")
        if not all(_FIRST <= end <= _LAST for _, end in spans):
            raise InvalidValue.of("spans", self.spans, "spans that end in the years 1 to 9999")
        _set(self, "spans", spans)
        _set(self, "total", total_length(spans))

    @classmethod
    def of(cls, event: TimeSpent) -> Self | None:
        """The one span of an event; None for an empty one."""
        start, end = event.span
        if start == end:
            return None
        return cls(member_id=event.member_id, lesson_id=event.lesson_id, spans=((start, end),))

    def merged(self, other: Self) -> Self:
        """The union of both. O(spans of `other` x n / 64)."""
        spans, more = with_stretches(self.spans, other.spans)
        return self._made(spans, self.total + more) if more else self

    def says_more_than(self, other: Self) -> bool:
        """Whether the member was there for longer."""
        return self.total != other.total

    def difference(self, after: Self, told: Self) -> tuple[Self, Self]:
        """The spans that `told` touches, before and after. O(those x log n)."""
        gone, came = differing(touched(self.spans, told.spans), touched(after.spans, told.spans))
        return self._made(gone, total_length(gone)), self._made(came, total_length(came))

    def changed(self, gone: Self, came: Self) -> Self | None:
        """The spans without what is gone and with what came. O(those x n / 64)."""
        spans = replaced(self.spans, gone.spans, came.spans, stand_apart)
        return None if spans is None else self._made(spans, self.total + came.total - gone.total)

    def _made(self, spans: Sequence[Stretch], total: int) -> Self:
        # In normal form already: proving that anew for every stay would cost more than the rest.
        made = object.__new__(type(self))
        _set(made, "member_id", self.member_id)
        _set(made, "lesson_id", self.lesson_id)
        _set(made, "spans", spans)
        _set(made, "total", total)
        return made

    def since(self, needed: int) -> datetime | None:
        """The end of the span in which `needed` microseconds were reached; None before.

        O(1) before, else O(n).
        """
        if self.total < needed:
            return None
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

    best: Sequence[Score]

    event = Scored
    grows: ClassVar[tuple[str, ...]] = ("best",)

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        _set(self, "best", _as_best("best", self.best))

    @classmethod
    def of(cls, event: Scored) -> Self:
        """The one score of an event."""
        best = ((event.share, event.at),)
        return cls(member_id=event.member_id, lesson_id=event.lesson_id, best=best)

    def merged(self, other: Self) -> Self:
        """Those of both that were the best so far. O(scores of `other` x n / 64)."""
        best = reduce(_with_score, other.best, self.best)
        return self if best is self.best else self._made(best)

    def difference(self, after: Self, told: Self) -> tuple[Self, Self]:
        """The scores that are no longer the best so far, and those of `told` that are now."""
        beaten = (each for score in told.best for each in _beaten(self.best, score))
        now = (each for each in told.best if each in _near(after.best, each)[1])
        gone, came = differing(tuple(dict.fromkeys(beaten)), tuple(now))
        return self._made(gone), self._made(came)

    def changed(self, gone: Self, came: Self) -> Self | None:
        """The scores without what is gone and with what came. O(those x n / 64)."""
        best = replaced(self.best, gone.best, came.best, _both_ascend)
        return None if best is None else self._made(best)

    def _made(self, best: Sequence[Score]) -> Self:
        # Ascending already: proving that anew for every score would cost more than the rest.
        made = object.__new__(type(self))
        _set(made, "member_id", self.member_id)
        _set(made, "lesson_id", self.lesson_id)
        _set(made, "best", best)
        return made

    @property
    def share(self) -> Fraction:
        """The best share of all; 0 before any."""
        return next((share for share, _ in reversed(self.best)), Fraction(0))

    def since(self, share: Fraction) -> datetime | None:
        """When a score first was `share` or better; None before. O(log n)."""
        _, near = around(self.best, share, share, ends=_share, starts=_share)
        enough = near[bisect_left(near, share, key=_share) :]
        return enough[0][1] if enough else None


def _near(best: Sequence[Score], score: Score) -> tuple[slice, tuple[Score, ...]]:
    """Those no earlier than a score and no better, and some around them."""
    return around(best, score[1], score[0], ends=_instant, starts=_share)


def _with_score(best: Sequence[Score], score: Score) -> Sequence[Score]:
    """Those that were the best so far with one more score; `best` itself where one beats it."""
    place, near = _near(best, score)
    before = bisect_right(near, score[1], key=_instant)  # the last of these is the best by then
    if before and near[before - 1][0] >= score[0]:
        return best
    first, last = _place_of_beaten(near, score)
    return exchanged(best, place, (*near[:first], score, *near[last:]))


def _beaten(best: Sequence[Score], score: Score) -> tuple[Score, ...]:
    """Those that are no better than a score, and no earlier."""
    _, near = _near(best, score)
    first, last = _place_of_beaten(near, score)
    return near[first:last]


def _place_of_beaten(best: Sequence[Score], score: Score) -> tuple[int, int]:
    return bisect_left(best, score[1], key=_instant), bisect_right(best, score[0], key=_share)


def _both_ascend(one: Score, other: Score) -> bool:
    return one[0] < other[0] and one[1] < other[1]


def _as_best(field: str, value: object) -> Sequence[Score]:
    expected = "pairs of a share and an instant, both ascending"
    if not isinstance(value, _SEQUENCE):
        raise InvalidValue.of(field, value, expected)
    if not all(isinstance(each, _SEQUENCE) and len(each) == 2 for each in value):
        raise InvalidValue.of(field, value, expected)
    best = tuple((_as_ratio(field, share), as_instant(field, at)) for share, at in value)
    if not all(map(_both_ascend, best, best[1:])):
        raise InvalidValue.of(field, value, expected)
    return kept(best)


def _as_ratio(field: str, value: object) -> Fraction:
    # A tiny `out_of` makes a share far above 1, which no rule about numbers written down allows.
    return value if isinstance(value, Fraction) else as_exact(field, value, "an exact share")


@attrs.frozen
class Added:
    """Evidence as it was, or None; what an event told; and both together, which is more."""

    before: Evidence | None
    told: Evidence
    after: Evidence

    def edit(self) -> tuple[Evidence | None, Evidence]:
        """What is gone of it and what came; None and all of it where nothing was there."""
        if self.before is None:
            return None, self.after
        return self.before.difference(self.after, self.told)
