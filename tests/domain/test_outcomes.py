"""What a call did: outcomes and tallies as values."""

import json
import pickle
from datetime import UTC, datetime
from itertools import pairwise

import attrs
import pytest

from coursetrack import rules_text
from coursetrack.domain.changes import Change
from coursetrack.domain.criteria.criterion import Criterion
from coursetrack.domain.entities import CompletedLesson, Course
from coursetrack.domain.events import PageVisit
from coursetrack.domain.evidence import Added, FirstVisit
from coursetrack.domain.kinds import CRITERION_KINDS, EVIDENCE_KINDS, KINDS, kinds_with
from coursetrack.domain.outcomes import (
    CAME,
    IGNORED,
    REPEATED,
    Completion,
    MemoryLog,
    MetSince,
    Outcome,
    RefusedEvent,
    RowsAndEdits,
    Tally,
)
from coursetrack.domain.refusals import Refusal, RefusalCode
from coursetrack.domain.reprs import short_repr
from coursetrack.domain.rows import in_sequence, record_of, row_of
from coursetrack.errors import InvalidValue, NotCompleted, SequenceGap, SequenceRepeat

AT, LATER = datetime(2025, 1, 1, tzinfo=UTC), datetime(2025, 1, 2, tzinfo=UTC)
COURSE, RENAMED = Course(id=1, title="Old"), Course(id=1, title="New")
BLOCKED = Refusal(code=RefusalCode.BLOCKED, member_id=7)
LATE = Refusal(code=RefusalCode.BEFORE_ENROLMENT, member_id=7, opens_at=LATER)


def test_a_row_stands_for_a_record_as_an_event_makes_it() -> None:
    for row in ((1, 10, 7, AT), (1, 10, 7, AT, LATER)):
        assert row_of(record_of(row)) == row
    assert record_of((1, 10, 7, AT)).updated_on == AT
    assert record_of((1, 10, 7, AT, LATER)).updated_on == LATER
    told = {"id": 1, "lesson_id": 10, "member_id": 7, "created_on": AT}
    for other in (
        {"lesson_id": 0},
        {"member_id": 0},
        {"updated_by": "ada"},
        {"system_id": "s"},
        {"custom_fields": {}},
        {"localization_details": []},
        {"to_string_text": ""},
        {"unique_id": "00000000-0000-4000-8000-000000000000"},
    ):
        assert row_of(CompletedLesson(**{**told, **other})) is None


def test_changes_are_numbered_after_the_version() -> None:
    outcome = Outcome(41, ((None, COURSE), (COURSE, RENAMED), (1, 10, 7, AT)))
    assert [each.sequence for each in outcome.changes] == [42, 43, 44]
    assert [each.before for each in outcome.changes] == [None, COURSE, None]
    assert outcome.completed == outcome.require_completed() == record_of((1, 10, 7, AT))
    assert outcome == Outcome(41, ((None, COURSE), (COURSE, RENAMED), (1, 10, 7, AT)))
    assert hash(outcome) == hash(pickle.loads(pickle.dumps(outcome)))
    assert outcome != Outcome(40, ((None, COURSE), (COURSE, RENAMED), (1, 10, 7, AT)))
    assert outcome != 5


def test_the_last_completed_lesson_of_an_outcome_is_what_it_completed() -> None:
    rows = (1, 10, 7, AT), (2, 11, 7, AT)
    assert Outcome(0, rows).completed == record_of(rows[1])
    assert Outcome(0, (*rows, (COURSE, None))).completed == record_of(rows[1])
    assert Outcome(0, ((record_of(rows[0]), None),)).completed is None


def test_what_came_of_an_event() -> None:
    visit = FirstVisit(member_id=7, lesson_id=10, at=AT)
    told: dict[str, Outcome] = {
        "completed": Completion(0, (1, 10, 7, AT)),
        "advanced": Outcome(0, (Added(None, visit, visit),)),
        "repeated": REPEATED,
        "refused": Outcome(refused=(BLOCKED,)),
        "ignored": IGNORED,
    }
    for name, outcome in told.items():
        found = {each for each in told if getattr(outcome, each) not in (None, (), False)}
        assert found == {name}
    assert not told["advanced"].as_repeated().advanced
    assert told["advanced"].as_repeated().repeated
    assert told["advanced"].as_repeated().changes == told["advanced"].changes
    assert not Outcome(0, (Added(None, visit, visit), (1, 10, 7, AT))).advanced
    assert not Outcome(0, ((visit, None),)).advanced


@pytest.mark.parametrize(
    ("outcome", "why"),
    [
        (Outcome(refused=(BLOCKED, LATE)), f"{BLOCKED}; {LATE}"),
        (REPEATED, "completed before, or the event recorded"),
        (IGNORED, "does not complete the lesson"),
        (Outcome(0, ((None, COURSE),)), "that was not asked"),
    ],
)
def test_an_outcome_says_why_nothing_was_completed(outcome: Outcome, why: str) -> None:
    with pytest.raises(NotCompleted) as caught:
        outcome.require_completed()
    assert str(caught.value).endswith(why)
    assert caught.value.value is outcome


def test_an_outcome_is_immutable() -> None:
    for outcome in (IGNORED, Completion(0, (1, 10, 7, AT))):
        with pytest.raises(AttributeError, match="immutable"):
            outcome.version = 5  # type: ignore[attr-defined]
        with pytest.raises(AttributeError):
            del outcome._told
    completion = Completion(3, (1, 10, 7, AT))
    assert completion.changes == (Change(sequence=4, after=record_of((1, 10, 7, AT))),)
    assert pickle.loads(pickle.dumps(completion)) == completion
    assert repr(completion).endswith("refused=(), repeated=False, changes=1)")


def tally() -> Tally:
    """Counts of which no two are alike."""
    first, second = (
        PageVisit(member_id=7, lesson_id=10, at=AT, event_id=each) for each in ("old", "new")
    )
    memory = MemoryLog((second,), 5, (first,), (4,), 0)
    assert memory.changes == 2
    log = [CAME, attrs.evolve(second, event_id=None), MetSince(11, 7, LATER), (None, COURSE)]
    return Tally(
        completed=2,
        advanced=3,
        repeated=5,
        refusals=(RefusedEvent(0, (BLOCKED, LATE)), RefusedEvent(9, (BLOCKED,))),
        ignored_at=[1, 2, 4, 6, 7, 8, 11],
        version=20,
        log=RowsAndEdits((1, 3), log, LATER, memory),
    )


def test_a_tally_counts_each_event_once() -> None:
    told = tally()
    assert (told.ignored, told.refused_events, told.events) == (7, 2, 2 + 3 + 5 + 7 + 2)
    assert told.ignored_at == (1, 2, 4, 6, 7, 8, 11)
    assert told.refused == {RefusalCode.BLOCKED: 2, RefusalCode.BEFORE_ENROLMENT: 1}
    assert repr(told) == "Tally(completed=2, advanced=3, repeated=5, ignored=7, refused_events=2)"


def test_a_tallys_changes_are_in_order() -> None:
    changes = tally().changes
    assert [each.sequence for each in changes] == [21, 22, 23, 24, 25]
    went, came, one, other, course = changes
    assert (went.after, came.before, went.before.place, came.after.place) == (None, None, 4, 5)
    assert one.after == record_of((1, 10, 7, AT, LATER))
    assert other.after == record_of((3, 11, 7, LATER, LATER))
    assert course.after == COURSE
    assert tally().plain_changes() == [each.to_dict() for each in changes]
    assert tally().json_changes() == [
        (each.sequence, json.dumps(each.to_dict())) for each in changes
    ]
    outcome = Outcome(41, ((None, COURSE), (1, 10, 7, AT), (2, 11, 7, AT, LATER)))
    assert outcome.plain_changes() == [each.to_dict() for each in outcome.changes]
    assert [each for each, _ in outcome.json_changes()] == [42, 43, 44]
    assert [json.loads(text) for _, text in outcome.json_changes()] == outcome.plain_changes()
    without = RowsAndEdits((1,), [PageVisit(member_id=7, lesson_id=10, at=AT)])
    assert list(without.entries()) == [(1, 10, 7, AT)]


def test_changes_follow_a_version_one_by_one() -> None:
    changes = [Change(sequence=n, after=Course(id=n, title="a")) for n in (3, 4)]
    assert list(in_sequence(changes, 2)) == [(None, each.after) for each in changes]
    with pytest.raises(SequenceGap, match="expected the change with sequence 2, got 3"):
        list(in_sequence(changes, 1))
    with pytest.raises(SequenceRepeat, match="expected the change with sequence 4, got 3"):
        list(in_sequence(changes, 3))
    with pytest.raises(InvalidValue, match="a Change"):
        list(in_sequence([5], 1))  # type: ignore[list-item]


def test_an_inverse_is_the_next_change_unless_it_is_numbered() -> None:
    change = Change(sequence=5, before=COURSE, after=RENAMED)
    assert change.inverse() == Change(sequence=6, before=RENAMED, after=COURSE)
    assert change.inverse(9).sequence == 9
    gone = Change(sequence=5, before=COURSE)
    assert (gone.fact, gone.kind, change.fact) == (COURSE, "Course", RENAMED)


class Seen(FirstVisit):
    """Evidence of a host's own."""


class Mine(Criterion):
    """A criterion of a host's own."""

    keeps = (Seen, FirstVisit)


def test_the_built_in_kinds_are_one_object_and_own_ones_are_added() -> None:
    assert kinds_with(()) is KINDS
    found = kinds_with((Mine, Mine))
    assert found.criteria == {**CRITERION_KINDS, "Mine": Mine}
    assert (found.own, KINDS.own) == ((Mine,), ())
    assert found.evidence == {**EVIDENCE_KINDS, "Seen": Seen}
    assert found.knows(Mine())
    assert not KINDS.knows(Mine())


def test_a_repr_spells_out_three_items_and_counts_more() -> None:
    from coursetrack.domain.entities import Coworker

    def told(*names: str) -> str:
        return short_repr(Coworker(id=1, full_name="Ada", team_names=names))

    assert told("a").endswith("team_names=('a',))")
    assert told("a", "b", "c").endswith("team_names=('a', 'b', 'c'))")
    assert told("a", "b", "c", "d").endswith("team_names=<4 items>)")


def test_the_rules_are_indented_and_fill_their_lines() -> None:
    lines = rules_text().splitlines()
    told = [each for each in lines if each and not each.startswith("Rule ")]
    assert all(each.startswith("    ") and each[4] != " " for each in told)
    assert max(map(len, lines)) <= 80
    within = [(one, two) for one, two in pairwise(lines) if one[:4] == two[:4] == "    "]
    assert len(within) > len(told) / 2
    # A line ends where the next word would pass the 80th character, or its paragraph ends.
    assert all(len(one) + 1 + len(two.split()[0]) > 80 or one[-1] in ".)" for one, two in within)


@pytest.mark.parametrize("room", [-1, 0, 1, 3])
def test_one_that_came_finds_room_or_the_oldest_go_for_it(room):
    """With room for one: (+ A), (- X, + B), (- Y, + C)."""
    came = [PageVisit(member_id=7, lesson_id=n, at=AT, event_id=f"c{n}") for n in range(1, 5)]
    went = [
        PageVisit(member_id=7, lesson_id=n, at=AT, event_id=f"w{n}") for n in range(1, 5 - room)
    ]
    log = MemoryLog(came, 11, went, range(1, 5 - room), room)
    edits = [[(x and x.place, y and y.place) for x, y in each] for each in log.edits()]
    gone = [max(0, 1 - max(0, room - n)) for n in range(4)]
    gone[0] += max(0, -room)
    assert [len(each) - 1 for each in edits] == gone
    assert [each[-1] for each in edits] == [(None, 11 + n) for n in range(4)]
    assert [x for each in edits for x in each[:-1]] == [(n, None) for n in range(1, 5 - room)]


def test_the_first_that_is_remembered_has_place_one():
    event = PageVisit(member_id=7, lesson_id=10, at=AT, event_id="a")
    assert next(MemoryLog([event], room=1).edits())[0][1].place == 1


@pytest.mark.parametrize(
    "change",
    [
        Change(sequence=1, before=None, after=COURSE),
        Change(sequence=2, before=COURSE, after=RENAMED),
        Change(sequence=3, before=RENAMED, after=None),
    ],
)
def test_a_change_comes_back_from_its_plain_form(change):
    assert Change.from_dict(json.loads(json.dumps(change.to_dict()))) == change
