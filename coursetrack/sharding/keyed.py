"""One member's state as a plain value, and one event as a step from state to state.

A stream engine keeps a state for each key, hands it in with each event and checkpoints what comes
back. With the member as the key that state is small; :mod:`coursetrack.sharding.keyed_state` says
what is in it. What a step does is what ``Tracker(ids="by_member").record`` does, ids included.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import attrs

from coursetrack.domain.criteria.criterion import Criterion
from coursetrack.domain.entities import (
    CompletedLesson,
    Course,
    CourseMember,
    Entity,
    Lesson,
    Section,
)
from coursetrack.domain.events import Event
from coursetrack.domain.kinds import Kinds, kinds_with
from coursetrack.domain.outline import Outline, outline
from coursetrack.domain.plain import read_event
from coursetrack.domain.refusals import Refusal
from coursetrack.domain.rules import concerns, decide, refusals, unknown_refusals
from coursetrack.domain.values import MAX_ID, as_instant, as_int
from coursetrack.errors import InvalidValue
from coursetrack.knowledge.member_ids import id_of
from coursetrack.recording import judged_at
from coursetrack.sharding.keyed_state import KeyedState, State, place_of


class Outlines:
    """The catalogue as a step needs it: small, picklable, the same for every member.

    `entities` may hold other kinds than courses, sections and lessons, which are left out;
    `criteria` are classes of your own, as a tracker is told of them. O(n log n), once.
    """

    __slots__ = ("_catalogue", "by_lesson", "kinds")

    def __init__(
        self, entities: Iterable[Entity], *, criteria: Iterable[type[Criterion]] = ()
    ) -> None:
        kinds = (Course, Section, Lesson)
        self._catalogue = tuple(each for each in entities if isinstance(each, kinds))
        self.kinds: Kinds = kinds_with(criteria)
        self.by_lesson: Mapping[int, Outline] = {
            lesson.id: each for each in self._outlines() for lesson in each.lessons
        }
        """Lesson id -> the outline of its course."""

    def _outlines(self) -> Iterator[Outline]:
        of_course: dict[int, tuple[list[Section], list[Lesson]]] = {}
        for each in self._catalogue:
            if not isinstance(each, Course):
                sections, lessons = of_course.setdefault(each.course_id, ([], []))
                if isinstance(each, Section):
                    sections.append(each)
                else:
                    lessons.append(each)
        for each in self._catalogue:
            if isinstance(each, Course):
                yield outline(each, *of_course.get(each.id, ((), ())))

    def __reduce__(self) -> tuple[Any, ...]:
        return _outlines, (self._catalogue, self.kinds.own)


def _outlines(entities: Iterable[Entity], criteria: Iterable[type[Criterion]]) -> Outlines:
    return Outlines(entities, criteria=criteria)


@attrs.frozen(kw_only=True)
class StepOutcome:
    """What one event did to one member."""

    completed: CompletedLesson | None = None
    """The completed lesson that the event made, or None."""
    refused: tuple[Refusal, ...] = ()
    """Every reason why the event counted for nothing."""
    repeated: bool = False
    """Whether what the event tells was known."""
    advanced: bool = False
    """Whether the event is evidence that counts, and is not enough yet."""

    @property
    def ignored(self) -> bool:
        """Whether the event does not concern what completes its lesson."""
        return self == _IGNORED


_IGNORED = StepOutcome()
_REPEATED = StepOutcome(repeated=True)


def step(
    outlines: Outlines,
    member: CourseMember,
    state: State | None,
    event: Event,
    *,
    recorded_at: datetime | None = None,
    remember_events: int = 100,
) -> tuple[State | None, StepOutcome]:
    """The state after `event`, and what the event did. O(lessons completed by the member).

    `state` is None at first. `recorded_at` is the host's own time, as for ``Tracker.record``. At
    most `remember_events` of the member's events are remembered by their `event_id`. EventConflict
    for an `event_id` with another body, InvalidValue for another member's event or what is no
    state; `state` itself never changes.
    """
    room = as_int("remember_events", remember_events, low=0, high=MAX_ID)
    if event.member_id != member.id:
        raise InvalidValue.of("event", event, f"an event of member {member.id}")
    at = judged_at(event, None if recorded_at is None else as_instant("recorded_at", recorded_at))
    known = KeyedState.read(state)
    if known.repeats(event):
        return state, _REPEATED
    found = outlines.by_lesson.get(event.lesson_id)
    if found is None:
        refused = unknown_refusals(event.lesson_id, member.id, None, member, at)
    else:
        lesson = found.lesson(event.lesson_id)
        refused = refusals(found, lesson, member, known.completed, at)
    if refused or found is None:
        return state, StepOutcome(refused=refused)
    if not concerns(lesson, event):
        return state, _IGNORED
    if lesson.id in known.completed:
        return known.remembering(event, room).written(), _REPEATED
    decision = decide(lesson, event, known.of_lesson(lesson.id, outlines.kinds))
    if decision.since is None and not decision.evidence:
        return state, _REPEATED
    known = known.remembering(event, room).with_evidence(each.after for each in decision.evidence)
    if decision.since is None:
        return known.written(), StepOutcome(advanced=True) if decision.adds else _REPEATED
    known = known.completing(lesson.id, known.given + 1)
    record = CompletedLesson(
        id=id_of(member.id, known.given),
        lesson_id=lesson.id,
        member_id=member.id,
        created_on=decision.since,
        updated_on=decision.since if recorded_at is None else recorded_at,
    )
    return known.written(), StepOutcome(completed=record)


def states_of(snapshot: Mapping[str, Any]) -> dict[int, State]:
    """The state of each member of whom something is known, from a tracker's snapshot. O(facts).

    This is how a keyed stream takes over from a tracker whose ids go by member.
    """
    states: dict[int, KeyedState] = {}
    given = snapshot["given_ids"]
    for member_id, serial in zip(given["member_id"], given["given"], strict=True):
        states[member_id] = KeyedState(given=serial)
    for member_id, lesson_id in _completed(snapshot):
        known = states.get(member_id, KeyedState())
        states[member_id] = attrs.evolve(known, completed=(*known.completed, lesson_id))
    for kind, facts in snapshot["evidence"].items():
        for plain in facts:
            known = states.get(plain["member_id"], KeyedState())
            if plain["lesson_id"] not in known.completed:
                evidence = (*known.evidence, (kind, plain))
                states[plain["member_id"]] = attrs.evolve(known, evidence=evidence)
    for fact in snapshot["RememberedEvent"]:
        event = read_event(fact["event"], "snapshot.RememberedEvent")
        known = states.get(event.member_id, KeyedState())
        remembered = (*known.remembered, event.to_plain())
        states[event.member_id] = attrs.evolve(known, remembered=remembered)
    return {
        member_id: attrs.evolve(
            known,
            completed=tuple(sorted(known.completed)),
            evidence=tuple(sorted(known.evidence, key=place_of)),
        ).written()
        for member_id, known in states.items()
    }


def _completed(snapshot: Mapping[str, Any]) -> Iterator[tuple[int, int]]:
    columns = snapshot["completed_lessons"]
    yield from zip(columns["member_id"], columns["lesson_id"], strict=True)
    for record in snapshot["CompletedLesson"]:
        yield record["member_id"], record["lesson_id"]
