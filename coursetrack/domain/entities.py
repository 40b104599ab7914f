"""The entities, by the origin's names and numbers: frozen, normalised as they are made.

An entity refers to others by id and holds nothing derived. What is joined (a record's title and
names) or counted (progress) is worked out from these when it is asked for.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from enum import IntEnum
from fractions import Fraction
from typing import Any, ClassVar, TypeVar, assert_never

import attrs

from coursetrack.domain.criteria.criterion import Criterion
from coursetrack.domain.criteria.triggers import Button, Untracked, VideoEnd, Visited
from coursetrack.domain.criteria.video import VideoCoverage
from coursetrack.domain.events import as_duration, milliseconds
from coursetrack.domain.reprs import short_repr
from coursetrack.domain.values import (
    as_bool,
    as_id,
    as_instant,
    as_int,
    as_json,
    as_optional_text,
    as_share,
    as_text,
    as_texts,
    as_unique_id,
    derived_unique_id,
    json_text,
    may_be_derived,
)
from coursetrack.errors import InvalidValue

Rule = Callable[[str, object], object]
EnumT = TypeVar("EnumT", bound=IntEnum)
_set = object.__setattr__


class CompletionType(IntEnum):
    """Which event completes a lesson (the origin's numbers)."""

    NONE = 1
    VISITED = 2
    BUTTON = 3
    VIDEO = 4


class UnlockType(IntEnum):
    """When a lesson or section opens to a member (the origin's numbers)."""

    IMMEDIATE = 1
    SEQUENTIAL = 2
    TIMED = 3


def _as_enum(kind: type[EnumT]) -> Callable[[str, object], EnumT]:
    expected = "one of " + ", ".join(f"{kind.__name__}.{each.name} ({each})" for each in kind)

    def rule(field: str, value: object) -> EnumT:
        if isinstance(value, int) and not isinstance(value, bool):
            number = int.__int__(value)
            if number in set(kind):
                return kind(number)
        raise InvalidValue.of(field, value, expected)

    return rule


_as_type = _as_enum(CompletionType)


def _as_optional_id(field: str, value: object) -> int | None:
    return None if value is None else as_id(field, value)


def _as_order(field: str, value: object) -> int:
    return as_int(field, value, low=-(2**31), high=2**31 - 1)


def _as_days(field: str, value: object) -> int:
    return as_int(field, value, low=0, high=3_650_000)


def _as_coverage(value: Fraction | Decimal | float | None) -> Fraction | None:
    return None if value is None else as_share("video_coverage", value)


def _as_optional_duration(field: str, value: object) -> float | None:
    return None if value is None else as_duration(field, value)


def criterion_of(completion_type: CompletionType, video_coverage: Fraction | None) -> Criterion:
    """The criterion that the origin's two fields stand for."""
    match completion_type:
        case CompletionType.NONE:
            return Untracked()
        case CompletionType.VISITED:
            return Visited()
        case CompletionType.BUTTON:
            return Button()
        case CompletionType.VIDEO:
            return VideoEnd() if video_coverage is None else VideoCoverage(video_coverage)
        case _:
            assert_never(completion_type)


def spelling_of(criterion: Criterion) -> tuple[CompletionType | None, Fraction | None]:
    """The origin's two fields for `criterion`: its inverse; (None, None) beyond the origin."""
    match criterion:
        case VideoCoverage(share):
            return CompletionType.VIDEO, share
        case _:
            plain = (each for each in CompletionType if criterion_of(each, None) == criterion)
            return next(plain, None), None


def _as_team_names(value: Iterable[str]) -> tuple[str, ...]:
    return as_texts("team_names", value)


class _Normalised:
    """Runs each field through its rule once the object is made; a wrong value is named."""

    __slots__ = ()
    _rules: ClassVar[Mapping[str, Rule]] = {}

    def __attrs_post_init__(self) -> None:
        for name, rule in self._rules.items():
            object.__setattr__(self, name, rule(name, getattr(self, name)))


class _Identified(_Normalised):
    """An entity with a `unique_id`: one left out is derived from kind and id.

    What was given is kept apart, "" where nothing was, so that `attrs.evolve` derives anew::

        lesson 1, given ""           evolve(lesson, id=2)  ->  what lesson 2 derives
        lesson 1, given "a1b2…"      evolve(lesson, id=2)  ->  "a1b2…"
    """

    __slots__ = ()

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        derived = derived_unique_id(type(self).__name__, self.id)  # type: ignore[attr-defined]
        given: object = self._unique_id  # type: ignore[attr-defined]
        unique_id = as_unique_id("unique_id", given) if given else derived
        _set(self, "_unique_id", "" if unique_id == derived else unique_id)
        _set(self, "unique_id", unique_id)


def _given_unique_id() -> Any:
    """The field of what was given, under the name of what it becomes."""
    return attrs.field(default="", alias="unique_id", eq=False, repr=False)


@attrs.frozen(kw_only=True)
class Coworker(_Identified):
    """A customer, who may be enrolled in many courses. Team names keep the order given."""

    __repr__ = short_repr

    id: int
    full_name: str
    company_name: str | None = None
    team_names: tuple[str, ...] = attrs.field(default=(), converter=_as_team_names)
    _unique_id: str = _given_unique_id()
    unique_id: str = attrs.field(init=False)

    _rules = {"id": as_id, "full_name": as_text, "company_name": as_optional_text}

    @property
    def teams_text(self) -> str | None:
        """The team names as records show them: joined with ``", "``, None when there are none."""
        return ", ".join(self.team_names) if self.team_names else None


@attrs.frozen(kw_only=True)
class Course(_Normalised):
    """A course. Nothing in an inactive one can be completed by an event."""

    __repr__ = short_repr

    id: int
    title: str
    active: bool = True

    _rules = {"id": as_id, "title": as_text, "active": as_bool}


@attrs.frozen(kw_only=True)
class Section(_Normalised):
    """A group of lessons that opens together. `unlock_after_days` counts for TIMED only."""

    __repr__ = short_repr

    id: int
    course_id: int
    title: str
    active: bool = True
    display_order: int = 0
    unlock_type: UnlockType = UnlockType.IMMEDIATE
    unlock_after_days: int = 0

    _rules = {
        "id": as_id,
        "course_id": as_id,
        "title": as_text,
        "active": as_bool,
        "display_order": _as_order,
        "unlock_type": _as_enum(UnlockType),
        "unlock_after_days": _as_days,
    }


@attrs.frozen(kw_only=True)
class Lesson(_Identified):
    """A lesson and what completes it.

    What completes it is told in one of two ways. In the origin's, `completion_type` and
    `video_coverage`, the share of a video that must be watched (above 0 and at most 1, kept
    exactly: ``0.9`` becomes nine tenths; None means that a VIDEO lesson completes on
    VideoFinish). Or by a `criterion`, of which there are more. Giving both is an
    :class:`InvalidValue` unless they say the same. `video_duration` is how long the video is, in
    seconds; where it is given, it overrides what players report.
    A lesson that is not `required` can be completed, but no progress and no sequence asks for it.
    """

    __repr__ = short_repr

    id: int
    course_id: int
    title: str
    section_id: int | None = None
    active: bool = True
    display_order: int = 0
    unlock_type: UnlockType = UnlockType.IMMEDIATE
    unlock_after_days: int = 0
    # As it was given: `attrs.evolve` hands on what was said, in the words in which it was said.
    _completion_type: CompletionType | None = attrs.field(
        default=None, alias="completion_type", eq=False, repr=False
    )
    _video_coverage: Fraction | None = attrs.field(
        default=None, alias="video_coverage", eq=False, repr=False, converter=_as_coverage
    )
    given_criterion: Criterion | None = attrs.field(
        default=None, alias="criterion", eq=False, repr=False
    )
    """The criterion as it was given; None where the origin's fields say it."""
    video_duration: float | None = None
    required: bool = True
    _unique_id: str = _given_unique_id()
    unique_id: str = attrs.field(init=False)
    completion_type: CompletionType | None = attrs.field(init=False)
    """The origin's type of the criterion; None where the origin has none for it."""
    video_coverage: Fraction | None = attrs.field(init=False)
    """The share of the video that must be watched, where the criterion is one."""
    criterion: Criterion = attrs.field(init=False)
    """What completes the lesson."""

    _rules = {
        "id": as_id,
        "course_id": as_id,
        "title": as_text,
        "section_id": _as_optional_id,
        "active": as_bool,
        "display_order": _as_order,
        "unlock_type": _as_enum(UnlockType),
        "unlock_after_days": _as_days,
        "video_duration": _as_optional_duration,
        "required": as_bool,
    }

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        if self.given_criterion is None:
            self._take_spelling()
        else:
            self._take_criterion(self.given_criterion)

    def _take_spelling(self) -> None:
        given: object = self._completion_type
        kind = CompletionType.VISITED if given is None else _as_type("completion_type", given)
        _set(self, "completion_type", kind)
        _set(self, "video_coverage", self._video_coverage)
        _set(self, "criterion", criterion_of(kind, self._video_coverage))

    def _take_criterion(self, criterion: Criterion) -> None:
        if not isinstance(criterion, Criterion):
            raise InvalidValue.of("criterion", criterion, "a criterion such as Visited(), or None")
        kind, coverage = spelling_of(criterion)
        self._require_same("completion_type", self._completion_type, kind)
        self._require_same("video_coverage", self._video_coverage, coverage)
        for name, value in (("completion_type", kind), ("video_coverage", coverage)):
            _set(self, name, value)
            _set(self, f"_{name}", None)
        _set(self, "criterion", criterion)

    def _require_same(self, field: str, given: object, own: object) -> None:
        if given is not None and given != own:
            told = "None" if own is None else f"{own!r} or None"
            expected = f"{told} beside the criterion {self.given_criterion}, or criterion=None"
            raise InvalidValue.of(field, given, expected)

    @property
    def video_duration_ms(self) -> int | None:
        """`video_duration` in whole milliseconds."""
        return None if self.video_duration is None else milliseconds(self.video_duration)


@attrs.frozen(kw_only=True)
class CourseMember(_Identified):
    """An enrolment of a coworker in a course; `created_on` is the enrolment instant (UTC)."""

    __repr__ = short_repr

    id: int
    course_id: int
    coworker_id: int
    created_on: datetime
    approved: bool = True
    blocked: bool = False
    _unique_id: str = _given_unique_id()
    unique_id: str = attrs.field(init=False)

    _rules = {
        "id": as_id,
        "course_id": as_id,
        "coworker_id": as_id,
        "created_on": as_instant,
        "approved": as_bool,
        "blocked": as_bool,
    }


_UPDATED_ON = ("updated_on",)


def _as_reference(field: str, value: object) -> int:
    return 0 if type(value) is int and value == 0 else as_id(field, value)


def _or_none(value: datetime | None) -> datetime:
    # Types what may be given. None becomes the other instant as soon as that is known.
    return value  # type: ignore[return-value]


@attrs.frozen(kw_only=True, slots=False)
class CompletedLesson(_Identified):
    """The record that a member has completed a lesson; `created_on` is when (UTC).

    `updated_on` left out is `created_on`. A `lesson_id` or `member_id` of 0 means "none", as in
    the seed's example; only a record added by hand can have one. `to_string_text` overrides the
    text that the endpoint shows, which is otherwise made from the id. Custom fields and
    localization details are compared as JSON: 1, 1.0 and true differ.
    """

    id: int
    lesson_id: int
    member_id: int
    created_on: datetime
    updated_on: datetime = attrs.field(default=None, converter=_or_none)
    updated_by: str | None = None
    system_id: str | None = None
    custom_fields: Any = attrs.field(default=None, eq=json_text)
    localization_details: Any = attrs.field(default=None, eq=json_text)
    to_string_text: str | None = None
    _unique_id: str = _given_unique_id()
    unique_id: str = attrs.field(init=False)

    _rules = {
        "id": as_id,
        "lesson_id": _as_reference,
        "member_id": _as_reference,
        "created_on": as_instant,
        "updated_by": as_optional_text,
        "system_id": as_optional_text,
        "custom_fields": as_json,
        "localization_details": as_json,
        "to_string_text": as_optional_text,
    }

    def __attrs_post_init__(self) -> None:
        _Normalised.__attrs_post_init__(self)
        given: object = self.__dict__.pop("_unique_id")
        if given:  # else derived when it is asked for
            self.__dict__["unique_id"] = as_unique_id("unique_id", given)
        updated: object = self.updated_on
        moved = self.created_on if updated is None else as_instant("updated_on", updated)
        _set(self, "updated_on", moved)

    def __repr__(self) -> str:
        return short_repr(self, without=_UPDATED_ON if self.updated_on == self.created_on else ())

    def __getattr__(self, name: str) -> Any:
        # The repository makes records without a unique id: hashing one costs more than the rest.
        if name == "unique_id":
            found = derived_unique_id("CompletedLesson", self.id)
            self.__dict__["unique_id"] = found
            return found
        if name == "_unique_id":
            return given_unique_id(self) or ""
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")


def given_unique_id(record: CompletedLesson) -> str | None:
    """The unique id that `record` was given, or None where it is the one that its id derives."""
    # Not asked for as an attribute: that would derive, and hash, what was left out.
    given: str | None = vars(record).get("unique_id")
    if given is None or not may_be_derived(given):
        return given
    return None if given == derived_unique_id(CompletedLesson.__name__, record.id) else given


Entity = Course | Section | Lesson | Coworker | CourseMember | CompletedLesson
