"""The protocol of a criterion: what completes a lesson, as a frozen value.

Everything else (recording, explaining, linting, what-if, settling, snapshots, the naive model)
asks the criterion of a lesson and knows no kind of it by name. A criterion of your own is a frozen
attrs class that says up to five things, of which `since` and `missing` have no answer yet::

    keeps       the kinds of evidence that it looks at, and so the kinds of event that concern it
    since       since when the evidence is enough, or None
    missing     what is still to happen, the shortest way first: () once it is enough
    trigger     the kind of event that is enough alone, so that nothing has to be remembered
    parts       the criteria that it is made of

Hand the class to ``Tracker(criteria=(MyCriterion,))``, and to what reads plain values back.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, ClassVar, Self, TypeVar

import attrs

from coursetrack.domain.events import Event
from coursetrack.domain.evidence import Evidence

E = TypeVar("E", bound=Evidence)

EvidenceByKind = Mapping[type[Evidence], Evidence]

_NOTHING: EvidenceByKind = MappingProxyType({})


class Action(StrEnum):
    """What completes a lesson: the name of an event, or an administrator's hand."""

    PAGE_VISIT = "page_visit"
    BUTTON_CLICK = "button_click"
    VIDEO_FINISH = "video_finish"
    VIDEO_PROGRESS = "video_progress"
    TIME_SPENT = "time_spent"
    SCORED = "scored"
    BY_HAND = "by_hand"


@attrs.frozen(kw_only=True)
class Need:
    """One thing that is still to happen.

    `milliseconds` is how long it takes at least: 0 for what is done in a moment, None where nobody
    can know yet. `text` says it in words, to be shown and not to be parsed.
    """

    action: Action
    milliseconds: int | None = 0
    text: str

    def __str__(self) -> str:
        """The words."""
        return self.text


@attrs.frozen
class Known:
    """What is known of one member and one lesson: all that a criterion is asked about."""

    evidence: EvidenceByKind = _NOTHING
    video_duration: int | None = None
    """The video's own duration in milliseconds, if the lesson has one."""

    def get(self, kind: type[E]) -> E | None:
        """The evidence of one kind, or None."""
        found: E | None = self.evidence.get(kind)  # type: ignore[assignment]
        return found


@attrs.frozen
class Criterion:
    """What completes a lesson. To be subclassed; see the module.

    A subclass is frozen by attrs and its fields are numbers, texts, exact fractions, criteria, and
    tuples of these; they are its plain form, read back by calling the class with them.
    """

    trigger: ClassVar[type[Event] | None] = None
    """The kind of event of which one is enough, whatever else is known; None where there is none.

    Nothing is remembered of such an event: it completes the lesson at its own instant.
    """

    keeps: ClassVar[tuple[type[Evidence], ...]] = ()
    """The kinds of evidence that it looks at itself."""

    @property
    def parts(self) -> "tuple[Criterion, ...]":
        """The criteria that it is made of; () for most."""
        return ()

    @property
    def reads(self) -> tuple[type[Evidence], ...]:
        """The kinds of evidence that it and its parts look at: those that are kept."""
        parts = self.parts
        if not parts:
            return self.keeps
        return tuple(dict.fromkeys((*self.keeps, *(k for each in parts for k in each.reads))))

    @property
    def can_be_met(self) -> bool:
        """Whether there are events that meet it. A lesson that none complete does not count."""
        return True

    def since(self, known: Known) -> datetime | None:
        """Since when (UTC) what is known is enough; None while it is not."""
        raise NotImplementedError

    def missing(self, known: Known) -> tuple[Need, ...]:
        """What is still to happen, by the shortest way: () exactly when it is met."""
        raise NotImplementedError

    def details(self, known: Known) -> object | None:
        """A value that shows what is known in more depth, with a readable ``str()``; or None."""
        return None

    def is_doubtful(self, known: Sequence[Known]) -> bool:
        """Whether what is known of all members together leaves open what it asks for. For lint."""
        return any(part.is_doubtful(known) for part in self.parts)

    @property
    def depth(self) -> int:
        """How many criteria over criteria lie one within the other; 0 for a plain one."""
        return 1 + max(each.depth for each in self.parts) if self.parts else 0

    @classmethod
    def of_plain(cls, fields: Mapping[str, Any]) -> Self:
        """The criterion with these fields, as they were written; criteria among them are made."""
        return cls(**fields)


def together(needs: Iterable[Need]) -> tuple[Need, ...]:
    """The needs, each once, in this order."""
    return tuple(dict.fromkeys(needs))


def effort(needs: Iterable[Need]) -> tuple[int, int, int, int]:
    """Orders ways by what they ask for: hands, what nobody can know, milliseconds, their number.

    (decided: a click is shorter than a minute, and a minute than a video of unknown length)
    """
    needs = tuple(needs)
    times = [need.milliseconds for need in needs]
    hands = sum(need.action is Action.BY_HAND for need in needs)
    return hands, times.count(None), sum(each or 0 for each in times), len(needs)
