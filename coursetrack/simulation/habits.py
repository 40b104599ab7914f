"""How learners behave, as tables of shares and quantiles: what ``calibrate`` counts.

Nothing here is a model with parameters to fit. Each field is a share that can be counted in a log
of events, or a :class:`~coursetrack.simulation.shapes.Quantiles` of something measured in it.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

import attrs

from coursetrack.domain.values import as_int, as_iterable, as_text
from coursetrack.errors import InvalidValue, nearest, shown
from coursetrack.simulation.shapes import Quantiles, Rhythm, as_numbers, as_share

DAY = 86_400

_ROWS = (0, 1, 2, 2, 3, 3, 3, 3, 4)
SESSION_ROWS = 5
"""How many rows ``Habits.tiring`` has."""

_RESTS = (8 * 3600, 36 * 3600, 5 * DAY)
REST_ROWS = len(_RESTS) + 2
"""How many rows ``Habits.rest`` has."""

Plain = dict[str, Any]


def _as_shares(field: str, values: object) -> tuple[float, ...]:
    if not isinstance(values, list | tuple) or not values:
        raise InvalidValue.of(field, values, "at least one number from 0 to 1")
    return tuple(as_share(field, value) for value in values)


def _as_frozen(lessons: Mapping[str, "LessonHabits"]) -> Mapping[str, "LessonHabits"]:
    return MappingProxyType(dict(lessons))


def _as_factors(rows: Iterable[Iterable[float]]) -> tuple[tuple[float, ...], ...]:
    found = tuple(as_numbers("tiring", row) for row in as_iterable("tiring", rows))
    if len(found) != SESSION_ROWS or not all(found):
        raise InvalidValue.of("tiring", rows, f"{SESSION_ROWS} rows of numbers from 0 on")
    return found


def session_row(pauses: int) -> int:
    """The row of ``Habits.tiring`` for a learner who has paused so often."""
    return _ROWS[min(pauses, len(_ROWS) - 1)]


def rest_row(seconds: int) -> int:
    """The row of ``Habits.rest`` for a learner whose last rest was so long; 0 is for none yet."""
    return 1 + bisect_right(_RESTS, seconds)


@attrs.frozen
class _Checked:
    """Runs each share of a value through its rule once the value is made."""

    def __attrs_post_init__(self) -> None:
        for field in attrs.fields(type(self)):
            given = getattr(self, field.name)
            if field.type is float:
                object.__setattr__(self, field.name, as_share(field.name, given))
            elif field.type == tuple[float, ...]:
                object.__setattr__(self, field.name, _as_shares(field.name, given))


@attrs.frozen(kw_only=True)
class LessonHabits(_Checked):
    """What is known of one lesson, by its title; it goes before what holds for any lesson."""

    skip: float
    """Share of those who come by and do not open it, while they keep to the order."""
    press: float
    """Share of those who open it, and go on later, who complete it."""
    press_last: float
    """The same of those who never open another lesson."""
    pause: float
    """Share of those who go on who do so in another session."""
    stop: tuple[float, ...]
    """Share of those who open it who never open another, for each cohort."""


@attrs.frozen(kw_only=True)
class Cohort(_Checked):
    """Members who enrolled at about the same time, counted from the opening of their course."""

    until: int | None = None
    """Of those who enrolled so many seconds after the opening or earlier; None: all later ones."""
    starts: float
    """Share of the enrolled who ever open a lesson."""
    delay: Quantiles
    """From enrolment or opening, the later one, to the first visit, in seconds of busy time."""
    stop: tuple[float, ...]
    """Share of those who open the first, second, ... lesson of a course who never open another.

    The last number holds for all later lessons.
    """
    stop_across: tuple[float, ...]
    """The same for lessons that are the last of their section."""


@attrs.frozen(kw_only=True)
class Miss:
    """How far forecasts of past runs were off, as ``backtest`` found."""

    known: int
    """How many seconds from the opening on were known."""
    after: int
    """By how many seconds after the opening the finishers were counted."""
    ratios: tuple[float, ...]
    """The finishers there were by those forecast, each and one more, for each past run."""

    def __attrs_post_init__(self) -> None:
        checked = as_numbers("ratios", self.ratios)
        object.__setattr__(self, "ratios", checked)


@attrs.frozen(kw_only=True)
class Habits(_Checked):
    """How learners behave: tables only. Round-trips through ``to_dict`` and ``from_dict``.

    Seconds are whole-second clock time, but where busy time is said (see ``Rhythm``).
    """

    cohorts: tuple[Cohort, ...]
    """By the time of enrolment, earliest first; the last one has ``until=None``."""
    skip: float
    """Share of those who come by a lesson and do not open it, while they keep to the order."""
    skip_astray: float
    """The same of those who have left a lesson behind before."""
    leap: tuple[float, ...]
    """Share of those who go on from the first, second, ... lesson that they opened, but more than
    two lessons ahead, while they keep to the order. The last number holds for all later ones."""
    leap_astray: tuple[float, ...]
    """The same of those who have left a lesson behind before."""
    leap_first: float
    """Share of those who begin with another lesson than the first three."""
    jumps: tuple[int, ...]
    """How many lessons ahead such a leap goes; each equally likely."""
    returns: tuple[float, ...]
    """Share of those with lessons left behind who go back to the first of them: at once, after one
    more lesson, two, ... The last number holds for all later ones."""
    returns_last: float
    """The same of those who have opened the last lesson of the course."""
    stop_astray: tuple[float, ...]
    """Of those who have left a lesson behind: share of those who open their first, second, ...
    lesson who never open another. The others stop as their cohort and the lesson say."""
    press: float
    press_last: float
    steady: float
    """Share of the lessons, by who goes on, at which it is up to the learner whether they are
    completed: those complete them who are among the most inclined, the same ones each time. At the
    others it is chance. Each lesson is completed as often either way."""
    pause: float
    """Share of those who go on within a section who do so in another session."""
    pause_across: float
    """The same from one section to the next."""
    tiring: tuple[tuple[float, ...], ...] = attrs.field(converter=_as_factors)
    """How many times as likely a pause within a section is after the first, second, ... visit of a
    session: in the first session, the second, the third and fourth, the next four, and later.

    The last number of each row holds for all later visits.
    """
    tiring_across: tuple[tuple[float, ...], ...] = attrs.field(converter=_as_factors)
    """How many times as likely a pause at the end of a section is, in the same rows of sessions."""
    waits: tuple[float, ...]
    """Share of those who are ahead of the plan, at the end of a section, who wait for the day on
    which the next one is due, in the same rows. Sections are due every ``plan`` seconds."""
    late: Quantiles
    """How long after that day they come, in busy time."""
    gap: Quantiles
    """From one visit to the next in the same session."""
    rest: tuple[tuple[Quantiles, ...], ...]
    """From the last visit of a session to the first of the next one, in busy time. Rows by the rest
    before: none yet, up to 8 hours, up to 36, up to 5 days, longer. In each row: in the first week
    since the learner could begin, the second, ... The last one holds for all later weeks."""
    rest_across: tuple[Quantiles, ...]
    """The same where the next session begins another section, whatever the rest before."""
    lead: Quantiles
    """From completing a lesson to the next visit in the same session."""
    dwell: Quantiles
    """From a visit to completing the lesson, where no visit follows in the same session."""
    rhythm: Rhythm
    coverage: Quantiles
    """Share of a video that its viewers have seen when they leave it."""
    score: Quantiles
    """Share of the marks that learners have at their first try."""
    plan: int = 7 * DAY
    """From the opening of a course on, one more section is due after each so many seconds."""
    patience: float = 0.9
    """Share of those who are refused who come back when the lesson is open. An assumption: logs of
    courses without locks say nothing about it, so try several (``Study.compare`` does)."""
    lessons: Mapping[str, LessonHabits] = attrs.field(
        factory=dict, converter=_as_frozen, hash=False
    )
    """What is known of single lessons, by title."""
    runs: "tuple[Habits, ...]" = attrs.field(default=(), repr=False)
    """The habits of each past course run alone: how much one run differs from another."""
    misses: tuple[Miss, ...] = attrs.field(default=(), repr=False)
    """How far forecasts of past runs were off; ``backtest`` fills it in."""

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        ends = [cohort.until for cohort in self.cohorts]
        if not ends or ends[-1] is not None or None in ends[:-1]:
            raise InvalidValue.of("cohorts", ends, "the last one, and no other, with until=None")
        if len(self.rest) != REST_ROWS or not all(self.rest):
            wanted = f"{REST_ROWS} rows of the quantiles of at least one week"
            raise InvalidValue.of("rest", self.rest, wanted)
        if not self.rest_across:
            wanted = "the quantiles of at least one week"
            raise InvalidValue.of("rest_across", self.rest_across, wanted)
        if not self.jumps or not all(isinstance(jump, int) and jump > 0 for jump in self.jumps):
            raise InvalidValue.of("jumps", self.jumps, "whole numbers above 0")
        for title, each in self.lessons.items():
            as_text("lessons", title)
            if len(each.stop) != len(self.cohorts):
                raise InvalidValue.of(f"lessons[{title!r}].stop", each.stop, "one share a cohort")

    def __repr__(self) -> str:
        """What it was counted from, in short."""
        return (
            f"<Habits: {len(self.cohorts)} cohorts, {len(self.lessons)} known lessons, "
            f"{len(self.runs)} past runs, patience {self.patience:g}>"
        )

    def cohort_of(self, lag: int) -> int:
        """The number of the cohort of a member who enrolled `lag` seconds after the opening."""
        for number, cohort in enumerate(self.cohorts):
            if cohort.until is None or lag <= cohort.until:
                return number
        raise AssertionError("the last cohort has no end")

    def miss(self, known: int, after: int) -> Miss | None:
        """How far past forecasts were off that knew about as much, for about that date."""
        return min(
            self.misses,
            key=lambda each: (abs(each.known - known), abs(each.after - after)),
            default=None,
        )

    def to_dict(self) -> Plain:
        """All of it as fresh plain values for ``json.dumps``."""
        return _plain(self)  # type: ignore[no-any-return]

    @classmethod
    def from_dict(cls, value: object) -> "Habits":
        """The habits that :meth:`to_dict` wrote; InvalidValue says what is wrong where."""
        made: Habits = _read(cls, value, "habits")
        return made


def _plain(value: Any) -> Any:
    if isinstance(value, Quantiles):
        return list(value.values)
    if isinstance(value, Rhythm):
        return list(value.weights)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if attrs.has(type(value)):
        return {
            field.name: _plain(getattr(value, field.name)) for field in attrs.fields(type(value))
        }
    return value


def _read(kind: type, value: object, where: str) -> Any:
    names = [field.name for field in attrs.fields(kind)]
    if not isinstance(value, Mapping):
        raise InvalidValue.of(where, value, f"an object with {', '.join(names)}")
    for key in value:
        if key not in names:
            near = nearest(str(key), names)
            hint = f" (did you mean {near!r}?)" if near else ""
            raise InvalidValue(f"{where}: no such key {shown(key)}{hint}", value=key)
    missing = [
        f.name for f in attrs.fields(kind) if f.default is attrs.NOTHING and f.name not in value
    ]
    if missing:
        raise InvalidValue(f"{where}: {missing[0]!r} is missing", value=value)
    return kind(
        **{name: _read_field(name, item, f"{where}.{name}") for name, item in value.items()}
    )


def _read_field(name: str, value: object, where: str) -> object:
    if name == "rest":
        rows = enumerate(_list(value, where))
        return tuple(_read_field("rest_across", row, f"{where}[{n}]") for n, row in rows)
    if name == "rest_across":
        items = enumerate(_list(value, where))
        return tuple(Quantiles(_list(each, f"{where}[{place}]")) for place, each in items)
    if name in ("gap", "late", "lead", "dwell", "coverage", "score", "delay"):
        return Quantiles(_list(value, where))
    if name == "rhythm":
        return Rhythm(_list(value, where))
    kind = {"cohorts": Cohort, "runs": Habits, "misses": Miss}.get(name)
    if kind is not None:
        items = enumerate(_list(value, where))
        return tuple(_read(kind, each, f"{where}[{place}]") for place, each in items)
    if name in ("jumps", "ratios"):
        return tuple(_list(value, where))
    if name == "lessons":
        if not isinstance(value, Mapping):
            raise InvalidValue.of(where, value, "an object: titles and what is known of them")
        return {
            title: _read(LessonHabits, each, f"{where}[{title!r}]") for title, each in value.items()
        }
    if name in ("plan", "known", "after"):
        return as_int(where, value, low=0, high=10**12)
    if name == "until":
        return None if value is None else as_int(where, value, low=-(10**12), high=10**12)
    return value


def _list(value: object, where: str) -> list[Any]:
    if isinstance(value, list):
        return value
    raise InvalidValue.of(where, value, "a list")
