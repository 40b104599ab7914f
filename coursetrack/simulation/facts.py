"""The stylised facts of an event log, and how far two logs are from each other."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType

import attrs

from coursetrack.domain.entities import Entity
from coursetrack.domain.events import Event
from coursetrack.errors import InvalidValue
from coursetrack.simulation.habits import DAY
from coursetrack.simulation.lives import SESSION, PastLife, past_lives
from coursetrack.simulation.outlines import Opens
from coursetrack.simulation.shapes import Quantiles

_WEEK = 7 * DAY
_MONDAY = 4 * DAY
_MOST = Fraction(9, 10)


@attrs.frozen(kw_only=True)
class Facts:
    """What an event log looks like. Learners are members with at least one visit.

    A *visit* is the first visit of a lesson, a *completion* the last act that completes one; a
    session ends after 30 minutes without a visit. Shares are of 1; what rests on nobody is 0.
    """

    members: int
    learners: int
    visit_funnel: Mapping[str, float] = attrs.field(repr=False)
    """Title -> the share of learners who opened the lesson, in reading order."""
    completion_funnel: Mapping[str, float] = attrs.field(repr=False)
    """Title -> the share of learners who completed the lesson, in reading order."""
    lessons: tuple[int, ...] = attrs.field(repr=False)
    """How many lessons each learner opened, sorted."""
    sessions: tuple[int, ...] = attrs.field(repr=False)
    """How many sessions each learner had, sorted."""
    gaps: tuple[int, ...] = attrs.field(repr=False)
    """The seconds from each visit to the learner's next one, sorted."""
    share_90: float
    """The share of learners who opened at least 90 % of the lessons."""
    press: float
    """The share of visits with a completion, but for each learner's furthest lesson."""
    press_furthest: float
    """The same for the furthest lessons."""
    next_is_following: float
    """The share of visits that are followed by one of the next lesson in reading order."""
    gap_in_session: float
    """The median seconds from visit to visit in a session."""
    gap_between_sessions: float
    """The median seconds from visit to visit between sessions."""
    pause_within: float
    """The share of steps to the next lesson of the section that wait for another session."""
    pause_across: float
    """The same for steps to the next section."""
    dropout: tuple[float, ...]
    """Week by week from each learner's first visit: of those still there, who never came again."""
    weekdays: tuple[float, ...]
    """The share of visits on each day of the week (UTC), Monday first."""
    coverage: tuple[float, ...] = attrs.field(repr=False)
    """Of each video that a learner played, the share that was watched, sorted."""

    def __str__(self) -> str:
        """A few lines to read; one of videos where any was played."""
        weeks = ", ".join(f"{share:.2f}" for share in self.dropout[:3])
        return (
            f"{self.members:,} members, {self.learners:,} learners; "
            f"{self.share_90:.1%} opened 90 % of the lessons\n"
            f"  completed {self.press:.2f} of what they opened, "
            f"{self.press_furthest:.2f} of the furthest lesson\n"
            f"  next visit is the next lesson {self.next_is_following:.2f}; pause within a section "
            f"{self.pause_within:.2f}, across {self.pause_across:.2f}\n"
            f"  {self.gap_in_session:.0f} s from visit to visit, "
            f"{self.gap_between_sessions / 3600:.1f} h between sessions\n"
            f"  left in the first weeks {weeks}; "
            f"Monday {self.weekdays[0]:.2f}, Sunday {self.weekdays[6]:.2f}" + self._videos()
        )

    def _videos(self) -> str:
        if not self.coverage:
            return ""
        seen = Quantiles.of(self.coverage)
        low, half, high = (f"{seen(share):.0%}" for share in (0.25, 0.5, 0.75))
        return (
            f"\n  {len(self.coverage):,} videos played: a quarter of them up to {low}, "
            f"half up to {half}, three quarters up to {high}"
        )


@attrs.frozen(kw_only=True)
class Distance:
    """How far one log is from another: 0 is equal. Funnels compare the lessons of both by title."""

    visit_funnel_mean: float
    visit_funnel_max: float
    completion_funnel_mean: float
    completion_funnel_max: float
    ks_lessons: float
    """The greatest difference of the distributions (Kolmogorov-Smirnov) of lessons per learner."""
    ks_gaps: float
    ks_sessions: float
    share_90_error: float


def facts(entities: Iterable[Entity], events: Iterable[Event], *, opens: Opens = None) -> Facts:
    """The facts of what members did; several courses are taken together, lessons by title.

    Events of who is not among the members are passed over. O(events x log events).
    """
    return facts_of(past_lives(entities, events, opens))


def facts_of(lives: Sequence[PastLife]) -> Facts:
    """The facts of these lives."""
    learners = [life for life in lives if life.visits]
    steps = [(life.course, step) for life in learners for step in life.steps]
    gaps = sorted(step.then - step.second for _, step in steps)
    cut = bisect_right(gaps, SESSION)
    following = [each for each in steps if each[1].target == each[1].place + 1]
    ends = [course.ends_section(step.place) for course, step in following]
    presses = [(life, place) for life in learners for _, place in life.visits]
    furthest = {id(life): max(place for _, place in life.visits) for life in learners}
    return Facts(
        members=len(lives),
        learners=len(learners),
        visit_funnel=_funnel(learners, completed=False),
        completion_funnel=_funnel(learners, completed=True),
        lessons=tuple(sorted(len(life.visits) for life in learners)),
        sessions=tuple(sorted(life.sessions for life in learners)),
        gaps=tuple(gaps),
        share_90=_share(len(life.visits) >= _MOST * len(life.course.lessons) for life in learners),
        press=_share(
            place in life.completed for life, place in presses if place != furthest[id(life)]
        ),
        press_furthest=_share(furthest[id(life)] in life.completed for life in learners),
        next_is_following=len(following) / len(steps) if steps else 0.0,
        gap_in_session=_median(gaps[:cut]),
        gap_between_sessions=_median(gaps[cut:]),
        pause_within=_share(
            step.rests for (_, step), at_end in zip(following, ends, strict=True) if not at_end
        ),
        pause_across=_share(
            step.rests for (_, step), at_end in zip(following, ends, strict=True) if at_end
        ),
        dropout=_dropout(learners),
        weekdays=_weekdays(learners),
        coverage=tuple(sorted(share for life in lives for share in life.coverages)),
    )


def _share(holds: Iterable[bool]) -> float:
    found = list(holds)
    return sum(found) / len(found) if found else 0.0


def _median(ordered: Sequence[int]) -> float:
    return Quantiles.of(ordered)(0.5) if ordered else 0.0


def _funnel(learners: Sequence[PastLife], *, completed: bool) -> Mapping[str, float]:
    counts: dict[str, int] = {}
    within: dict[str, int] = {}
    courses = {life.course.id: life.course for life in learners}
    sizes: dict[int, int] = {}
    for life in learners:
        sizes[life.course.id] = sizes.get(life.course.id, 0) + 1
    for course in courses.values():
        for lesson in course.lessons:
            counts.setdefault(lesson.title, 0)
            within[lesson.title] = within.get(lesson.title, 0) + sizes[course.id]
    for life in learners:
        for place in life.completed if completed else [place for _, place in life.visits]:
            counts[life.course.lessons[place].title] += 1
    return MappingProxyType({title: count / within[title] for title, count in counts.items()})


def _dropout(learners: Sequence[PastLife]) -> tuple[float, ...]:
    lasted = [(life.visits[-1][0] - life.visits[0][0]) // _WEEK for life in learners]
    shares = []
    for week in range(max(lasted, default=-1) + 1):
        there = sum(weeks >= week for weeks in lasted)
        shares.append(sum(weeks == week for weeks in lasted) / there)
    return tuple(shares)


def _weekdays(learners: Sequence[PastLife]) -> tuple[float, ...]:
    counts = [0] * 7
    for life in learners:
        for second, _ in life.visits:
            counts[(second - _MONDAY) % _WEEK // DAY] += 1
    total = sum(counts) or 1
    return tuple(count / total for count in counts)


def distance(a: Facts, b: Facts) -> Distance:
    """How far two logs are from each other; InvalidValue when they share no lesson. O(n log n)."""
    visits = _errors(a.visit_funnel, b.visit_funnel)
    completions = _errors(a.completion_funnel, b.completion_funnel)
    return Distance(
        visit_funnel_mean=_mean(visits),
        visit_funnel_max=max(visits),
        completion_funnel_mean=_mean(completions),
        completion_funnel_max=max(completions),
        ks_lessons=_kolmogorov_smirnov(a.lessons, b.lessons),
        ks_gaps=_kolmogorov_smirnov(a.gaps, b.gaps),
        ks_sessions=_kolmogorov_smirnov(a.sessions, b.sessions),
        share_90_error=abs(a.share_90 - b.share_90),
    )


def _errors(a: Mapping[str, float], b: Mapping[str, float]) -> list[float]:
    errors = [abs(share - b[title]) for title, share in a.items() if title in b]
    if not errors:
        raise InvalidValue.of("b", list(b)[:3], f"a lesson titled as one of {list(a)[:3]}")
    return errors


def _mean(numbers: Sequence[float]) -> float:
    total = 0.0
    for number in numbers:
        total += number
    return total / len(numbers)


def _kolmogorov_smirnov(a: Sequence[int], b: Sequence[int]) -> float:
    """The greatest difference of two distribution functions; 1 when only one is empty."""
    if not a or not b:
        return 0.0 if len(a) == len(b) else 1.0
    return max(
        abs(bisect_right(a, value) / len(a) - bisect_right(b, value) / len(b)) for value in {*a, *b}
    )
