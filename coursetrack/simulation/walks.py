"""One learner on the way through a course: where to go next, when, and what to do there."""

from collections.abc import Generator, Sequence

from coursetrack.domain.events import Event, PageVisit
from coursetrack.domain.outcomes import Outcome
from coursetrack.simulation.acts import Act
from coursetrack.simulation.draws import Draws, Uniforms
from coursetrack.simulation.habits import Habits
from coursetrack.simulation.lives import SESSION
from coursetrack.simulation.outlines import (
    CourseOutline,
    History,
    Learner,
    Step,
    instant,
    whole_second,
)
from coursetrack.simulation.shapes import WEEK
from coursetrack.simulation.whereabouts import Whereabouts

Acting = Generator[Event, Outcome | None, int | None]
"""Events, and the second at which the learner is free again; None for a learner who gave up."""

Move = tuple[int, Uniforms, int, int]
"""A place in the course, the uniforms of its lesson, when, and after how many seconds of rest (0 in
the same session)."""

_TRIES = 256


class Walk:
    """One learner on the way through a course."""

    __slots__ = (
        "_draws",
        "_habits",
        "_inclined",
        "_known",
        "_last",
        "_learner",
        "_outline",
        "_own",
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
        self.steps: tuple[Step, ...] = outline.steps_of_cohort[learner.cohort]
        self._last = len(self.steps) - 1
        self._own = draws(learner.id)
        self._inclined = self._own.press
        self.where: Whereabouts = Whereabouts(len(self.steps))
        self.done: set[int] = set()
        self._known: list[tuple[int, int]] = []
        if learner.history is not None:
            self._retrace(learner.history)

    def _retrace(self, history: History) -> None:
        """Goes the way that is known, as somebody who completes lessons, or not, as is known."""
        self.done.update(history.completed)
        before = 0
        for second, lesson_id in history.visits:
            place = self._outline.places.get(lesson_id)
            if place is not None:
                away = second - before if self._known else 0
                self.where.move(place, self._outline.usual, away if away > SESSION else 0)
                self._known.append((second, place))
                before = second
        if self._known:
            self._incline(history)

    def _incline(self, history: History) -> None:
        """Draws the learner's inclination until it agrees with what most lessons say."""
        opened = [self.steps[place] for _, place in self._known]
        done = sum(step.lesson_id in history.completed for step in opened)
        for tries in range(_TRIES):
            if (self._inclined < opened[-1].press) is (2 * done >= len(opened)):
                return
            self._inclined = self._draws(self._learner.id, 0, -1 - tries).press

    # -- where to begin, and where to go on

    def begins(self, round: int, *, sure: bool = False) -> int | None:
        """The second of the first visit; None for who never comes."""
        learner, habits = self._learner, self._habits
        u = self._draws(learner.id, 0, round) if round else self._own
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
        habits, u = self._habits, self._own
        ahead = 0
        if u.leap < habits.leap_first:
            ahead = habits.jumps[int(u.leap / habits.leap_first * len(habits.jumps))]
        found = self._open_place(ahead) or self._open_place(0)
        return None if found is None else (*found, at, 0)

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
            if agrees and (move is None or move[2] > history.until):
                return move
        return None

    def decide(self, place: int, at: int, u: Uniforms) -> tuple[int | None, Move | None]:
        """When the lesson just opened is completed, if ever, and what is opened next, if anything.

        Completing comes before the next visit, mostly right before it.
        """
        step, habits, where = self.steps[place], self._habits, self.where
        stop, _, leap, press, gap, pause, delay, extra = u
        following: tuple[int, Uniforms] | None
        if where.astray or place == self._last:
            following = self._target_astray(place, u)
        else:
            following = None if stop < step.stop else self._target(place, leap)
        if following is None:
            return (at + int(habits.dwell(delay)) if press < step.press_last else None), None
        target, next_u = following
        if press < habits.steady:  # up to the learner; what is left of the draw is as even
            press = self._inclined
        elif habits.steady < 1.0:
            press = (press - habits.steady) / (1.0 - habits.steady)
        session, position, due = where.session, where.position, step.due
        if due is not None and at < due and extra < habits.waits[session]:
            next_at = self._called(at, habits.rhythm.after(due, habits.late(gap)))
        else:
            row = (habits.tiring_across if step.ends_section else habits.tiring)[session]
            if pause >= step.pause * (row[position] if position < len(row) else row[-1]):
                next_at = at + int(habits.gap(gap))
                pressed_at = next_at - int(habits.lead(delay))
                if press >= step.press:
                    return None, (target, next_u, next_at, 0)
                return (pressed_at if pressed_at > at else at), (target, next_u, next_at, 0)
            next_at = self._rested(at, u, across=step.ends_section)
        pressed_at = min(next_at, at + int(habits.dwell(delay)))
        move = (target, next_u, next_at, next_at - at)
        return (pressed_at if press < step.press else None), move

    def _target(self, place: int, u: float) -> tuple[int, Uniforms] | None:
        """What a learner opens next who has left nothing behind."""
        leaps, number = self._habits.leap, self.where.number
        leap = leaps[number] if number < len(leaps) else leaps[-1]
        if u < leap:
            return self._leap(place, u / leap)
        following = place + 1
        if not self.where.opened[following]:  # nearly always, so it is written out
            step = self.steps[following]
            next_u = self._draws(self._learner.id, step.lesson_id)
            if next_u.skip >= step.skip:
                return following, next_u
        return self._open_place(following + 1)

    def _target_astray(self, place: int, u: Uniforms) -> tuple[int, Uniforms] | None:
        """The same for who did, or is at the end of the course."""
        where, habits = self.where, self._habits
        if place == self._last:
            return self._back() if where.behind and u.stop < habits.returns_last else None
        if u.stop < _at(habits.stop_astray, where.number):
            return None
        # The far end of the draw, so that who leaps ahead at the near end does so all the same.
        if where.behind and u.leap >= 1.0 - _at(habits.returns, where.since):
            return self._back()
        leap = _at(habits.leap_astray, where.number)
        return self._leap(place, u.leap / leap) if u.leap < leap else self._open_place(place + 1)

    def _leap(self, place: int, u: float) -> tuple[int, Uniforms] | None:
        ahead = self._habits.jumps[int(u * len(self._habits.jumps))]
        return self._open_place(place + ahead) or self._open_place(place + 1)

    def away(self, step: Step, at: int, u: Uniforms) -> int:
        """The seconds until the learner opens another lesson."""
        tiring = self._habits.tiring_across if step.ends_section else self._habits.tiring
        if u.pause >= step.pause * _at(tiring[self.where.session], self.where.position):
            return 1 + int(self._habits.gap(u.gap))
        return self._rested(at, u, across=step.ends_section) - at

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

    def _rested(self, at: int, u: Uniforms, *, across: bool) -> int:
        """When a learner who leaves at second `at` comes back."""
        habits = self._habits
        weeks = habits.rest_across if across else habits.rest[self.where.rested]
        rest = weeks[min(max(at - self._learner.since, 0) // WEEK, len(weeks) - 1)]
        return self._called(at, habits.rhythm.after(at, rest(u.gap)))

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
        act = Act(
            member_id=self._learner.id,
            lesson=step.lesson,
            at=at,
            pressed_at=pressed_at,
            u=u,
            habits=self._habits,
            draws=self._draws,
            fully=fully,
        )
        over = at
        for event in act.events(step.needs):
            yield event
            over = whole_second(event.at)
        if pressed_at is not None or over == at:
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
        self.where.fill(self._outline.places[step.lesson_id])
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
            asked = {needed for refusal in outcome_.refused for needed in refusal.requires}
            for needed in self._outline.needed_for(lesson_id):
                place = self._outline.places.get(needed)
                if place is not None and (needed in asked or needed not in self.done):
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
        return self._rested(opens, u, across=False)


def _at(shares: Sequence[float], number: int) -> float:
    return shares[number] if number < len(shares) else shares[-1]
