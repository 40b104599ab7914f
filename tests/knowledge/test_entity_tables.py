"""The entities by id: references, unique ids and outlines agree with them, or check finds it."""

from collections.abc import Callable

import attrs
import pytest

from coursetrack.domain.entities import Course, CourseMember, Coworker, Lesson, Section
from coursetrack.errors import CorruptStore, DuplicateId, MissingReference, StillReferenced
from coursetrack.knowledge.entity_tables import EntityTables, Listed
from coursetrack.knowledge.undo_log import UndoLog
from tests.domain.courses import START

COURSE, OTHER = Course(id=1, title="C"), Course(id=2, title="D")
SECTION = Section(id=1, course_id=1, title="S")
LESSON = Lesson(id=1, course_id=1, section_id=1, title="L")
COWORKER = Coworker(id=1, full_name="Ada")
MEMBER = CourseMember(id=1, course_id=1, coworker_id=1, created_on=START)
ALL = (COURSE, OTHER, SECTION, LESSON, COWORKER, MEMBER)


def made() -> EntityTables:
    tables = EntityTables()
    for entity in ALL:
        tables.require_coherent(None, entity)
        tables.put(UndoLog(), None, entity)
    return tables


def test_they_come_after_those_that_they_refer_to() -> None:
    seen: list[type[Listed]] = list(map(type, made()))
    assert seen.index(Course) < seen.index(Section) < seen.index(Lesson)
    assert seen.index(Coworker) < seen.index(CourseMember)


def test_who_refers_to_whom() -> None:
    tables = made()
    assert tables.ids(Lesson, "course_id", 1) == {1}
    assert tables.ids(Lesson, "course_id", 2) == frozenset()
    assert tables.of_course(CourseMember, 1) == (MEMBER,)
    assert tables.get(Lesson, 1) is LESSON
    assert tables.get(Lesson, 2) is None


@pytest.mark.parametrize(
    ("before", "after", "error"),
    [
        (None, attrs.evolve(LESSON, id=2, course_id=3, section_id=None), MissingReference),
        (None, attrs.evolve(LESSON, id=2, section_id=7), MissingReference),
        (LESSON, attrs.evolve(LESSON, course_id=2), MissingReference),
        (SECTION, attrs.evolve(SECTION, course_id=2), StillReferenced),
        (COURSE, None, StillReferenced),
        (COWORKER, None, StillReferenced),
        (SECTION, None, StillReferenced),
        (None, attrs.evolve(COWORKER, id=2, unique_id=COWORKER.unique_id), DuplicateId),
    ],
)
def test_what_is_not_coherent_is_refused(
    before: Listed | None, after: Listed | None, error: type[Exception]
) -> None:
    with pytest.raises(error):
        made().require_coherent(before, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (LESSON, None),
        (LESSON, attrs.evolve(LESSON, course_id=2, section_id=None)),
        (OTHER, None),
        (SECTION, attrs.evolve(SECTION, title="T")),
        (MEMBER, attrs.evolve(MEMBER, course_id=2)),
        (COWORKER, attrs.evolve(COWORKER, unique_id="6b1f0c46-3a1e-4d1b-9b1e-3a1e4d1b9b1e")),
    ],
)
def test_a_change_is_checked_and_comes_back(before: Listed, after: Listed | None) -> None:
    tables, undo_log = made(), UndoLog()
    outline = tables.outline(1)
    fork = tables.fork()
    tables.require_coherent(before, after)
    tables.put(undo_log, before, after)
    tables.check()
    assert before not in list(tables)
    assert after is None or after in list(tables)
    undo_log.roll_back()
    tables.check()
    assert list(tables) == list(made())
    assert tables.outline(1) == outline
    fork.check()
    assert list(fork) == list(made())


def test_a_fork_goes_its_own_way() -> None:
    tables = made()
    fork = tables.fork()
    second = attrs.evolve(LESSON, id=2, unique_id="")
    tables.put(UndoLog(), None, second)
    fork.put(UndoLog(), LESSON, None)
    assert tables.ids(Lesson, "section_id", 1) == {1, 2}
    assert fork.ids(Lesson, "section_id", 1) == frozenset()
    tables.check()
    fork.check()


def test_an_outline_is_kept_until_its_course_changes() -> None:
    tables = made()
    assert tables.outline(1) is tables.outline(1)
    before = tables.outline(1)
    tables.put(UndoLog(), SECTION, attrs.evolve(SECTION, active=False))
    assert tables.outline(1) != before
    tables.check()


CORRUPTIONS: dict[str, Callable[[EntityTables], object]] = {
    "an entity under another's id": lambda each: each._tables[Course].update({2: COURSE}),
    "a unique id that nobody has": lambda each: each._unique[Coworker].update({"x": 1}),
    "a unique id that is not known": lambda each: each._unique[Lesson].clear(),
    "a reference that nobody makes": lambda each: each._referrers[Lesson, "course_id"].update(
        {2: {1}}
    ),
    "a reference that is not known": lambda each: each._referrers[
        CourseMember, "coworker_id"
    ].clear(),
    "a stale outline": lambda each: each._outlines.update({2: each.outline(1)}),
    "the outline of no course": lambda each: each._outlines.update({3: each.outline(1)}),
}


@pytest.mark.parametrize("what", CORRUPTIONS)
def test_check_finds(what: str) -> None:
    tables = made()
    tables.check()
    CORRUPTIONS[what](tables)
    with pytest.raises(CorruptStore):
        tables.check()
