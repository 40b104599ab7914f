"""How close simulated course runs come to real ones that the simulation has not seen."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from fractions import Fraction

import attrs

from benchmarks.source import Source
from coursetrack.domain.entities import CompletedLesson, Course, CourseMember, Coworker, Entity
from coursetrack.domain.events import Event
from coursetrack.simulation.backtest import backtest
from coursetrack.simulation.calibrate import calibrate
from coursetrack.simulation.estimates import corrected
from coursetrack.simulation.facts import Distance, Facts, distance, facts, facts_of
from coursetrack.simulation.habits import Habits
from coursetrack.simulation.lives import PastLife, opening, past_lives
from coursetrack.simulation.replication import histories
from coursetrack.simulation.results import Forecast
from coursetrack.simulation.streams import by_member
from coursetrack.tracker import Tracker

TRAINED, PREDICTED = (3, 4, 5), (7, 6)
"""The courses that habits are counted in, and those that are simulated."""

KNOWN = timedelta(days=7)
"""How much of a run is known when the rest is forecast."""

DAYS = (10, 14, 18, 22, 26, 30)
"""The dates of the forecasts, in days after the opening: all runs last longer."""

SHARE = Fraction(9, 10)

Track = Callable[[Sequence[int]], Iterable[int]]
"""Gives what it is given, and may show how far it is."""

_STAFF = "Staff"
_SECOND = timedelta(seconds=1)


@attrs.frozen
class Run:
    """A course run that took place: who was enrolled, without staff, and what they did."""

    id: int
    entities: tuple[Entity, ...]
    events: tuple[Event, ...]
    opens: datetime
    until: datetime
    facts: Facts

    @property
    def known(self) -> tuple[datetime, list[Event]]:
        """The end of the days that are known to the forecast, and what happened so far."""
        at = self.opens + KNOWN
        return at, [event for event in self.events if event.at <= at]

    def tracker(self) -> Tracker:
        """A tracker in which nothing happened yet."""
        tracker = Tracker()
        tracker.add_all(self.entities)
        return tracker


def runs_of(source: Source) -> dict[int, Run]:
    """The courses of `source` in which anything was done, by id."""
    staff = {
        each.id
        for each in source.entities
        if isinstance(each, Coworker) and _STAFF in each.team_names
    }
    entities: dict[int, list[Entity]] = {}
    of_member: dict[int, int] = {}
    for each in source.entities:
        if isinstance(each, CourseMember):
            if each.coworker_id in staff:
                continue
            of_member[each.id] = each.course_id
        elif isinstance(each, Coworker | CompletedLesson):
            continue
        course_id = each.id if isinstance(each, Course) else each.course_id
        entities.setdefault(course_id, []).append(each)
    events: dict[int, list[Event]] = {}
    for event in source.events:
        if event.member_id in of_member:
            events.setdefault(of_member[event.member_id], []).append(event)
    coworkers = {each.id: each for each in source.entities if isinstance(each, Coworker)}
    return {id_: _run(id_, entities[id_], coworkers, done) for id_, done in sorted(events.items())}


def _run(
    id_: int, entities: Sequence[Entity], coworkers: Mapping[int, Coworker], events: Sequence[Event]
) -> Run:
    lives = past_lives(entities, events)
    opens = opening(lives[0].course)
    assert opens is not None
    of = dict.fromkeys(each.coworker_id for each in entities if isinstance(each, CourseMember))
    return Run(
        id=id_,
        entities=(*(coworkers[coworker_id] for coworker_id in of), *entities),
        events=tuple(events),
        opens=opens,
        until=max(event.at for event in events) + _SECOND,
        facts=facts_of(lives),
    )


@attrs.frozen
class Closeness:
    """One run that was simulated without having been seen, beside the real one."""

    run: Run
    simulated: Facts
    """All replications taken together: what is expected."""
    earlier: Facts
    """The runs that habits were counted in, taken together."""
    distance: Distance
    yardstick: Distance
    """How far the earlier runs are from this one."""
    floor: Distance
    """How far two replications are from each other."""
    single: Distance
    """How far one replication is, on average."""
    after_known_days: Distance
    """The distance when the first week is known."""


def pooled(runs: Iterable[Run]) -> tuple[list[Entity], list[Event]]:
    """The entities and events of several runs."""
    found = list(runs)
    entities = {(type(each), each.id): each for run in found for each in run.entities}
    return list(entities.values()), [event for run in found for event in run.events]


def habits_of(runs: Iterable[Run]) -> Habits:
    """What is counted in these runs."""
    found = list(runs)
    return calibrate(*pooled(found), opens={run.id: run.opens for run in found})


def closeness(
    run: Run, habits: Habits, earlier: Facts, replications: Sequence[int], track: Track
) -> Closeness:
    """Simulates `run` so often, and as often again with its first week known, and compares."""
    each = [_lives(run, habits, number) for number in track(replications)]
    single = [facts_of(lives) for lives in each]
    distances = [distance(found, run.facts) for found in single]
    together = facts_of([life for lives in each for life in lives])
    return Closeness(
        run=run,
        simulated=together,
        earlier=earlier,
        distance=distance(together, run.facts),
        yardstick=distance(earlier, run.facts),
        floor=distance(single[0], single[-1]),
        single=_average(distances),
        after_known_days=distance(_going_on(run, habits, track(replications)), run.facts),
    )


def _lives(run: Run, habits: Habits, replication: int) -> list[PastLife]:
    stream = by_member(
        run.entities, habits=habits, opens=run.opens, replication=replication, until=run.until
    )
    return past_lives(run.entities, stream, run.opens)


def _going_on(run: Run, habits: Habits, replications: Iterable[int]) -> Facts:
    at, known = run.known
    tracker = run.tracker()
    tracker.record_many(known)
    told = histories(tracker, known, at)
    lives: list[PastLife] = []
    for replication in replications:
        rest = by_member(
            run.entities,
            habits=habits,
            opens=run.opens,
            replication=replication,
            until=run.until,
            histories=told,
        )
        lives += past_lives(run.entities, [*known, *rest], run.opens)
    return facts_of(lives)


def _average(distances: Sequence[Distance]) -> Distance:
    return Distance(
        **{
            field.name: sum(getattr(each, field.name) for each in distances) / len(distances)
            for field in attrs.fields(Distance)
        }
    )


@attrs.frozen
class Dated:
    """A forecast, and how many it were in the end."""

    run_id: int
    known: bool
    """Whether the first week was known."""
    forecast: Forecast
    truth: int

    @property
    def covered(self) -> bool:
        """Whether the range held the truth."""
        return self.forecast.low <= self.truth <= self.forecast.high


def left_out(runs: Mapping[int, Run], track: Track) -> list[Dated]:
    """Forecasts of each run by what was counted in all the others, with and without its first week.

    Each past run's habits make one replication. How far they are off for the other runs makes the
    range of each; those forecasts of other runs have counted in this one too, as one of five.
    """
    found = list(runs.values())
    opens = {run.id: run.opens for run in found}
    habits = backtest(habits_of(found), *pooled(found), opens=opens, days=DAYS, track=track)
    return [dated for place, run in enumerate(found) for dated in _forecasts(run, place, habits)]


def _forecasts(run: Run, place: int, habits: Habits) -> Iterator[Dated]:
    tracker = run.tracker()
    tracker.record_many(run.events)
    for miss in habits.misses:
        date = run.opens + timedelta(seconds=miss.after)
        truth = _finished(tracker, run, date)
        # What was off is the truth by the forecast, so the forecast was the truth by that.
        value = (truth + 1) / miss.ratios[place] - 1
        others = [ratio for other, ratio in enumerate(miss.ratios) if other != place]
        members = sum(isinstance(each, CourseMember) for each in run.entities)
        now = _finished(tracker, run, run.opens + timedelta(seconds=miss.known))
        found = corrected(value, others, low=float(now if miss.known else 0), high=float(members))
        forecast = Forecast.of(found, date=date, share=SHARE, members=members)
        yield Dated(run.id, miss.known > 0, forecast, truth)


def _finished(tracker: Tracker, run: Run, date: datetime) -> int:
    return sum(
        progress.completeness >= SHARE
        for progress in tracker.course_progress(course_id=run.id, at=date)
    )


def earlier_facts(runs: Iterable[Run]) -> Facts:
    """The facts of several runs taken together."""
    return facts(*pooled(runs))
