"""How far forecasts of past runs were off: what makes a range honest."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from fractions import Fraction

import attrs

from coursetrack.domain.entities import CompletedLesson, Course, CourseMember, Coworker, Entity
from coursetrack.domain.events import Event
from coursetrack.errors import InvalidValue
from coursetrack.simulation.habits import DAY, Habits, Miss
from coursetrack.simulation.outlines import Opens, as_opens, opening_of
from coursetrack.simulation.study import Study
from coursetrack.tracker import Tracker

DAYS = (10, 14, 18, 22, 26, 30)
"""After how many days from the opening forecasts of past runs are compared."""

KNOWN = (0, 7)
"""With how many days known."""

Track = Callable[[Sequence[int]], Iterable[int]]
"""Gives what it is given, and may show how far it is."""


def backtest(
    habits: Habits,
    entities: Iterable[Entity],
    events: Iterable[Event],
    *,
    opens: Opens,
    days: Sequence[int] = DAYS,
    known: Sequence[int] = KNOWN,
    share: Fraction | float = Fraction(9, 10),
    track: Track = iter,
) -> Habits:
    """`habits` that know how far the forecasts of past runs were off (``Habits.misses``).

    `habits` are what ``calibrate`` counts in the same entities and events; `opens` tells when each
    course opened. Every run is forecast by the habits of all the others, by so many days after its
    opening, with the first days known and without; the finishers there were are divided by those
    forecast. InvalidValue with fewer than three runs. Costs some replications of each run.
    """
    everything, happened = list(entities), list(events)
    if len(habits.runs) < 3:
        raise InvalidValue.of("habits", habits, "habits of at least three past runs")
    runs = [run for run in _runs(everything, happened) if run.events]
    if len(runs) != len(habits.runs):
        raise InvalidValue.of("events", len(runs), f"those of {len(habits.runs)} course runs")
    ratios: dict[tuple[int, int], list[float]] = {(k, d): [] for k in known for d in days}
    for place in track(range(len(runs))):
        run, others = runs[place], (*habits.runs[:place], *habits.runs[place + 1 :])
        start = opening_of(as_opens(opens), run.id)
        if start is None:
            raise InvalidValue.of("opens", opens, f"when course {run.id} opened")
        study = Study(
            run.tracker(), habits=attrs.evolve(habits, runs=others, misses=()), opens=start
        )
        dates = [start + timedelta(days=day) for day in days]
        truths = _finished(run, dates, Fraction(share))
        for first in known:
            at = start + timedelta(days=first)
            so_far = [event for event in run.events if event.at <= at]
            asked = study.given(so_far, at=at) if first else study
            found = asked.finished_by_each(dates, share=share, replications=len(others))
            for day, forecast, truth in zip(days, found, truths, strict=True):
                ratios[first, day].append((truth + 1) / (forecast.value + 1))
    return attrs.evolve(
        habits,
        misses=tuple(
            Miss(known=first * DAY, after=day * DAY, ratios=tuple(found))
            for (first, day), found in ratios.items()
        ),
    )


@attrs.frozen
class _Run:
    id: int
    entities: tuple[Entity, ...]
    events: tuple[Event, ...]

    def tracker(self) -> Tracker:
        tracker = Tracker()
        tracker.add_all(self.entities)
        return tracker


def _runs(entities: Sequence[Entity], events: Sequence[Event]) -> Iterable[_Run]:
    of_member = {each.id: each.course_id for each in entities if isinstance(each, CourseMember)}
    happened: dict[int, list[Event]] = {}
    for event in events:
        happened.setdefault(of_member.get(event.member_id, 0), []).append(event)
    for course in [each for each in entities if isinstance(each, Course)]:
        own = [each for each in entities if _course_id(each) == course.id]
        coworkers = {each.coworker_id for each in own if isinstance(each, CourseMember)}
        people = [each for each in entities if isinstance(each, Coworker) and each.id in coworkers]
        done = sorted(happened.get(course.id, ()), key=lambda event: event.at)
        yield _Run(course.id, (*people, *own), tuple(done))


def _course_id(entity: Entity) -> int:
    if isinstance(entity, Coworker | CompletedLesson):
        return 0
    return entity.id if isinstance(entity, Course) else entity.course_id


def _finished(run: _Run, dates: Sequence[datetime], share: Fraction) -> list[int]:
    tracker = run.tracker()
    tracker.record_many(run.events)
    return [
        sum(
            progress.completeness >= share
            for progress in tracker.course_progress(course_id=run.id, at=date)
        )
        for date in dates
    ]
