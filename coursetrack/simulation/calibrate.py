"""From what happened to habits, by counting.

One pass over the lives counts, lesson by lesson, how many of how many did what. Whatever holds for
lessons in general is added up from those counts.
"""

from collections.abc import Iterable, Sequence
from math import sqrt

import attrs

from coursetrack.domain.entities import Entity
from coursetrack.domain.events import Event
from coursetrack.errors import InvalidValue
from coursetrack.simulation.counting import PRIOR, OfLesson, Seen, Share, often_skipped
from coursetrack.simulation.default import DEFAULT_HABITS
from coursetrack.simulation.habits import (
    DAY,
    Cohort,
    Habits,
    LessonHabits,
)
from coursetrack.simulation.lives import PastLife, past_lives
from coursetrack.simulation.outlines import Opens
from coursetrack.simulation.shapes import Quantiles, Rhythm

COHORTS = (0, 7 * DAY, 28 * DAY)
"""Where cohorts end, in seconds from the opening to the enrolment; one more takes the rest."""

_JUMPS = 128


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
    seen = Seen(len(ends) + 1, often_skipped(lives))
    for life in lives:
        seen.take(life, sum(life.lag > end for end in ends))
    for life in lives:
        seen.take_pauses(life)
    return habits_from(seen, ends, patience)


def habits_from(seen: Seen, ends: Sequence[int], patience: float) -> Habits:
    """The habits of those who were counted."""
    default, known = DEFAULT_HABITS, list(seen.lessons.values())
    rhythm = Rhythm([count + 0.5 for count in seen.hours])
    kept = [of for of in known if of.title not in seen.often_skipped]
    open_ = [of for of in known if not of.at_end]  # who is at the end need not stop there
    general: dict[str, float] = {
        "skip": Share.of_all(of.skip for of in kept).towards(default.skip),
        "press": Share.of_all(of.press for of in open_).towards(default.press),
        "press_last": Share.of_all(of.press_last for of in open_).towards(default.press_last),
        "pause": _pause(known, False).towards(default.pause),
        "pause_across": _pause(known, True).towards(default.pause_across),
    }
    stops = Stops(open_, seen.cohorts)
    return Habits(
        cohorts=tuple(
            _cohort(seen, number, until, rhythm, stops)
            for number, until in enumerate([*ends, None])
        ),
        skip=general["skip"],
        press=general["press"],
        press_last=general["press_last"],
        steady=_steady(seen),
        pause=general["pause"],
        pause_across=general["pause_across"],
        skip_astray=seen.skip_astray.towards(default.skip_astray),
        leap=_by_number(seen.leap, default.leap),
        leap_astray=_by_number(seen.leap_astray, default.leap_astray),
        returns=_by_number(seen.returns, default.returns),
        returns_last=seen.returns_last.towards(default.returns_last),
        leap_first=seen.leap_first.towards(default.leap_first),
        stop_astray=_by_number(seen.stop_astray, default.stop_astray),
        tiring=_factors(seen.tiring),
        jumps=_thinned(seen.jumps) or default.jumps,
        gap=_quantiles(seen.gaps, default.gap),
        tiring_across=_factors(seen.tiring_across),
        waits=tuple(
            share.towards(usual) for share, usual in zip(seen.waits, default.waits, strict=True)
        ),
        late=_quantiles([rhythm.between(*late) for late in seen.lates], default.late),
        rest=tuple(
            _rests(weeks, rhythm, usual)
            for weeks, usual in zip(seen.rests, default.rest, strict=True)
        ),
        rest_across=_rests(seen.rests_across, rhythm, default.rest_across),
        lead=_quantiles(seen.leads, default.lead),
        dwell=_quantiles(seen.dwells, default.dwell),
        rhythm=rhythm,
        coverage=_quantiles(seen.coverages, default.coverage),
        score=_quantiles(seen.scores, default.score),
        patience=patience,
        lessons={title: _lesson(of, general, stops) for title, of in seen.lessons.items()},
    )


def _lesson(of: OfLesson, general: dict[str, float], stops: "Stops") -> LessonHabits:
    return LessonHabits(
        skip=of.skip.towards(general["skip"]),
        press=of.press.towards(general["press"]),
        press_last=of.press_last.towards(general["press_last"]),
        pause=of.pause.towards(general["pause_across" if of.ends_section else "pause"]),
        stop=stops.at(of),
    )


def _cohort(seen: Seen, number: int, until: int | None, rhythm: Rhythm, stops: "Stops") -> Cohort:
    own = seen.delays[number]
    taken = own if len(own) >= PRIOR else [each for some in seen.delays for each in some]
    return Cohort(
        until=until,
        starts=seen.starts[number].towards(Share.of_all(seen.starts).towards(0.5, 1.0)),
        delay=Quantiles.of(rhythm.between(*each) for each in taken),
        stop=stops.by_place(number),
        stop_across=stops.by_place(number, across=True),
    )


class Stops:
    """Who stops where: each lesson's own shares, and what they say of any lesson at a place."""

    def __init__(self, lessons: Sequence[OfLesson], cohorts: int) -> None:
        self._lessons = lessons
        self._factors = [self._factor(number) for number in range(cohorts)]

    def _factor(self, number: int) -> float:
        """How much more often a cohort stops than everybody does in the same lessons."""
        stopped = sum(of.stop[number].some for of in self._lessons)
        expected = 1.0
        for of in self._lessons:
            expected += of.stop[number].all * self._everybody(of)
        return (stopped + 1.0) / expected

    def _everybody(self, of: OfLesson) -> float:
        return Share.of_all(of.stop).towards(0.05, 4.0)

    def at(self, of: OfLesson) -> tuple[float, ...]:
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


def _by_number(shares: Sequence[Share], default: Sequence[float]) -> tuple[float, ...]:
    """The shares one after the other, each pooled with its neighbours, the more the later."""
    found = []
    for number in range(max(len(shares), len(default))):
        width = number // 8
        near = Share.of_all(shares[max(0, number - width) : number + width + 1])
        found.append(near.towards(default[min(number, len(default) - 1)]))
    return tuple(found)


def _steady(seen: Seen) -> float:
    """Both of two lessons are up to the learner by the square of how often one is."""
    default = DEFAULT_HABITS.steady
    return sqrt(min(max(seen.steady.towards(default * default), 0.0), 1.0))


def _pause(lessons: Iterable[OfLesson], across: bool) -> Share:
    return Share.of_all(of.pause for of in lessons if of.ends_section is across)


def _factors(rows: Iterable[Iterable[tuple[int, float]]]) -> tuple[tuple[float, ...], ...]:
    """How many times as many were found as expected; few found lean on the expectation."""
    few = PRIOR / 10
    return tuple(tuple((found + few) / (expected + few) for found, expected in row) for row in rows)


def _rests(
    weeks: Sequence[Sequence[tuple[int, int]]], rhythm: Rhythm, default: tuple[Quantiles, ...]
) -> tuple[Quantiles, ...]:
    """The rests of each week; a week with few of them is taken with those before and after."""
    found = []
    for week in range(len(weeks)):
        width = 0
        taken = [*weeks[week]]
        while len(taken) < PRIOR and width < len(weeks):
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
