"""What the naive model's calls come to, in the words of the tracker's own answers."""

from collections import Counter
from datetime import datetime
from fractions import Fraction

import attrs

from coursetrack.domain.entities import CompletedLesson
from coursetrack.domain.refusals import Refusal, RefusalCode


@attrs.frozen(kw_only=True)
class ModelOutcome:
    """What came of one call. `changes` is empty: the model keeps no account of them."""

    completed: CompletedLesson | None = None
    refused: tuple[Refusal, ...] = ()
    repeated: bool = False
    advanced: bool = False
    changes: tuple[()] = ()

    @property
    def ignored(self) -> bool:
        """Whether an event was let in and nothing came of it."""
        return not (self.completed or self.refused or self.repeated or self.advanced)


@attrs.frozen(kw_only=True)
class ModelTally:
    """What came of many events: counted from what came of each."""

    outcomes: list[ModelOutcome] = attrs.field(kw_only=False)

    @property
    def completed(self) -> int:
        """How many completed a lesson."""
        return sum(each.completed is not None for each in self.outcomes)

    @property
    def advanced(self) -> int:
        """How many are evidence that is not enough yet."""
        return sum(each.advanced for each in self.outcomes)

    @property
    def repeated(self) -> int:
        """How many told what was known."""
        return sum(each.repeated for each in self.outcomes)

    @property
    def ignored(self) -> int:
        """How many came to nothing."""
        return len(self.ignored_at)

    @property
    def ignored_at(self) -> tuple[int, ...]:
        """The places of those."""
        return tuple(place for place, each in enumerate(self.outcomes) if each.ignored)

    @property
    def refused(self) -> dict[RefusalCode, int]:
        """How often each reason was given."""
        return dict(Counter(x.code for each in self.outcomes for x in each.refused))

    @property
    def refusals(self) -> tuple[tuple[int, tuple[Refusal, ...]], ...]:
        """The place and the reasons of each event that was refused."""
        told = ((place, each.refused) for place, each in enumerate(self.outcomes))
        return tuple((place, refused) for place, refused in told if refused)


@attrs.frozen(kw_only=True)
class ModelProgress:
    """How far a member is: the lessons' ids in reading order, and what is counted from them."""

    completed_lesson_ids: tuple[int, ...]
    countable_lesson_ids: tuple[int, ...]
    last_completed: CompletedLesson | None
    finished_on: datetime | None

    @property
    def completed(self) -> int:
        """How many countable lessons are completed."""
        return len(self.completed_lesson_ids)

    @property
    def countable(self) -> int:
        """How many lessons count."""
        return len(self.countable_lesson_ids)

    @property
    def completeness(self) -> Fraction:
        """The completed share of what counts; 0 where nothing does."""
        return Fraction(self.completed, self.countable) if self.countable else Fraction(0)

    @property
    def finished(self) -> bool:
        """Whether all that counts is completed, and something counts."""
        return self.completeness == 1
