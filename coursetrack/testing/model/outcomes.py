"""What the naive model's calls come to, in the words of the tracker's own answers."""

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
    changes: tuple[()] = ()

    @property
    def ignored(self) -> bool:
        """Whether an event was let in and completed nothing."""
        return not (self.completed or self.refused or self.repeated)


@attrs.frozen(kw_only=True)
class ModelTally:
    """What came of many events."""

    completed: int
    repeated: int
    ignored: int
    refused: dict[RefusalCode, int]


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
