"""What a member did: a closed union of frozen facts, each with its own instant."""

from datetime import datetime
from math import isfinite
from typing import ClassVar

import attrs

from coursetrack.domain.entities import CompletionType
from coursetrack.domain.values import MAX_ID, as_id, as_instant, as_text
from coursetrack.errors import InvalidValue

MAX_SECONDS = 10**9
"""The longest duration a video may report, in seconds (some 31 years). (decided)"""

_set = object.__setattr__


@attrs.frozen(kw_only=True)
class _Event:
    """What all events have; `at` is when it happened (UTC), never when it was processed."""

    member_id: int
    lesson_id: int
    at: datetime
    event_id: str | None = None

    completes: ClassVar[CompletionType]

    def __attrs_post_init__(self) -> None:
        member_id, lesson_id = self.member_id, self.lesson_id
        # The two checks say in one line what the rules below say with an error message.
        if not (type(member_id) is int and 0 < member_id <= MAX_ID):
            _set(self, "member_id", as_id("member_id", member_id))
        if not (type(lesson_id) is int and 0 < lesson_id <= MAX_ID):
            _set(self, "lesson_id", as_id("lesson_id", lesson_id))
        _set(self, "at", as_instant("at", self.at))
        if self.event_id is not None:
            _set(self, "event_id", as_text("event_id", self.event_id))


@attrs.frozen(kw_only=True)
class PageVisit(_Event):
    """The member opened the lesson's page. Completes a VISITED lesson."""

    completes = CompletionType.VISITED


@attrs.frozen(kw_only=True)
class ButtonClick(_Event):
    """The member pressed the lesson's completion button. Completes a BUTTON lesson."""

    completes = CompletionType.BUTTON


@attrs.frozen(kw_only=True)
class VideoFinish(_Event):
    """The player reached the end. Completes a VIDEO lesson that has no coverage threshold."""

    completes = CompletionType.VIDEO


@attrs.frozen(kw_only=True)
class VideoProgress(_Event):
    """One watched stretch of a video, in seconds. Counts towards a VIDEO lesson's threshold.

    The ends are normalised: reversed ends swap, parts outside 0..`duration` are cut. An empty
    stretch is allowed and adds nothing. A number that is not finite, or a duration that is not
    above 0 (in whole milliseconds) or over 10**9, is an :class:`InvalidValue`. (decided)
    """

    start: float
    end: float
    duration: float

    completes = CompletionType.VIDEO

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        duration = _as_seconds("duration", self.duration)
        if not (0 < duration <= MAX_SECONDS and round(duration * 1000) > 0):
            raise InvalidValue.of("duration", duration, "seconds above 0 and at most 10**9")
        ends = (_as_seconds("start", self.start), _as_seconds("end", self.end))
        start, end = (min(max(place, 0), duration) for place in sorted(ends))
        _set(self, "start", start)
        _set(self, "end", end)
        _set(self, "duration", duration)

    @property
    def stretch(self) -> tuple[int, int]:
        """The watched stretch in whole milliseconds, half-open: ``start <= moment < end``."""
        return round(self.start * 1000), round(self.end * 1000)

    @property
    def duration_ms(self) -> int:
        """The reported duration in whole milliseconds, at least 1."""
        return round(self.duration * 1000)


Event = PageVisit | ButtonClick | VideoFinish | VideoProgress


def _as_seconds(field: str, value: object) -> float:
    if isinstance(value, int) and not isinstance(value, bool):
        return int(value)
    if isinstance(value, float) and isfinite(value):
        return float(value)
    raise InvalidValue.of(field, value, "a finite number of seconds")
