"""What a learner does on the page of an open lesson: whatever its criterion still misses."""

from collections.abc import Iterator
from math import ceil
from typing import Any, assert_never

import attrs

from coursetrack.domain.criteria.criterion import Action, Need
from coursetrack.domain.entities import Lesson
from coursetrack.domain.events import (
    ButtonClick,
    Event,
    Scored,
    TimeSpent,
    VideoFinish,
    VideoProgress,
)
from coursetrack.simulation.draws import Draws, Uniforms
from coursetrack.simulation.habits import Habits
from coursetrack.simulation.outlines import instant, whole_second

VIDEO_SECONDS = 240.0
"""How long a video is whose lesson does not say. (decided)"""

HEARTBEAT = 60
"""How many seconds of presence are reported at once. (decided)"""

_REWATCHED = 10.0
_ROUND = 1 << 40
_MARKS = 100


@attrs.frozen(kw_only=True)
class Act:
    """One learner on one open page, from second `at` on."""

    member_id: int
    lesson: Lesson
    at: int
    pressed_at: int | None
    """When the learner is done with the lesson; None for one who leaves it."""
    u: Uniforms
    habits: Habits
    draws: Draws
    fully: bool = False
    """Whether the learner must complete the lesson to get on."""

    def events(self, needs: tuple[Need, ...]) -> Iterator[Event]:
        """What follows the visit, one need after the other, in order of time."""
        clock = self.at
        for need in needs:
            for event in self._for(need, clock):
                clock = max(clock, whole_second(event.at))
                yield event

    def _for(self, need: Need, clock: int) -> Iterator[Event]:
        match need.action:
            case Action.PAGE_VISIT | Action.BY_HAND:
                return
            case Action.BUTTON_CLICK:
                if self.pressed_at is not None:
                    yield ButtonClick(**self._at(max(clock, self.pressed_at)))
            case Action.VIDEO_FINISH | Action.VIDEO_PROGRESS:
                yield from self._watches(clock, finishes=need.action is Action.VIDEO_FINISH)
            case Action.TIME_SPENT:
                yield from self._stays(clock, need)
            case Action.SCORED:
                yield from self._answers(clock)
            case _:
                assert_never(need.action)

    def _at(self, second: int) -> dict[str, Any]:
        return {"member_id": self.member_id, "lesson_id": self.lesson.id, "at": instant(second)}

    def _watches(self, clock: int, *, finishes: bool) -> Iterator[Event]:
        """A part from the start, a few seconds of it again, and the rest, perhaps after a jump.

        Together the stretches cover the share of the video that this learner sees.
        """
        share = 1.0 if self.fully else self.habits.coverage(self.u.extra)
        where = self.draws(self.member_id, self.lesson.id, _ROUND)
        duration = float(self.lesson.video_duration or VIDEO_SECONDS)
        seen = share * duration
        turn = where.skip * seen
        back = max(0.0, turn - _REWATCHED)
        jumps = where.leap < 0.5
        stretches = [(0.0, turn), (back, turn if jumps else seen)]
        if jumps:
            stretches.append((duration - (seen - turn), duration))
        time = float(clock)
        for start, end in stretches:
            time += end - start
            yield VideoProgress(**self._at(ceil(time)), start=start, end=end, duration=duration)
        if finishes and self.pressed_at is not None:
            yield VideoFinish(**self._at(max(self.pressed_at, ceil(time))))

    def _stays(self, clock: int, need: Need) -> Iterator[Event]:
        """Presence in heartbeats: as long as asked for, or a part of it by who leaves."""
        asked = ceil((need.milliseconds or 0) / 1000)
        left = asked if self.fully or self.pressed_at is not None else int(asked * self.u.extra)
        while left > 0:
            seconds = min(left, HEARTBEAT)
            clock, left = clock + seconds, left - seconds
            yield TimeSpent(**self._at(clock), seconds=seconds)

    def _answers(self, clock: int) -> Iterator[Event]:
        """A first try, and by who wants to be done with it a second one that succeeds."""
        first = int(self.habits.score(self.u.extra) * _MARKS)
        clock += HEARTBEAT
        yield Scored(**self._at(clock), score=first, out_of=_MARKS)
        if first < _MARKS and (self.fully or self.pressed_at is not None):
            yield Scored(**self._at(clock + HEARTBEAT), score=_MARKS, out_of=_MARKS)
