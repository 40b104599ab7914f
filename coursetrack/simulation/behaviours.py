"""Learners who behave: generators of events that are told what came of each.

A behaviour is called with a learner, the course's outline, habits and draws, and gives the events
of that learner in order of time. After each it is sent the outcome (or None, when nobody records:
then it takes it that nothing was refused). One of your own may be short:

>>> def lurker(learner, outline, habits, draws):
...     at = learner.since
...     for lesson in outline.lessons:
...         at += int(habits.gap(draws(learner.id, lesson.id).gap)) + 1
...         outcome = yield PageVisit(member_id=learner.id, lesson_id=lesson.id, at=instant(at))
...         if outcome is not None and outcome.refused:
...             return
"""

from collections.abc import Generator, Mapping
from typing import NamedTuple, Protocol

import attrs

from coursetrack.domain.entities import CompletionType
from coursetrack.domain.events import ButtonClick, Event, PageVisit
from coursetrack.domain.outcomes import Outcome
from coursetrack.errors import InvalidValue
from coursetrack.simulation.acts import page_events
from coursetrack.simulation.draws import Draws, Uniforms
from coursetrack.simulation.habits import Habits, session_row
from coursetrack.simulation.lives import SESSION
from coursetrack.simulation.outlines import (
    CourseOutline,
    History,
    Learner,
    Step,
    instant,
    whole_second,
)
from coursetrack.simulation.shapes import as_share
from coursetrack.simulation.whereabouts import Whereabouts

Events = Generator[Event, Outcome | None, None]
Acting = Generator[Event, Outcome | None, int | None]
"""Events, and the second at which the learner is free again; None for a learner who gave up."""

_TRIES = 256
_BUTTON = CompletionType.BUTTON


class Behaviour(Protocol):
    """What a learner does, event by event."""

    def __call__(
        self, learner: Learner, outline: CourseOutline, habits: Habits, draws: Draws
    ) -> Events:
        """The events of `learner` in order of time; each ``yield`` is sent the outcome or None."""
        ...


@attrs.frozen
class StepByStep:
    """Lesson after lesson as the habits say: with pauses, skipped lessons, and leaving for good.

    Who is refused because a lesson is locked does what it needs first, or comes back when it
    opens; `habits.patience` of them do, each time, and the others give up. Who is refused for
    another reason gives up.
    """

    def __call__(
        self, learner: Learner, outline: CourseOutline, habits: Habits, draws: Draws
    ) -> Events:
        """The learner's events."""
        walk = _Walk(learner, outline, habits, draws)
        move = walk.resumed() if learner.history and learner.history.visits else walk.first()
        member_id, steps = learner.id, walk.steps
        while move is not None:
            place, u, at = walk.go(move)
            step = steps[place]
            outcome = yield PageVisit(member_id=member_id, lesson_id=step.lesson_id, at=instant(at))
            if outcome is not None and outcome.refused:
                back = yield from walk.come_back(step, outcome, at)
                if back is None:
                    return
                at = back
            pressed_at, move = walk.decide(place, at, u)
            if step.completion_type is _BUTTON:
                if pressed_at is not None:
                    walk.done.add(step.lesson_id)
                    yield ButtonClick(
                        member_id=member_id, lesson_id=step.lesson_id, at=instant(pressed_at)
                    )
            else:
                until = yield from walk.act(step, at, pressed_at, u)
                if move is not None and move.at < until:
                    move = move._replace(at=until)


@attrs.frozen
class Finisher:
    """Every lesson in reading order, each completed, with the habits' pauses; never gives up."""

    def __call__(
        self, learner: Learner, outline: CourseOutline, habits: Habits, draws: Draws
    ) -> Events:
        """The learner's events."""
        walk = _Walk(learner, outline, habits, draws, patience=1.0)
        at = walk.begins(0, sure=True)
        if learner.history is not None:
            at = max(at or 0, learner.history.until + 1)
        for step in walk.steps:
            if step.lesson_id in walk.done or at is None:
                continue
            u = draws(learner.id, step.lesson_id)
            at = yield from walk.do(step, at)
            if at is not None:
                at += walk.away(step, at, u)


@attrs.frozen
class Sampler:
    """Opens a few lessons that look interesting, in any order, and completes none but by that.

    How many is one more than the share `looks` of the course, at random up to twice that.
    """

    looks: float = 0.1

    def __attrs_post_init__(self) -> None:
        as_share("looks", self.looks)

    def __call__(
        self, learner: Learner, outline: CourseOutline, habits: Habits, draws: Draws
    ) -> Events:
        """The learner's events."""
        walk = _Walk(learner, outline, habits, draws)
        at = walk.begins(0)
        if at is not None and learner.history is not None:
            at = max(at, learner.history.until + 1)
        wanted = 1 + int(2 * self.looks * draws(learner.id).extra * len(walk.steps))
        ranked = sorted(walk.steps, key=lambda each: draws(learner.id, each.lesson_id).extra)
        for step in ranked[:wanted]:
            if at is None:
                return
            if walk.where.opened[outline.places[step.lesson_id]]:
                continue
            yield PageVisit(member_id=learner.id, lesson_id=step.lesson_id, at=instant(at))
            at += walk.away(step, at, draws(learner.id, step.lesson_id))


@attrs.frozen
class Mixture:
    """Each learner behaves in one of several ways, in these proportions.

    Who does what is drawn by member, so a learner stays the same in every course and replication
    of one seed only where the draws are the same.
    """

    shares: Mapping[Behaviour, float]

    def __attrs_post_init__(self) -> None:
        if not self.shares or not all(share >= 0 for share in self.shares.values()):
            raise InvalidValue.of("shares", self.shares, "behaviours and their shares, from 0 on")
        if not any(self.shares.values()):
            raise InvalidValue.of("shares", self.shares, "a share above 0")

    def __call__(
        self, learner: Learner, outline: CourseOutline, habits: Habits, draws: Draws
    ) -> Events:
        """The learner's events."""
        total = 0.0
        for share in self.shares.values():
            total += share
        left = draws(learner.id).leap * total
        chosen: Behaviour | None = None
        for behaviour, share in self.shares.items():
            if share > 0 and (chosen is None or left >= 0):
                chosen = behaviour
                left -= share
        assert chosen is not None
        return chosen(learner, outline, habits, draws)


class Move(NamedTuple):
    """Where a learner goes: a place in the course, the uniforms of its lesson, and when."""

    place: int
    u: Uniforms
    at: int
    rests: bool
    """Whether that is in another session."""


class _Walk:
    """One learner on the way through a course."""

    __slots__ = (
        "_draws",
        "_habits",
        "_known",
        "_learner",
        "_outline",
        "_patience",
        "done",
        "steps",
        "where",
    )

    def __init__(
        self,
        learner: Learner,
        outline: CourseOutline,
        habits: Habits,
        draws: Draws,
        patience: float | None = None,
    ) -> None:
        self._learner, self._outline, self._habits, self._draws = learner, outline, habits, draws
        self._patience = habits.patience if patience is None else patience
        self.steps = outline.steps_of_cohort[learner.cohort]
        self.where = Whereabouts(len(self.steps))
        self.done: set[int] = set()
        self._known: list[tuple[int, int]] = []
        if learner.history is not None:
            self._retrace(learner.history)

    def _retrace(self, history: History) -> None:
        """Goes the way that is known."""
        self.done.update(history.completed)
        before = 0
        for second, lesson_id in history.visits:
            place = self._outline.places.get(lesson_id)
            if place is not None:
                rests = bool(self._known) and second - before > SESSION
                self.where.move(place, self._outline.usual, rests=rests)
                self._known.append((second, place))
                before = second

    # -- where to begin, and where to go on

    def begins(self, round: int, *, sure: bool = False) -> int | None:
        """The second of the first visit; None for who never comes."""
        learner, habits = self._learner, self._habits
        u = self._draws(learner.id, 0, round)
        cohort = habits.cohorts[learner.cohort]
        if not sure and u.stop >= cohort.starts:
            return None
        at = habits.rhythm.after(learner.since, cohort.delay(u.delay))
        return self._called(learner.since, at)

    def first(self) -> Move | None:
        """The first lesson, for a learner of whom nothing is known but, perhaps, silence."""
        history = self._learner.history
        at = self.begins(0)
        tries = 0
        while history is not None and at is not None and at <= history.until:
            tries += 1
            # Silence until then is a fact: draw again until what is drawn agrees with it.
            at = self.begins(tries) if tries < _TRIES else None
        if at is None:
            return None
        habits, u = self._habits, self._draws(self._learner.id)
        ahead = 0
        if u.leap < habits.leap_first:
            ahead = habits.jumps[int(u.leap / habits.leap_first * len(habits.jumps))]
        found = self._open_place(ahead) or self._open_place(0)
        return None if found is None else Move(*found, at, False)

    def resumed(self) -> Move | None:
        """Where a learner goes on whose first days are known.

        Draws until what is drawn agrees with what is known: whether the last lesson was completed,
        and that no other one was opened until now.
        """
        history = self._learner.history
        if history is None or not self._known:
            return self.first()
        last, place = self._known[-1]
        lesson_id = self.steps[place].lesson_id
        is_done = lesson_id in history.completed
        for tries in range(_TRIES):
            u = self._draws(self._learner.id, lesson_id, -1 - tries)
            pressed_at, move = self.decide(place, last, u)
            pressed = pressed_at is not None and pressed_at <= history.until
            agrees = pressed is is_done or not self.steps[place].is_pressed
            if agrees and (move is None or move.at > history.until):
                return move
        return None

    def go(self, move: Move) -> tuple[int, Uniforms, int]:
        """Goes there: the place, its uniforms and the second."""
        place, u, at, rests = move
        self.where.move(place, self._outline.usual, rests=rests)
        return place, u, at

    def decide(self, place: int, at: int, u: Uniforms) -> tuple[int | None, Move | None]:
        """When the lesson just opened is completed, if ever, and what is opened next, if anything.

        Completing comes before the next visit, mostly right before it.
        """
        step, habits = self.steps[place], self._habits
        following = None if self._stops(step, place, u) else self._target(place, u)
        if following is None:
            pressed = u.press < step.press_last
            return (at + int(habits.dwell(u.delay)) if pressed else None), None
        next_place, next_u = following
        rests = u.pause < self._pause(step)
        if rests:
            next_at = self._called(at, habits.rhythm.after(at, habits.rest(u.gap)))
            pressed_at = min(next_at, at + int(habits.dwell(u.delay)))
        else:
            next_at = at + int(habits.gap(u.gap))
            pressed_at = max(at, next_at - int(habits.lead(u.delay)))
        move = Move(next_place, next_u, next_at, rests)
        return (pressed_at if u.press < step.press else None), move

    def _stops(self, step: Step, place: int, u: Uniforms) -> bool:
        if place + 1 == len(self.steps):
            return False  # who is at the end stops unless something was left behind
        if not self.where.astray:
            return u.stop < step.stop
        stops = self._habits.stop_astray
        return u.stop < stops[min(self.where.number, len(stops) - 1)]

    def _pause(self, step: Step) -> float:
        if step.ends_section:
            return step.pause
        where = self.where
        row = self._habits.tiring[session_row(where.pauses)]
        return step.pause * row[min(where.position, len(row) - 1)]

    def away(self, step: Step, at: int, u: Uniforms) -> int:
        """The seconds until the learner opens another lesson."""
        if u.pause >= self._pause(step):
            return 1 + int(self._habits.gap(u.gap))
        return self._called(at, self._habits.rhythm.after(at, self._habits.rest(u.gap))) - at

    def _target(self, place: int, u: Uniforms) -> tuple[int, Uniforms] | None:
        where, habits = self.where, self._habits
        if where.behind and place + 1 < len(self.steps):
            # The far end of the draw, so that who leaps ahead at the near end does so all the same.
            returns = habits.returns[min(where.since, len(habits.returns) - 1)]
            if u.leap >= 1.0 - returns:
                return self._back()
        leaps = habits.leap_astray if where.astray else habits.leap
        leap = leaps[min(where.number, len(leaps) - 1)]
        ahead = 1 if u.leap >= leap else habits.jumps[int(u.leap / leap * len(habits.jumps))]
        found = self._open_place(place + ahead) or (
            self._open_place(place + 1) if ahead > 1 else None
        )
        if found is None and where.behind and u.stop < habits.returns_last:
            return self._back()
        return found

    def _back(self) -> tuple[int, Uniforms]:
        place = self.where.behind[0]
        return place, self._draws(self._learner.id, self.steps[place].lesson_id)

    def _open_place(self, target: int) -> tuple[int, Uniforms] | None:
        """The first place from `target` on that is not opened yet and not skipped."""
        member_id, draws, opened = self._learner.id, self._draws, self.where.opened
        astray = self.where.astray
        for place in range(target, len(self.steps)):
            if not opened[place]:
                step = self.steps[place]
                u = draws(member_id, step.lesson_id)
                if u.skip >= (step.skip_astray if astray else step.skip):
                    return place, u
        return None

    def _called(self, since: int, until: int) -> int:
        """When a learner who is away from `since` to `until` comes: sooner, if called."""
        for announcement in self._outline.announcements:
            second = whole_second(announcement.at)
            if since < second < until:
                after = announcement.brings(self._draws, self._learner.id)
                if after is not None:
                    return min(until, second + after)
        return until

    # -- acting on a page, and at a locked door

    def act(
        self, step: Step, at: int, pressed_at: int | None, u: Uniforms, *, fully: bool = False
    ) -> Generator[Event, Outcome | None, int]:
        """What the learner does on an open page; gives the second at which that is over."""
        events = page_events(
            self._learner.id, step.lesson, at, pressed_at, u, self._habits, self._draws, fully=fully
        )
        over = at
        for event in events:
            yield event
            over = whole_second(event.at)
        if pressed_at is not None or step.completion_type is CompletionType.VISITED:
            self.done.add(step.lesson_id)
        return over

    def do(self, step: Step, at: int) -> Acting:
        """Opens a lesson and completes it."""
        member_id = self._learner.id
        outcome = yield PageVisit(member_id=member_id, lesson_id=step.lesson_id, at=instant(at))
        if outcome is not None and outcome.refused:
            back = yield from self.come_back(step, outcome, at)
            if back is None:
                return None
            at = back
        u = self._draws(member_id, step.lesson_id)
        self.where.opened[self._outline.places[step.lesson_id]] = 1
        pressed_at = at + 1 + int(self._habits.gap(u.gap))
        over = yield from self.act(step, at, pressed_at, u, fully=True)
        return over + 1

    def come_back(self, step: Step, outcome: Outcome, at: int) -> Acting:
        """Opens a lesson that was refused as soon as that is possible: gives the second."""
        member_id, lesson_id = self._learner.id, step.lesson_id
        outcome_: Outcome | None = outcome
        for round in range(1, _TRIES):
            if outcome_ is None or not outcome_.refused:
                return at
            u = self._draws(member_id, lesson_id, round)
            if u.stop >= self._patience or not all(each.is_lock for each in outcome_.refused):
                return None
            at = self._opening(outcome_, at, u)
            for needed in self._outline.needed_for(lesson_id):
                place = self._outline.places.get(needed)
                if needed not in self.done and place is not None:
                    done_at = yield from self.do(self.steps[place], at)
                    if done_at is None:
                        return None
                    at = done_at
            outcome_ = yield PageVisit(member_id=member_id, lesson_id=lesson_id, at=instant(at))
        return None

    def _opening(self, outcome: Outcome, at: int, u: Uniforms) -> int:
        """When to try again: at once, or some time after a lock that waits has opened."""
        waits = [each.opens_at for each in outcome.refused if each.opens_at is not None]
        if not waits:
            return at + 1 + int(self._habits.lead(u.delay))
        opens = max(at, *map(whole_second, waits))
        return self._called(at, self._habits.rhythm.after(opens, self._habits.rest(u.gap)))
