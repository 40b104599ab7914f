"""A study: the same academy lived through many times, and questions about what comes of it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from fractions import Fraction

import attrs

from coursetrack.domain.entities import CourseMember, Entity
from coursetrack.domain.events import Event
from coursetrack.domain.values import as_instant, as_int, as_iterable, as_optional_instant
from coursetrack.errors import InvalidValue
from coursetrack.simulation.announcements import Announcement
from coursetrack.simulation.answers import SHARES, compared, mean, of_lesson, quantiles
from coursetrack.simulation.behaviours import Behaviour, Events, StepByStep
from coursetrack.simulation.default import DEFAULT_HABITS
from coursetrack.simulation.estimates import Estimate, corrected, estimate
from coursetrack.simulation.habits import Habits
from coursetrack.simulation.outlines import (
    History,
    Opens,
    as_opens,
    instant,
    opening_of,
    whole_second,
)
from coursetrack.simulation.replication import Life, Lived, course_ids, finished, histories, live
from coursetrack.simulation.results import Comparison, Forecast, Funnel, Load
from coursetrack.simulation.streams import in_order, lives
from coursetrack.tracker import Tracker

Replications = int | Iterable[int]
"""How many times, or the numbers of the replications: an iterator may show its progress."""

PATIENCES = (0.5, 1.0)
"""What else the patience might be (see ``Comparison.sensitivity``)."""

_TRIALS = 3


class Study:
    """Lives a tracker's members forward and tells what comes of it; the tracker is left alone.

    `opens` is when courses open: one instant, or one for each course id. The same arguments give
    the same answers, bit for bit. Each method says with how many `replications`; those alternate
    between the habits of the past runs that `habits` knows, so that a range holds how runs differ
    as well as chance.
    """

    __slots__ = (
        "_announcements",
        "_behaviour",
        "_habits",
        "_histories",
        "_opens",
        "_seed",
        "_tracker",
    )

    def __init__(
        self,
        tracker: Tracker,
        *,
        habits: Habits = DEFAULT_HABITS,
        opens: Opens = None,
        seed: int = 0,
        behaviour: Behaviour | None = None,
        announcements: Iterable[Announcement] = (),
    ) -> None:
        if not isinstance(tracker, Tracker):
            raise InvalidValue.of("tracker", tracker, "a Tracker")
        if not isinstance(habits, Habits):
            raise InvalidValue.of("habits", habits, "Habits, such as calibrate() counts")
        self._tracker = tracker.fork()
        self._habits = habits
        self._opens = as_opens(opens)
        self._seed = as_int("seed", seed, low=-(2**63), high=2**63 - 1)
        self._behaviour = StepByStep() if behaviour is None else behaviour
        self._announcements = tuple(as_iterable("announcements", announcements))
        self._histories: Mapping[int, History] = {}

    def __repr__(self) -> str:
        """What it studies."""
        return f"<Study of {self._tracker!r}, seed {self._seed}, {self._habits!r}>"

    # -- living

    def run(self, *, until: datetime | None = None, replication: int = 0) -> Tracker:
        """A fork of the tracker that lived through it, up to `until` (excluded), or to the end.

        In order of time, so completed lessons are numbered as they would be.
        """
        return self.live(replication=replication).run(until)

    def live(self, *, replication: int = 0) -> Life:
        """A fork that can be lived on bit by bit."""
        return Life(self._tracker.fork(), self._stream(replication))

    def _stream(self, replication: int) -> Events:
        return in_order(
            self._tracker.entities(),
            habits=self._habits,
            opens=self._opens,
            seed=self._seed,
            replication=replication,
            behaviour=self._behaviour,
            announcements=self._announcements,
            histories=self._histories,
        )

    def given(self, events: Iterable[Event], *, at: datetime) -> "Study":
        """This study for whom the first days are known: `events` are all there were until `at`.

        They are recorded first, and everybody goes on from there: nobody does anything again, and
        who kept silent did so. Events after `at` are an error.
        """
        known, instant_ = list(as_iterable("events", events)), as_instant("at", at)
        late = next((event for event in known if event.at > instant_), None)
        if late is not None:
            raise InvalidValue.of("events", late, f"no event after {instant_.isoformat()}")
        other = self._again()
        other._tracker.record_many(sorted(known, key=lambda event: event.at))
        other._histories = histories(other._tracker, known, instant_)
        return other

    # -- asking

    def finished_by(
        self,
        date: datetime,
        *,
        share: Fraction | float = 1,
        course_id: int | None = None,
        replications: Replications = 20,
    ) -> Forecast:
        """How many members will have completed `share` of their course before `date`."""
        return self.finished_by_each(
            (date,), share=share, course_id=course_id, replications=replications
        )[0]

    def finished_by_each(
        self,
        dates: Iterable[datetime],
        *,
        share: Fraction | float = 1,
        course_id: int | None = None,
        replications: Replications = 20,
    ) -> tuple[Forecast, ...]:
        """The same for several dates at once: as dear as for the last of them."""
        wanted = [as_instant("dates", date) for date in as_iterable("dates", dates)]
        least = _as_share(share)
        members = self._members(course_id)
        groups: list[list[list[float]]] = [[[] for _ in self._runs] for _ in wanted]
        for run, tracker, _ in self._lived(replications, until=max(wanted, default=None)):
            reached = list(finished(tracker, least, members))
            for place, date in enumerate(wanted):
                groups[place][run].append(float(sum(at < date for at in reached)))
        return tuple(
            Forecast.of(
                self._estimate(found, date, course_id, len(members), least),
                date=date,
                share=least,
                members=len(members),
            )
            for date, found in zip(wanted, groups, strict=True)
        )

    def _estimate(
        self,
        found: Sequence[Sequence[float]],
        date: datetime,
        course_id: int | None,
        members: int,
        share: Fraction,
    ) -> Estimate:
        """By how past forecasts were off, where that is known; else by how past runs differ."""
        if course_id is None and not isinstance(self._opens, Mapping):
            opens = self._opens
        else:
            opens = None if course_id is None else opening_of(self._opens, course_id)
        plain = estimate(found, low=0.0, high=float(members))
        if opens is None:
            return plain
        start = whole_second(opens)
        known = max((each.until - start for each in self._histories.values()), default=0)
        miss = self._habits.miss(known, whole_second(date) - start)
        if miss is None or len(miss.ratios) < 2:
            return plain
        now = sum(
            progress.completeness >= share
            for id_ in course_ids(self._tracker)
            if course_id in (None, id_)
            for progress in self._tracker.course_progress(course_id=id_, at=date)
        )
        return corrected(plain.value, miss.ratios, low=float(now), high=float(members))

    def funnel(
        self, *, course_id: int, until: datetime | None = None, replications: Replications = 20
    ) -> Funnel:
        """How many members complete each lesson of a course."""
        members = self._members(course_id)
        counted: list[list[Mapping[int, int]]] = [[] for _ in self._runs]
        for run, _, lived in self._lived(replications, until=until):
            counted[run].append(lived.completions)
        return Funnel(
            members=len(members),
            lessons=tuple(
                of_lesson(lesson, [[float(each[lesson.id]) for each in group] for group in counted])
                for lesson in self._tracker.lessons(course_id=course_id)
            ),
        )

    def compare(
        self,
        *,
        add: Iterable[Entity] = (),
        replace: Iterable[Entity] = (),
        remove: Iterable[Entity] = (),
        until: datetime | None = None,
        replications: Replications = 20,
    ) -> Comparison:
        """What would come of it if entities were changed like this, against leaving them.

        Both are lived through by the same learners with the same chance (common random numbers).
        Added first, then replaced, then removed. Costs two runs a replication, and a few more to
        tell how much hangs on ``habits.patience`` where events are refused.
        """
        changed = self._changed(add, replace, remove)
        pairs: list[list[tuple[Lived, Lived]]] = [[] for _ in self._runs]
        numbers = []
        for number in _numbers(replications):
            run = number % len(self._runs)
            numbers.append(number)
            before, after = (each._once(number, self._runs[run], until) for each in (self, changed))
            pairs[run].append((before, after))
        refused = mean(float(after.refused) for group in pairs for _, after in group)
        sensitivity = [
            (patience, self._difference(changed, patience, numbers[:_TRIALS], until))
            for patience in PATIENCES
            if refused and patience != self._habits.patience
        ]
        return compared(pairs, changed._tracker, refused, self._habits.patience, sensitivity)

    def _difference(
        self, changed: "Study", patience: float, numbers: Sequence[int], until: datetime | None
    ) -> float:
        """The mean difference in completions if learners had another patience."""
        found = []
        for number in numbers:
            run = self._runs[number % len(self._runs)]
            habits = attrs.evolve(run, patience=patience)
            before, after = (x._once(number, habits, until) for x in (self, changed))
            found.append(float(after.total - before.total))
        return mean(found)

    def _again(self) -> "Study":
        """A study like this one, of an academy of its own, with no history."""
        return Study(
            self._tracker,
            habits=self._habits,
            opens=self._opens,
            seed=self._seed,
            behaviour=self._behaviour,
            announcements=self._announcements,
        )

    def _changed(
        self, add: Iterable[Entity], replace: Iterable[Entity], remove: Iterable[Entity]
    ) -> "Study":
        other = self._again()
        other._histories = self._histories
        other._tracker.add_all(add)
        for entity in as_iterable("replace", replace):
            other._tracker.replace(entity)
        for entity in as_iterable("remove", remove):
            other._tracker.remove(entity)
        return other

    def load(
        self,
        *,
        per: timedelta,
        until: datetime | None = None,
        replications: Replications = 5,
    ) -> Load:
        """How many events arrive in each interval of length `per`: the busiest, and quantiles."""
        seconds = int(per.total_seconds())
        if seconds < 1 or per != timedelta(seconds=seconds):
            raise InvalidValue.of("per", per, "whole seconds, at least one")
        peaks: list[list[float]] = [[] for _ in self._runs]
        totals: list[list[float]] = [[] for _ in self._runs]
        found: list[list[float]] = []
        busiest: datetime | None = None
        for run, _, lived in self._lived(replications, until=until, per=seconds):
            counts = lived.arrivals
            peaks[run].append(float(max(counts.values(), default=0)))
            totals[run].append(float(sum(counts.values())))
            found.append(quantiles(counts))
            if busiest is None and counts:
                busiest = instant(min(counts, key=lambda at: (-counts[at], at)) * seconds)
        return Load(
            per=per,
            events=estimate(totals, low=0.0),
            peak=estimate(peaks, low=0.0),
            busiest=busiest,
            quantiles=tuple(
                (share, mean(each[place] for each in found)) for place, share in enumerate(SHARES)
            ),
        )

    # -- one replication

    @property
    def _runs(self) -> tuple[Habits, ...]:
        """The habits that replications alternate between."""
        habits = self._habits
        if len(habits.runs) < 2:
            return (habits,)
        return tuple(attrs.evolve(run, patience=habits.patience) for run in habits.runs)

    def _members(self, course_id: int | None) -> frozenset[int]:
        if course_id is not None:
            self._tracker.course(course_id)
        return frozenset(
            each.id
            for each in self._tracker.entities()
            if isinstance(each, CourseMember) and course_id in (None, each.course_id)
        )

    def _lived(
        self, replications: Replications, *, until: datetime | None, per: int = 0
    ) -> Iterator[tuple[int, Tracker, Lived]]:
        """The number of each replication's habits, the tracker that lived, and what came of it."""
        runs = self._runs
        for number in _numbers(replications):
            run = number % len(runs)
            tracker = self._tracker.fork()
            yield run, tracker, self._once(number, runs[run], until, tracker, per)

    def _once(
        self,
        number: int,
        habits: Habits,
        until: datetime | None,
        tracker: Tracker | None = None,
        per: int = 0,
    ) -> Lived:
        tracker = self._tracker.fork() if tracker is None else tracker
        begun = lives(
            self._tracker.entities(),
            habits=habits,
            opens=self._opens,
            seed=self._seed,
            replication=number,
            behaviour=self._behaviour,
            announcements=self._announcements,
            histories=self._histories,
        )
        end = as_optional_instant("until", until)
        return live(tracker, (life for _, life in begun), end, per)


def _numbers(replications: Replications) -> Iterator[int]:
    if isinstance(replications, int):
        count = as_int("replications", replications, low=1, high=10**6)
        yield from range(count)
        return
    for number in as_iterable("replications", replications):
        yield as_int("replications", number, low=0, high=2**63 - 1)


def _as_share(share: Fraction | float) -> Fraction:
    exact = Fraction(repr(share)) if isinstance(share, float) and share == share else share
    if isinstance(exact, bool) or not isinstance(exact, int | Fraction) or not 0 < exact <= 1:
        raise InvalidValue.of("share", share, "a share above 0 and at most 1")
    return Fraction(exact)
