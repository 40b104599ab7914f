"""What a member did: a closed union of frozen facts, each with its own instant."""

from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from math import isfinite

import attrs

from coursetrack.domain.values import MAX_ID, as_exact, as_id, as_instant, as_text, microseconds
from coursetrack.errors import InvalidValue

MAX_SECONDS = 10**9
"""The longest duration a video or a stay may report, in seconds (some 31 years). (decided)"""

MAX_EVENT_ID = 1_000
"""The longest `event_id`, in characters: it is remembered for its sender's sake. (decided)"""

PlainEvent = tuple[str | int | None, ...]
"""An event as a tuple: see ``coursetrack.domain.plain_events``."""

_COMMON = 4  # the fields that every event has

_set = object.__setattr__


def milliseconds(seconds: float) -> int:
    """Whole milliseconds, as all lengths are counted."""
    return round(seconds * 1000)


@attrs.frozen(kw_only=True)
class _Event:
    """What all events have; `at` is when it happened (UTC), never when it was processed."""

    member_id: int
    lesson_id: int
    at: datetime
    event_id: str | None = None

    def __attrs_post_init__(self) -> None:
        member_id, lesson_id = self.member_id, self.lesson_id
        # The two checks say in one line what the rules below say with an error message.
        if not (type(member_id) is int and 0 < member_id <= MAX_ID):
            _set(self, "member_id", as_id("member_id", member_id))
        if not (type(lesson_id) is int and 0 < lesson_id <= MAX_ID):
            _set(self, "lesson_id", as_id("lesson_id", lesson_id))
        _set(self, "at", as_instant("at", self.at))
        if self.event_id is not None:
            event_id = as_text("event_id", self.event_id)
            if len(event_id) > MAX_EVENT_ID:
                raise InvalidValue.of(
                    "event_id",
                    event_id,
                    f"at most {MAX_EVENT_ID:,} characters, not {len(event_id):,}",
                )
            _set(self, "event_id", event_id)

    def to_plain(self) -> PlainEvent:
        """This event as a tuple of integers, texts and None, as events travel.

        Kind, member, lesson, microseconds since 1970; an `event_id`, and what the kind has besides,
        seconds as milliseconds. ``coursetrack.event_from_plain`` reads it.
        """
        own = attrs.fields(type(self))[_COMMON:]
        plain = (type(self).__name__, self.member_id, self.lesson_id, microseconds(self.at))
        if own:
            return (*plain, self.event_id, *(_plain(getattr(self, each.name)) for each in own))
        return plain if self.event_id is None else (*plain, self.event_id)


@attrs.frozen(kw_only=True)
class PageVisit(_Event):
    """The member opened the lesson's page."""


@attrs.frozen(kw_only=True)
class ButtonClick(_Event):
    """The member pressed the lesson's completion button."""


def made(
    kind: type[PageVisit] | type[ButtonClick], member_id: int, lesson_id: int, at: datetime
) -> PageVisit | ButtonClick:
    """``kind(member_id=, lesson_id=, at=)`` of values that were checked before; at is in UTC.

    A third of the price, as nothing is checked again: for streams, whose ids are those of entities.
    """
    event = _new(kind)
    _set_member_id(event, member_id)
    _set_lesson_id(event, lesson_id)
    _set_at(event, at)
    _set_event_id(event, None)
    return event


_new = object.__new__
_set_member_id = _Event.member_id.__set__  # type: ignore[attr-defined]
_set_lesson_id = _Event.lesson_id.__set__  # type: ignore[attr-defined]
_set_at = _Event.at.__set__  # type: ignore[attr-defined]
_set_event_id = _Event.event_id.__set__  # type: ignore[union-attr]


@attrs.frozen(kw_only=True)
class VideoFinish(_Event):
    """The player reported that the video reached its end."""


@attrs.frozen(kw_only=True)
class VideoProgress(_Event):
    """One watched stretch of a video, in seconds.

    Parts outside 0..`duration` are cut. An empty stretch is allowed and adds nothing. A reversed
    one (`end` before `start`) counts for nothing at all: in players' logs it is a lost report.
    Two bodies that are equal in whole milliseconds are equal. A number that is not finite, or a
    duration that is not above 0 (in whole milliseconds) or over 10**9, is an
    :class:`InvalidValue`. (decided)
    """

    start: float = attrs.field(eq=milliseconds)
    end: float = attrs.field(eq=milliseconds)
    duration: float = attrs.field(eq=milliseconds)

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        duration = as_duration("duration", self.duration)
        _set(self, "start", min(max(_as_seconds("start", self.start), 0), duration))
        _set(self, "end", min(max(_as_seconds("end", self.end), 0), duration))
        _set(self, "duration", duration)

    @property
    def is_reversed(self) -> bool:
        """Whether the stretch ends before it starts, in whole milliseconds."""
        # Of two that are in order, the whole milliseconds are.
        return self.end < self.start and self.ends[1] < self.ends[0]

    @property
    def ends(self) -> tuple[int, int]:
        """`start` and `end` in whole milliseconds, as they were told."""
        return round(self.start * 1000), round(self.end * 1000)

    @property
    def stretch(self) -> tuple[int, int]:
        """The watched stretch in whole milliseconds, half-open; an empty one where reversed."""
        start, end = self.ends
        return start, max(start, end)

    @property
    def duration_ms(self) -> int:
        """The reported duration in whole milliseconds, at least 1."""
        return round(self.duration * 1000)


@attrs.frozen(kw_only=True)
class TimeSpent(_Event):
    """One stretch of presence on the lesson: `at` is its end, `seconds` its length.

    Lengths are taken to whole milliseconds, from 0 to 10**9 seconds. What counts is the union
    over the clock: two tabs that are open at the same time count once.
    """

    seconds: float = attrs.field(eq=milliseconds)

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        seconds = _as_seconds("seconds", self.seconds)
        if not 0 <= seconds <= MAX_SECONDS:
            raise InvalidValue.of("seconds", seconds, "seconds from 0 to 10**9")
        _set(self, "seconds", seconds)

    @property
    def span(self) -> tuple[int, int]:
        """The stretch in whole microseconds since 1970 (UTC), half-open."""
        end = microseconds(self.at)
        return end - 1000 * milliseconds(self.seconds), end


def _as_score(value: Fraction | Decimal | float) -> Fraction:
    return as_exact("score", value, "a finite number between -10**9 and 10**9")


def _as_out_of(value: Fraction | Decimal | float) -> Fraction:
    expected = "a finite number above 0 and at most 10**9"
    exact = as_exact("out_of", value, expected)
    if exact <= 0:
        raise InvalidValue.of("out_of", value, expected)
    return exact


@attrs.frozen(kw_only=True)
class Scored(_Event):
    """A result: `score` of `out_of`, exactly as written (``0.1`` is a tenth). The best counts.

    Both are between -10**9 and 10**9, `out_of` above 0. A score may be above `out_of`.
    """

    score: Fraction = attrs.field(converter=_as_score)
    out_of: Fraction = attrs.field(converter=_as_out_of)

    @property
    def share(self) -> Fraction:
        """`score` / `out_of`, exact."""
        return self.score / self.out_of


Event = PageVisit | ButtonClick | VideoFinish | VideoProgress | TimeSpent | Scored


def as_duration(field: str, value: object) -> float:
    """The length of a video in seconds: above 0 in whole milliseconds, at most 10**9."""
    duration = _as_seconds(field, value)
    if not (0 < duration <= MAX_SECONDS and milliseconds(duration) > 0):
        raise InvalidValue.of(field, duration, "seconds above 0 and at most 10**9")
    return duration


def _as_seconds(field: str, value: object) -> float:
    if isinstance(value, int) and not isinstance(value, bool):
        return int.__int__(value)
    if isinstance(value, float) and isfinite(value):
        return float.__float__(value)
    raise InvalidValue.of(field, value, "a finite number of seconds")


def _plain(value: Fraction | float) -> int | str:
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    return milliseconds(value)
