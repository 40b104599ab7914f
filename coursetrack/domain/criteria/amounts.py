"""The criteria that ask for an amount: time spent on the lesson, a score."""

from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import ClassVar

import attrs

from coursetrack.domain.criteria.criterion import Action, Criterion, Known, Need
from coursetrack.domain.events import MAX_SECONDS
from coursetrack.domain.evidence import Evidence, Presence, Scores
from coursetrack.domain.values import as_exact, as_share, percent
from coursetrack.errors import InvalidValue


def _as_seconds(value: Fraction | Decimal | float) -> Fraction:
    expected = "seconds above 0 and at most 10**9, in whole milliseconds"
    exact = as_exact("seconds", value, expected)
    if not 0 < exact <= MAX_SECONDS or (exact * 1000).denominator != 1:
        raise InvalidValue.of("seconds", value, expected)
    return exact


@attrs.frozen
class TimeSpentAtLeast(Criterion):
    """The member spent at least this long on the lesson, by the clock: two tabs count once.

    Met since the end of the span of presence in which it was reached.
    """

    keeps: ClassVar[tuple[type[Evidence], ...]] = (Presence,)

    seconds: Fraction = attrs.field(converter=_as_seconds)

    def since(self, known: Known) -> datetime | None:
        """The end of the span of presence in which it was reached."""
        presence = known.get(Presence)
        return None if presence is None else presence.since(self._needed)

    def missing(self, known: Known) -> tuple[Need, ...]:
        """How much longer it takes."""
        presence = known.get(Presence)
        left = self._needed - (0 if presence is None else presence.total)
        if left <= 0:
            return ()
        milliseconds = -(-left // 1000)
        text = f"{milliseconds / 1000:g} s more spent on it"
        return (Need(action=Action.TIME_SPENT, milliseconds=milliseconds, text=text),)

    @property
    def _needed(self) -> int:
        return int(self.seconds * 1_000_000)


def _as_share(value: Fraction | Decimal | float) -> Fraction:
    return as_share("share", value)


@attrs.frozen
class ScoreAtLeast(Criterion):
    """A score of at least this share of what can be scored. The best score counts.

    Met since the first score that was good enough.
    """

    keeps: ClassVar[tuple[type[Evidence], ...]] = (Scores,)

    share: Fraction = attrs.field(converter=_as_share)

    def since(self, known: Known) -> datetime | None:
        """The first score that was good enough."""
        scores = known.get(Scores)
        return None if scores is None else scores.since(self.share)

    def missing(self, known: Known) -> tuple[Need, ...]:
        """A good enough score."""
        if self.since(known) is not None:
            return ()
        return (Need(action=Action.SCORED, text=f"a score of {percent(self.share)} or better"),)
