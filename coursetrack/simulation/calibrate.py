"""From what happened to habits, by counting.

One pass over the lives counts, lesson by lesson, how many of how many did what. Whatever holds for
lessons in general is added up from those counts.
"""

from collections.abc import Iterable, Sequence

import attrs

from coursetrack.domain.entities import Entity
from coursetrack.domain.events import Event
from coursetrack.errors import InvalidValue
from coursetrack.simulation.default import DEFAULT_HABITS
from coursetrack.simulation.habits import (
    DAY,
    SESSION_ROWS,
    Cohort,
    Habits,
    LessonHabits,
    session_row,
)
from coursetrack.simulation.lives import PastLife, PastStep, past_lives
from coursetrack.simulation.outlines import Opens, whole_second
from coursetrack.simulation.shapes import HOUR, WEEK, WEEK_HOURS, Quantiles, Rhythm
from coursetrack.simulation.whereabouts import Whereabouts

COHORTS = (0, 7 * DAY, 28 * DAY)
"""Where cohorts end, in seconds from the opening to the enrolment; one more takes the rest."""

_PRIOR = 30.0
_JUMPS = 128
_TIRED = 15
_WEEKS = 6
_MONDAY = 4 * DAY


def calibrate(
    entities: Iterable[Entity],
    events: Iterable[Event],
    *,
    opens: Opens = None,
    cohorts: Sequence[int] = COHORTS,
    patience: float = DEFAULT_HABITS.patience,
) -> Habits:
    """The habits of those who are enrolled among `entities`, by what they did. Counting only.

    Courses are taken for runs: what is known of a lesson is kept by title, and each course's own
    habits are kept too (``Habits.runs``), for intervals. A share that rests on few learners leans
    on the more general one. What nobody did is taken from the shipped default. `opens` and
    `patience` as in ``Study``; without `opens` the opening is found in the visits. O(events).
    """
    ends = tuple(sorted(cohorts))
    by_course: dict[int, list[PastLife]] = {}
    for life in past_lives(entities, events, opens):
        by_course.setdefault(life.course.id, []).append(life)
    runs = [lives for lives in by_course.values() if any(life.visits for life in lives)]
    if not runs:
        raise InvalidValue.of("events", events, "page visits of members who are among the entities")
    alone = [_habits(lives, ends, patience) for lives in runs]
    if len(runs) == 1:
        return attrs.evolve(alone[0], runs=tuple(alone))
    return attrs.evolve(
        _habits([x for run in runs for x in run], ends, patience), runs=tuple(alone)
    )


def _habits(lives: Iterable[PastLife], ends: Sequence[int], patience: float) -> Habits:
    lives = list(lives)
    seen = _Seen(len(ends) + 1, _often_skipped(lives))
    for life in lives:
        seen.take(life, sum(life.lag > end for end in ends))
    for life in lives:
        seen.take_pauses(life)
    return seen.habits(ends, patience)


def _often_skipped(lives: Iterable[PastLife]) -> frozenset[str]:
    """The titles of lessons that most learners who come by do not open."""
    counts: dict[str, Share] = {}
    for life in lives:
        for place, skipped in life.passed():
            counts.setdefault(life.course.lessons[place].title, Share()).count(skipped)
    return frozenset(title for title, share in counts.items() if 2 * share.some > share.all)


class Share:
    """How many of how many."""

    __slots__ = ("all", "some")

    def __init__(self) -> None:
        self.some: int = 0
        self.all: int = 0

    def count(self, holds: bool) -> None:
        """One more, of whom it holds or not."""
        self.some += holds
        self.all += 1

    def towards(self, prior: float, weight: float = _PRIOR) -> float:
        """The share, leaning on `prior` as if so many more had been seen."""
        return (self.some + weight * prior) / (self.all + weight)

    @classmethod
    def of_all(cls, shares: Iterable["Share"]) -> "Share":
        """Everything that was counted in any of them."""
        total = cls()
        for share in shares:
            total.some += share.some
            total.all += share.all
        return total


class _OfLesson:
    """What was counted of one lesson: where it stands, and how many did what."""

    __slots__ = (
        "at_end",
        "ends_section",
        "pause",
        "place",
        "press",
        "press_last",
        "sections",
        "skip",
        "stop",
        "title",
    )

    def __init__(self, life: PastLife, place: int, cohorts: int) -> None:
        self.title: str = life.course.lessons[place].title
        self.place: int = place
        self.ends_section: bool = life.course.ends_section(place)
        self.sections: int = life.course.section_number(place) + 1
        self.at_end: bool = place + 1 == len(life.course.lessons)
        self.skip: Share = Share()
        self.press: Share = Share()
        self.press_last: Share = Share()
        self.pause: Share = Share()
        self.stop: list[Share] = [Share() for _ in range(cohorts)]


class _Seen:
    """What was seen of some learners, counted so far."""

    def __init__(self, cohorts: int, often_skipped: frozenset[str]) -> None:
        self.cohorts = cohorts
        self.often_skipped = often_skipped
        self.lessons: dict[str, _OfLesson] = {}
        self.starts = [Share() for _ in range(cohorts)]
        self.delays: list[list[tuple[int, int]]] = [[] for _ in range(cohorts)]
        self.skip_astray = Share()
        self.leap: list[Share] = []
        self.leap_astray: list[Share] = []
        self.returns: list[Share] = []
        self.waits = [Share() for _ in range(SESSION_ROWS)]
        self.lates: list[tuple[int, int]] = []
        self.returns_last, self.leap_first = Share(), Share()
        self.stop_astray: list[Share] = []
        self._usual_of_course: dict[int, tuple[bool, ...]] = {}
        self.tiring = [[(0, 0.0)] * _TIRED for _ in range(SESSION_ROWS)]
        self.tiring_across = [[(0, 0.0)] for _ in range(SESSION_ROWS)]
        self.jumps: list[int] = []
        self.gaps: list[int] = []
        self.leads: list[int] = []
        self.dwells: list[int] = []
        self.rests: list[list[tuple[int, int]]] = [[] for _ in range(_WEEKS)]
        self.rests_across: list[list[tuple[int, int]]] = [[] for _ in range(_WEEKS)]
        self.hours = [0] * WEEK_HOURS

    # -- counting

    def take(self, life: PastLife, cohort: int) -> None:
        """Counts one member."""
        self.starts[cohort].count(bool(life.visits))
        if not life.visits:
            return
        since = max(life.course.opens or 0, whole_second(life.member.created_on))
        first = life.visits[0][0]
        self.delays[cohort].append((min(since, first), first))
        self._session(first)
        usual = self._usual(life)
        where = Whereabouts(len(usual))
        self._enter(life)
        where.move(life.visits[0][1], usual, rests=False)
        for step in life.steps:
            self._visit(life, step.second, where, cohort, is_last=False)
            self._way(life, step, where)
            self._time(life, step, since, where.session)
            where.move(step.target, usual, rests=step.rests)
        self._visit(life, life.visits[-1][0], where, cohort, is_last=True)
        if where.behind and where.place + 1 == len(usual):
            self.returns_last.count(False)

    def take_pauses(self, life: PastLife) -> None:
        """Counts how many pauses there were, and would be if only the lesson mattered."""
        pauses = position = 0
        for step in life.steps:
            of = self._of(life, step.place)
            tiring = self.tiring_across if of.ends_section else self.tiring
            row = tiring[session_row(pauses)]
            column = min(position, len(row) - 1)
            found, expected = row[column]
            if self._due(life, step, of) is None:
                row[column] = found + step.rests, expected + of.pause.some / of.pause.all
            pauses += step.rests
            position = 0 if step.rests else position + 1

    def _usual(self, life: PastLife) -> tuple[bool, ...]:
        id_ = life.course.id
        if id_ not in self._usual_of_course:
            self._usual_of_course[id_] = tuple(
                lesson.title not in self.often_skipped for lesson in life.course.lessons
            )
        return self._usual_of_course[id_]

    def _of(self, life: PastLife, place: int) -> _OfLesson:
        title = life.course.lessons[place].title
        if title not in self.lessons:
            self.lessons[title] = _OfLesson(life, place, self.cohorts)
        return self.lessons[title]

    def _session(self, second: int) -> None:
        self.hours[(second - _MONDAY) % WEEK // HOUR] += 1

    def _enter(self, life: PastLife) -> None:
        """Counts with which lesson a learner began."""
        place = life.visits[0][1]
        self.leap_first.count(place > 2)
        if place <= 2:
            for before in range(place):
                self._of(life, before).skip.count(True)
            self._of(life, place).skip.count(False)

    def _visit(
        self, life: PastLife, second: int, where: Whereabouts, cohort: int, *, is_last: bool
    ) -> None:
        of = self._of(life, where.place)
        if not where.astray:
            of.stop[cohort].count(is_last)
        elif not of.at_end:
            _count(self.stop_astray, where.number, is_last)
        pressed = life.completed.get(where.place)
        (of.press_last if is_last else of.press).count(pressed is not None)
        if is_last and pressed is not None:
            self.dwells.append(max(0, pressed - second))

    def _way(self, life: PastLife, step: PastStep, where: Whereabouts) -> None:
        """Counts where a step led to."""
        returns = step.target < step.place
        if where.behind and step.place + 1 < len(where.opened):
            _count(self.returns, min(where.since, _TIRED), returns)
        elif where.behind:
            self.returns_last.count(returns)
        if returns:
            return
        _count(self.leap_astray if where.astray else self.leap, where.number, step.leaps)
        if step.leaps:
            self.jumps.append(step.target - step.place)
            return
        for place, skipped in [*((each, True) for each in step.skipped), (step.target, False)]:
            of = self._of(life, place)
            if of.title in self.often_skipped or not where.astray:
                of.skip.count(skipped)
            else:
                self.skip_astray.count(skipped)

    def _time(self, life: PastLife, step: PastStep, since: int, session: int) -> None:
        pressed = life.completed.get(step.place)
        of = self._of(life, step.place)
        if self._waits(life, step, of, session):
            return
        of.pause.count(step.rests)
        if step.rests:
            rests = self.rests_across if of.ends_section else self.rests
            week = min(max(step.second - since, 0) // WEEK, _WEEKS - 1)
            rests[week].append((step.second, step.then))
            self._session(step.then)
            if pressed is not None:
                self.dwells.append(max(0, pressed - step.second))
        else:
            self.gaps.append(step.then - step.second)
            if pressed is not None:
                self.leads.append(max(0, step.then - pressed))

    def _due(self, life: PastLife, step: PastStep, of: _OfLesson) -> int | None:
        """When the section is due for which a learner waits after this step; None for no wait."""
        if not of.ends_section or step.leaps or life.course.opens is None or not step.rests:
            return None
        due = life.course.opens + of.sections * DEFAULT_HABITS.plan
        return due if step.second < due <= step.then else None

    def _waits(self, life: PastLife, step: PastStep, of: _OfLesson, session: int) -> bool:
        """Counts who is ahead of the plan, and tells who waits until the next section is due."""
        due = self._due(life, step, of)
        plan = (life.course.opens or 0) + of.sections * DEFAULT_HABITS.plan
        if of.ends_section and not step.leaps and step.second < plan:
            self.waits[session].count(due is not None)
        if due is None:
            return False
        self.lates.append((due, step.then))
        self._session(step.then)
        pressed = life.completed.get(step.place)
        if pressed is not None:
            self.dwells.append(max(0, pressed - step.second))
        return True

    # -- and what comes of it

    def habits(self, ends: Sequence[int], patience: float) -> Habits:
        """The habits of those who were counted."""
        default, known = DEFAULT_HABITS, list(self.lessons.values())
        rhythm = Rhythm([count + 0.5 for count in self.hours])
        kept = [of for of in known if of.title not in self.often_skipped]
        open_ = [of for of in known if not of.at_end]  # who is at the end need not stop there
        general: dict[str, float] = {
            "skip": Share.of_all(of.skip for of in kept).towards(default.skip),
            "press": Share.of_all(of.press for of in open_).towards(default.press),
            "press_last": Share.of_all(of.press_last for of in open_).towards(default.press_last),
            "pause": _pause(known, False).towards(default.pause),
            "pause_across": _pause(known, True).towards(default.pause_across),
        }
        stops = Stops(open_, self.cohorts)
        return Habits(
            cohorts=tuple(
                self._cohort(number, until, rhythm, stops)
                for number, until in enumerate([*ends, None])
            ),
            skip=general["skip"],
            press=general["press"],
            press_last=general["press_last"],
            pause=general["pause"],
            pause_across=general["pause_across"],
            skip_astray=self.skip_astray.towards(default.skip_astray),
            leap=_by_number(self.leap, default.leap),
            leap_astray=_by_number(self.leap_astray, default.leap_astray),
            returns=_by_number(self.returns, default.returns),
            returns_last=self.returns_last.towards(default.returns_last),
            leap_first=self.leap_first.towards(default.leap_first),
            stop_astray=_by_number(self.stop_astray, default.stop_astray),
            tiring=_factors(self.tiring),
            jumps=_thinned(self.jumps) or default.jumps,
            gap=_quantiles(self.gaps, default.gap),
            tiring_across=_factors(self.tiring_across),
            waits=tuple(
                share.towards(usual) for share, usual in zip(self.waits, default.waits, strict=True)
            ),
            late=_quantiles([rhythm.between(*late) for late in self.lates], default.late),
            rest=_rests(self.rests, rhythm, default.rest),
            rest_across=_rests(self.rests_across, rhythm, default.rest_across),
            lead=_quantiles(self.leads, default.lead),
            dwell=_quantiles(self.dwells, default.dwell),
            rhythm=rhythm,
            coverage=default.coverage,
            score=default.score,
            patience=patience,
            lessons={
                title: LessonHabits(
                    skip=of.skip.towards(general["skip"]),
                    press=of.press.towards(general["press"]),
                    press_last=of.press_last.towards(general["press_last"]),
                    pause=of.pause.towards(general["pause_across" if of.ends_section else "pause"]),
                    stop=stops.at(of),
                )
                for title, of in self.lessons.items()
            },
        )

    def _cohort(self, number: int, until: int | None, rhythm: Rhythm, stops: "Stops") -> Cohort:
        own = self.delays[number]
        taken = own if len(own) >= _PRIOR else [each for some in self.delays for each in some]
        return Cohort(
            until=until,
            starts=self.starts[number].towards(Share.of_all(self.starts).towards(0.5, 1.0)),
            delay=Quantiles.of(rhythm.between(*each) for each in taken),
            stop=stops.by_place(number),
            stop_across=stops.by_place(number, across=True),
        )


class Stops:
    """Who stops where: each lesson's own shares, and what they say of any lesson at a place."""

    def __init__(self, lessons: Sequence[_OfLesson], cohorts: int) -> None:
        self._lessons = lessons
        self._factors = [self._factor(number) for number in range(cohorts)]

    def _factor(self, number: int) -> float:
        """How much more often a cohort stops than everybody does in the same lessons."""
        stopped = sum(of.stop[number].some for of in self._lessons)
        expected = 1.0
        for of in self._lessons:
            expected += of.stop[number].all * self._everybody(of)
        return (stopped + 1.0) / expected

    def _everybody(self, of: _OfLesson) -> float:
        return Share.of_all(of.stop).towards(0.05, 4.0)

    def at(self, of: _OfLesson) -> tuple[float, ...]:
        """The share of each cohort that stops at this lesson."""
        everybody = self._everybody(of)
        return tuple(
            share.towards(min(1.0, everybody * factor))
            for share, factor in zip(of.stop, self._factors, strict=True)
        )

    def by_place(self, number: int, *, across: bool = False) -> tuple[float, ...]:
        """The share of a cohort that stops at the first, second, ... lesson of any course.

        Places are pooled with their neighbours, the more of them the later; so are all ends of
        sections, of which there are few.
        """
        chosen = [of for of in self._lessons if of.ends_section is across]
        length = 1 if across else 1 + max((of.place for of in self._lessons), default=0)
        shares = []
        for place in range(length):
            width = len(self._lessons) if across else place // 8
            near = [of for of in chosen if abs(of.place - place) <= width]
            everybody = Share.of_all(share for of in near for share in of.stop).towards(0.05, 4.0)
            own = Share.of_all(of.stop[number] for of in near)
            shares.append(own.towards(min(1.0, everybody * self._factors[number])))
        return tuple(shares)


def _count(shares: list[Share], number: int, holds: bool) -> None:
    shares.extend(Share() for _ in range(number + 1 - len(shares)))
    shares[number].count(holds)


def _by_number(shares: Sequence[Share], default: Sequence[float]) -> tuple[float, ...]:
    """The shares one after the other, each pooled with its neighbours, the more the later."""
    found = []
    for number in range(max(len(shares), len(default))):
        width = number // 8
        near = Share.of_all(shares[max(0, number - width) : number + width + 1])
        found.append(near.towards(default[min(number, len(default) - 1)]))
    return tuple(found)


def _pause(lessons: Iterable[_OfLesson], across: bool) -> Share:
    return Share.of_all(of.pause for of in lessons if of.ends_section is across)


def _factors(rows: Iterable[Iterable[tuple[int, float]]]) -> tuple[tuple[float, ...], ...]:
    """How many times as many were found as expected; few found lean on the expectation."""
    few = _PRIOR / 10
    return tuple(tuple((found + few) / (expected + few) for found, expected in row) for row in rows)


def _rests(
    weeks: Sequence[Sequence[tuple[int, int]]], rhythm: Rhythm, default: tuple[Quantiles, ...]
) -> tuple[Quantiles, ...]:
    """The rests of each week; a week with few of them is taken with those before and after."""
    found = []
    for week in range(len(weeks)):
        width = 0
        taken = [*weeks[week]]
        while len(taken) < _PRIOR and width < len(weeks):
            width += 1
            taken = [
                each for some in weeks[max(0, week - width) : week + width + 1] for each in some
            ]
        if taken:
            found.append(Quantiles.of(rhythm.between(*each) for each in taken))
    return tuple(found) or default


def _quantiles(samples: Sequence[float], default: Quantiles) -> Quantiles:
    return Quantiles.of(samples) if samples else default


def _thinned(jumps: Sequence[int]) -> tuple[int, ...]:
    """At most so many of the jumps, evenly chosen by size."""
    ordered = sorted(jumps)
    count = min(len(ordered), _JUMPS)
    return tuple(ordered[(2 * n + 1) * len(ordered) // (2 * count)] for n in range(count))
