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
from datetime import UTC, datetime
from typing import Protocol

import attrs

from coursetrack.domain.events import ButtonClick, Event, PageVisit, made
from coursetrack.domain.outcomes import Outcome
from coursetrack.errors import InvalidValue
from coursetrack.simulation.draws import Draws
from coursetrack.simulation.habits import Habits
from coursetrack.simulation.outlines import (
    CourseOutline,
    Learner,
    instant,
)
from coursetrack.simulation.shapes import as_share
from coursetrack.simulation.walks import Walk

Events = Generator[Event, Outcome | None, None]
_instant = datetime.fromtimestamp


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
        walk = Walk(learner, outline, habits, draws)
        following = walk.resumed() if learner.history and learner.history.visits else walk.first()
        member_id, steps, usual = learner.id, walk.steps, outline.usual
        go, decide, done = walk.where.move, walk.decide, walk.done
        while following is not None:
            place, u, second, rest = following
            go(place, usual, rest)
            step = steps[place]
            lesson_id = step.lesson_id
            outcome = yield made(PageVisit, member_id, lesson_id, _instant(second, UTC))
            if outcome is not None and outcome.refused:
                back = yield from walk.come_back(step, outcome, second)
                if back is None:
                    return
                second = back
            pressed, following = decide(place, second, u)
            if not step.is_clicked:
                until = yield from walk.act(step, second, pressed, u)
                if following is not None and following[2] < until:
                    following = (following[0], following[1], until, following[3])
            elif pressed is not None:
                done.add(lesson_id)
                yield made(ButtonClick, member_id, lesson_id, _instant(pressed, UTC))


@attrs.frozen
class Finisher:
    """Every lesson in reading order, each completed, with the habits' pauses; never gives up."""

    def __call__(
        self, learner: Learner, outline: CourseOutline, habits: Habits, draws: Draws
    ) -> Events:
        """The learner's events."""
        walk = Walk(learner, outline, habits, draws, patience=1.0)
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
        walk = Walk(learner, outline, habits, draws)
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
