"""Entities by hand: what may come, change and go, by which name it is refused, and what follows."""

import copy
import pickle
from datetime import timedelta

import attrs
import pytest

from coursetrack import (
    CompletedLesson,
    Course,
    CourseMember,
    CoursetrackError,
    Coworker,
    DuplicateCompletion,
    DuplicateId,
    EventConflict,
    IdsExhausted,
    InvalidValue,
    Lesson,
    MissingEntity,
    MissingReference,
    NotCompleted,
    PageVisit,
    RefusalCode,
    Section,
    StillReferenced,
    Tracker,
    VideoProgress,
)
from tests.tracker.scripts import START, academy

LATER = START + timedelta(days=1)


def refused(error: type[CoursetrackError], message: str, call: str, *args: object, **named: object):
    """Asserts that the call is refused by this error and that nothing has changed."""
    tracker = academy()
    tracker.record(PageVisit(member_id=1, lesson_id=1, at=START))
    before, version = tracker.snapshot(), tracker.version
    with pytest.raises(error, match=message):
        getattr(tracker, call)(*args, **named)
    assert tracker.snapshot() == before
    assert tracker.version == version
    tracker.check()


def test_an_id_or_unique_id_that_is_taken() -> None:
    refused(DuplicateId, "course 1 is there already", "add", Course(id=1, title="Again"))
    taken = academy().lesson(2).unique_id
    lesson = Lesson(id=9, course_id=1, title="New", unique_id=taken)
    refused(DuplicateId, "is that of id 2", "add", lesson)
    refused(DuplicateId, "is that of id 2", "replace", attrs.evolve(lesson, id=3))
    record = CompletedLesson(id=1, lesson_id=2, member_id=2, created_on=START)
    refused(DuplicateId, "completed lesson 1 is there", "add", record)


def test_a_reference_to_what_is_not_there() -> None:
    refused(MissingReference, "no such Course", "add", Section(id=9, course_id=9, title="New"))
    refused(MissingReference, "course_id is 9", "add", Lesson(id=9, course_id=9, title="New"))
    lesson = Lesson(id=9, course_id=2, section_id=1, title="New")
    refused(MissingReference, "course 2 has no section 1", "add", lesson)
    member = CourseMember(id=9, course_id=1, coworker_id=9, created_on=START)
    refused(MissingReference, "no such Coworker", "add", member)
    refused(MissingReference, "no Lesson 9", "complete", lesson_id=9, member_id=1, at=START)
    refused(MissingReference, "no CourseMember 9", "complete", lesson_id=2, member_id=9, at=START)
    refused(MissingReference, "no Lesson 9", "update_completed", id=1, lesson_id=9, at=START)


def test_a_pair_is_completed_once() -> None:
    refused(DuplicateCompletion, "already", "complete", lesson_id=1, member_id=1, at=START)
    record = CompletedLesson(id=5, lesson_id=1, member_id=1, created_on=START)
    refused(DuplicateCompletion, "already", "add", record)


def test_what_others_refer_to_stays() -> None:
    refused(StillReferenced, "course 1 cannot go", "remove", Course(id=1, title=""))
    refused(StillReferenced, "section_id of 1 Lesson, the first", "remove", academy().section(1))
    refused(StillReferenced, "coworker 1 cannot go", "remove", academy().coworker(1))
    moved = attrs.evolve(academy().section(1), course_id=2)
    refused(StillReferenced, "cannot move to course 2", "replace", moved)


def test_what_is_not_there_cannot_be_named() -> None:
    refused(MissingEntity, "no coworker 9", "replace", Coworker(id=9, full_name="Nobody"))
    refused(MissingEntity, "no lesson 9", "remove", Lesson(id=9, course_id=1, title=""))
    refused(MissingEntity, "no completed lesson 9", "delete_completed", id=9)
    refused(MissingEntity, "no completed lesson 9", "update_completed", id=9, at=START)
    for question in ("course", "section", "lesson", "coworker", "member"):
        refused(MissingEntity, "id 9", question, 9)
    refused(MissingEntity, "CourseMember", "progress", member_id=9)
    refused(MissingEntity, "Course", "course_progress", course_id=9)
    refused(MissingEntity, "Lesson", "explain", lesson_id=9, member_id=1, at=START)


def test_values_of_the_wrong_kind_are_named() -> None:
    refused(InvalidValue, "entity: expected one of Course", "add", "a course")
    refused(InvalidValue, "entities: expected an iterable", "add_all", 5)
    refused(InvalidValue, "events: expected an iterable", "record_many", 5)
    refused(InvalidValue, "changes: expected an iterable", "replay", 5)
    refused(InvalidValue, "event: expected a PageVisit", "record", "a visit")
    refused(InvalidValue, "event: expected a PageVisit", "record_many", [None])
    refused(InvalidValue, "lesson_id", "complete", lesson_id=0, member_id=1, at=START)
    refused(InvalidValue, "at", "complete", lesson_id=2, member_id=1, at="now")
    refused(InvalidValue, "at", "open_lessons", member_id=1, at=START.replace(tzinfo=None))
    refused(InvalidValue, "member_id|id", "progress", member_id=True)
    for name in ("first_id", "id_step", "remember_events", "remember_answers"):
        with pytest.raises(InvalidValue, match=name):
            Tracker(**{name: -1})


def test_an_event_id_means_one_event() -> None:
    tracker = academy()
    event = PageVisit(member_id=1, lesson_id=1, at=START, event_id="e")
    other = attrs.evolve(event, at=LATER)
    assert tracker.record(event).completed is not None
    again = tracker.record(event)
    assert (again.repeated, again.changes) == (True, ())
    before = tracker.snapshot()
    with pytest.raises(EventConflict, match="another body"):
        tracker.record(other)
    with pytest.raises(EventConflict):
        tracker.record_many([PageVisit(member_id=2, lesson_id=1, at=START), other])
    assert tracker.snapshot() == before
    tracker.check()


def test_a_bulk_that_fails_takes_everything_back() -> None:
    tracker = academy()
    before = tracker.snapshot()
    events = [
        PageVisit(member_id=1, lesson_id=1, at=START),
        PageVisit(member_id=2, lesson_id=1, at=START, event_id="e"),
        VideoProgress(member_id=1, lesson_id=3, at=START, start=0, end=1, duration=2),
        None,
    ]
    with pytest.raises(InvalidValue):
        tracker.record_many(events)
    assert tracker.snapshot() == before
    tracker.check()
    assert tracker.record(events[0]).completed.id == 1


def test_what_a_generator_does_happens_before_the_bulk() -> None:
    tracker = academy()

    def events():
        tracker.record(PageVisit(member_id=1, lesson_id=1, at=START))
        yield PageVisit(member_id=2, lesson_id=1, at=START)

    tally = tracker.record_many(events())
    tracker.check()
    assert [record.id for record in tracker.completed_lessons] == [1, 2]
    assert tally.changes[0].sequence == tracker.version


def test_a_lesson_takes_its_completions_and_evidence_along() -> None:
    tracker = academy()
    tracker.record(PageVisit(member_id=1, lesson_id=1, at=START))
    tracker.complete(lesson_id=3, member_id=2, at=START)
    tracker.record(VideoProgress(member_id=1, lesson_id=3, at=START, start=0, end=1, duration=2))
    changes = tracker.remove(tracker.lesson(3)).changes
    assert [change.kind for change in changes] == ["CompletedLesson", "Watched", "Lesson"]
    assert [record.lesson_id for record in tracker.completed_lessons] == [1]
    changes = tracker.remove(tracker.member(1)).changes
    assert [change.kind for change in changes] == ["CompletedLesson", "CourseMember"]
    tracker.check()


def test_a_lesson_or_member_with_completions_cannot_move_to_another_course() -> None:
    tracker = academy()
    tracker.record(PageVisit(member_id=1, lesson_id=1, at=START))
    tracker.complete(lesson_id=1, member_id=2, at=START)
    tracker.complete(lesson_id=2, member_id=3, at=START)  # of another course
    before = tracker.snapshot()
    for entity, many in (
        (tracker.lesson(1), 2),
        (tracker.lesson(2), 1),
        (tracker.member(1), 1),
        (tracker.member(3), 1),
    ):
        moved = attrs.evolve(entity, course_id=3 - entity.course_id)
        with pytest.raises(StillReferenced, match=f"cannot move .* it has {many} completed"):
            tracker.replace(moved)
        with pytest.raises(StillReferenced, match="cannot move"):
            tracker.what_if(replace=[moved])
        tracker.replace(attrs.evolve(entity, **STAYS[type(entity)]))
        tracker.replace(entity)
    tracker.check()
    assert tracker.snapshot() | {"version": 0} == before | {"version": 0}


STAYS = {Lesson: {"active": False, "display_order": 9}, CourseMember: {"coworker_id": 2}}


def test_without_completions_they_move_whatever_was_watched() -> None:
    tracker = academy()
    tracker.record(VideoProgress(member_id=1, lesson_id=3, at=START, start=0, end=1, duration=2))
    tracker.record(PageVisit(member_id=1, lesson_id=1, at=START))
    tracker.delete_completed(id=1)
    for entity in (tracker.lesson(1), tracker.lesson(3), tracker.member(1)):
        tracker.replace(attrs.evolve(entity, course_id=2))
        tracker.check()
    assert tracker.record(PageVisit(member_id=1, lesson_id=1, at=START)).completed


def test_a_change_of_rules_counts_from_the_next_event_on() -> None:
    tracker = academy()
    visit = PageVisit(member_id=1, lesson_id=1, at=START)
    tracker.record_many([attrs.evolve(visit, member_id=2)])
    tracker.replace(attrs.evolve(tracker.lesson(1), active=False))
    assert tracker.record(visit).refused[0].code is RefusalCode.LESSON_INACTIVE
    tracker.replace(attrs.evolve(tracker.lesson(1), active=True))
    tracker.replace(attrs.evolve(tracker.member(1), blocked=True))
    assert tracker.record_many([visit]).refused == {RefusalCode.BLOCKED: 1}
    tracker.replace(attrs.evolve(tracker.member(1), blocked=False))
    assert tracker.record(visit).completed is not None


def test_ids_go_by_steps_and_are_never_given_twice() -> None:
    tracker = academy(Tracker(first_id=2, id_step=3))
    first = tracker.complete(lesson_id=1, member_id=1, at=START).completed
    tracker.delete_completed(id=first.id)
    tally = tracker.record_many([PageVisit(member_id=2, lesson_id=1, at=START)])
    assert [first.id, tally.changes[0].fact.id] == [2, 5]
    tracker.add(CompletedLesson(id=11, lesson_id=2, member_id=1, created_on=START))
    tracker.add(CompletedLesson(id=99, lesson_id=2, member_id=2, created_on=START))
    assert tracker.complete(lesson_id=3, member_id=1, at=START).completed.id == 14


def test_ids_end() -> None:
    tracker = academy(Tracker(first_id=2**63 - 1))
    event = PageVisit(member_id=1, lesson_id=1, at=START)
    before = tracker.snapshot()
    with pytest.raises(IdsExhausted):
        tracker.record_many([event, attrs.evolve(event, member_id=2)])
    assert tracker.snapshot() == before
    assert tracker.record(event).completed.id == 2**63 - 1
    for call in (
        lambda: tracker.record(attrs.evolve(event, member_id=2)),
        lambda: tracker.record(attrs.evolve(event, member_id=2, event_id="e")),
        lambda: tracker.complete(lesson_id=2, member_id=2, at=START),
    ):
        with pytest.raises(IdsExhausted):
            call()
    tracker.check()


def test_what_is_updated_by_hand() -> None:
    tracker = academy()
    created = tracker.complete(lesson_id=1, member_id=1, at=START, by="ada").completed
    updated = tracker.update_completed(id=created.id, lesson_id=2, at=LATER, by="bea").completed
    assert updated == attrs.evolve(created, lesson_id=2, updated_on=LATER, updated_by="bea")
    assert tracker.completed_lessons.get(created.id) == updated
    assert tracker.completed_lessons.get_pair(1, 1) is None
    outcome = tracker.delete_completed(id=created.id)
    assert outcome.changes[0].before == updated
    assert len(tracker.completed_lessons) == 0


def test_outcomes_and_tallies_are_values() -> None:
    tracker, other = academy(), academy()
    visit = PageVisit(member_id=1, lesson_id=1, at=START)
    one, same = tracker.record(visit), other.record(visit)
    assert one == same
    assert hash(one) == hash(same)
    assert one != tracker.record(visit)
    assert pickle.loads(pickle.dumps(one)) == one == copy.deepcopy(one)
    with pytest.raises(AttributeError, match="immutable"):
        one.refused = ()
    tally = tracker.record_many([attrs.evolve(visit, member_id=9)])
    assert pickle.loads(pickle.dumps(tally)).refused == {RefusalCode.UNKNOWN_MEMBER: 1}
    assert "completed" in repr(one)


def test_trackers_compare_by_facts_and_do_not_hash() -> None:
    tracker, other = academy(), academy()
    assert tracker == other
    other.add(Course(id=9, title="Nine"))
    assert tracker != other
    other.remove(Course(id=9, title="Nine"))
    assert tracker == other
    assert tracker.version != other.version
    assert tracker != "a tracker"
    with pytest.raises(TypeError):
        hash(tracker)


def test_what_a_course_has_is_listed_in_reading_order_and_members_by_id():
    tracker = Tracker()
    tracker.add_all([Course(id=1, title="One"), Course(id=2, title="Other")])
    tracker.add_all(
        Section(id=id_, course_id=1, title="Week", display_order=order)
        for id_, order in ((5, 2), (6, 1))
    )
    tracker.add_all(
        Lesson(id=id_, course_id=1, title="Lesson", section_id=section_id)
        for id_, section_id in ((10, 5), (11, 6), (12, None))
    )
    tracker.add(Coworker(id=1, full_name="Ada"))
    tracker.add_all(
        CourseMember(id=id_, course_id=course_id, coworker_id=1, created_on=START)
        for id_, course_id in ((9, 1), (7, 1), (8, 2))
    )
    assert [each.id for each in tracker.lessons(course_id=1)] == [12, 11, 10]
    assert [each.id for each in tracker.sections(course_id=1)] == [6, 5]
    assert [each.id for each in tracker.members(course_id=1)] == [7, 9]
    assert tracker.lessons(course_id=2) == tracker.sections(course_id=2) == ()
    for listed in (tracker.lessons, tracker.sections, tracker.members):
        with pytest.raises(MissingEntity, match="Course with id 3"):
            listed(course_id=3)


@pytest.mark.parametrize("kind", [Section, Lesson, CourseMember, CompletedLesson])
def test_what_is_removed_can_be_named_by_its_kind_and_id(kind):
    one, other = academy(), academy()
    for tracker in (one, other):
        tracker.add(CompletedLesson(id=1, lesson_id=1, member_id=1, created_on=START))
        tracker.remove(Lesson, 4)
    found = one.completed_lessons.get(1) if kind is CompletedLesson else None
    found = found or next(each for each in one.entities() if type(each) is kind and each.id == 1)
    assert one.remove(kind, 1) == other.remove(found)
    assert one == other
    with pytest.raises(MissingEntity):
        one.remove(kind, 1)


def test_a_kind_needs_an_id_and_an_entity_is_named_by_itself():
    refused(InvalidValue, "id: expected an integer", "remove", Lesson)
    refused(InvalidValue, "id: expected nothing", "remove", Lesson(**NEW), 4)
    refused(InvalidValue, "entity: expected one of .*Lesson", "remove", PageVisit, 4)
    refused(MissingEntity, "Lesson with id 9", "remove", Lesson, 9)
    refused(MissingEntity, "completed lesson 9", "remove", CompletedLesson, id=9)


NEW = {"id": 5, "course_id": 1, "title": "New"}


def test_an_outcome_gives_its_completed_lesson_or_says_why_there_is_none():
    tracker = academy()
    visit = PageVisit(member_id=1, lesson_id=1, at=START)
    assert tracker.record(visit).require_completed() == tracker.completed_lessons.get(1)
    for event, told in (
        (visit, "completed before"),
        (attrs.evolve(visit, lesson_id=2), "does not complete"),
        (attrs.evolve(visit, lesson_id=9), "no lesson 9"),
    ):
        with pytest.raises(NotCompleted, match=told):
            tracker.record(event).require_completed()
