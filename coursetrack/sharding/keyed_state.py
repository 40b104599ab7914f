"""What a stream engine keeps of one member: a small plain value, and the same taken apart.

The value is a tuple of numbers and texts that any serialiser takes. Lessons of a course have ids
in a row mostly, so their distances take half the bytes of the ids::

    (1,                               the layout's version
     3,                               how many ids the member was given
     (10, 1, 1),                      completed lessons 10, 11 and 12, by their distances
     (("Watched", {...}),),           evidence for others
     (("PageVisit", 7, 10, 1736496000000000, "e-1"),))     events remembered by their event_id
"""

from collections.abc import Iterable
from itertools import accumulate
from operator import sub
from typing import Any, TypeAlias

import attrs

from coursetrack.domain.criteria.criterion import EvidenceByKind
from coursetrack.domain.events import Event
from coursetrack.domain.kinds import Kinds
from coursetrack.domain.plain import Plain, plain_fact, read_fact
from coursetrack.errors import EventConflict, InvalidValue, shown

STATE_VERSION = 1

State: TypeAlias = tuple[Any, ...]
"""A member's state: see the module's text. None stands for a member of whom nothing is known."""


@attrs.frozen
class KeyedState:
    """A state taken apart."""

    given: int = 0
    completed: tuple[int, ...] = ()
    evidence: tuple[tuple[str, Plain], ...] = ()
    remembered: tuple[State, ...] = ()

    @classmethod
    def read(cls, state: State | None) -> "KeyedState":
        """Takes a state apart; InvalidValue where it is none."""
        if state is None:
            return cls()
        if not isinstance(state, tuple | list) or not state or state[0] != STATE_VERSION:
            expected = f"a member's state of layout {STATE_VERSION}, or None"
            raise InvalidValue.of("state", state, expected)
        _, given, *parts = state
        completed, evidence, remembered = map(tuple, parts)
        lessons = tuple(accumulate(completed))
        return cls(given, lessons, evidence, tuple(map(tuple, remembered)))

    def written(self) -> State:
        """The plain value."""
        distances = tuple(map(sub, self.completed, (0, *self.completed)))
        return STATE_VERSION, self.given, distances, self.evidence, self.remembered

    def repeats(self, event: Event) -> bool:
        """Whether the event is remembered; EventConflict where its id was another event's."""
        if event.event_id is None:
            return False
        for plain in self.remembered:
            if plain[4] == event.event_id:
                if plain != event.to_plain():
                    raise EventConflict(
                        f"event_id {shown(event.event_id)} was seen before with another body: "
                        f"{plain!r}; expected the same body or a new id",
                        value=event,
                    )
                return True
        return False

    def remembering(self, event: Event, room: int) -> "KeyedState":
        """With the event among the last `room` that are remembered by their `event_id`."""
        if event.event_id is None or not room:
            return self
        return attrs.evolve(self, remembered=(*self.remembered, event.to_plain())[-room:])

    def of_lesson(self, lesson_id: int, kinds: Kinds) -> EvidenceByKind:
        """The evidence of a lesson."""
        facts = (
            read_fact(kind, plain, "state.evidence", kinds)
            for kind, plain in self.evidence
            if plain["lesson_id"] == lesson_id
        )
        return {type(fact): fact for fact in facts}  # type: ignore[misc]

    def with_evidence(self, facts: Iterable[Any]) -> "KeyedState":
        """With these in the place of the evidence of their kinds and lessons."""
        told = {place_of(each): each for each in self.evidence}
        for fact in facts:
            each = (type(fact).__name__, plain_fact(fact))
            told[place_of(each)] = each
        return attrs.evolve(self, evidence=tuple(told[place] for place in sorted(told)))

    def completing(self, lesson_id: int, given: int) -> "KeyedState":
        """With the lesson completed, and so many ids given."""
        # What was watched of a completed lesson is asked for by nothing, and let go.
        kept = tuple(each for each in self.evidence if each[1]["lesson_id"] != lesson_id)
        completed = tuple(sorted((*self.completed, lesson_id)))
        return attrs.evolve(self, given=given, completed=completed, evidence=kept)

    def without(self, lesson_id: int) -> "KeyedState":
        """With the lesson, which is completed, completed no more."""
        place = self.completed.index(lesson_id)
        return attrs.evolve(self, completed=self.completed[:place] + self.completed[place + 1 :])


def place_of(evidence: tuple[str, Plain]) -> tuple[int, str]:
    """Where evidence stands among the rest: by lesson, then by kind."""
    return evidence[1]["lesson_id"], evidence[0]
