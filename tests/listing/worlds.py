"""A table and live names that change together, for the tests of indexes."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from coursetrack.domain.entities import CompletedLesson, CourseMember, Coworker, Lesson
from coursetrack.domain.values import instant
from coursetrack.listing.dimensions import Dimension, Editors, Labels, LiveNames, Systems
from coursetrack.listing.indexes import EVERYTHING
from coursetrack.listing.table import Table
from tests.listing.rows import row

AT = datetime(2025, 1, 1, tzinfo=UTC)
NAMES = ("Ada", "ADA", "Bo", "Zoë")

WRITE = (
    st.tuples(st.just("complete"), st.integers(1, 4), st.integers(1, 5), st.integers(0, 9))
    | st.tuples(st.just("complete many"), st.integers(1, 4), st.integers(1, 5), st.integers(0, 9))
    | st.tuples(st.just("change"), st.integers(0, 99), st.integers(1, 4), st.integers(0, 9))
    | st.tuples(st.just("delete"), st.integers(0, 99), st.just(0), st.just(0))
    | st.tuples(st.just("rename lesson"), st.integers(1, 4), st.integers(0, 3), st.just(0))
    | st.tuples(st.just("rename coworker"), st.integers(1, 3), st.integers(0, 3), st.integers(0, 3))
    | st.tuples(st.just("move member"), st.integers(1, 5), st.integers(1, 3), st.just(0))
)
WRITES = st.lists(WRITE, max_size=14)


class Changing:
    """Five members of three coworkers, four lessons, and what is written to their table."""

    def __init__(self) -> None:
        self.table = Table()
        self.names = LiveNames()
        self.records: dict[int, tuple[int, int, int]] = {}  # id -> lesson, member, created
        self.titles = dict.fromkeys(range(1, 5), "Ada")
        self.shown: dict[int, tuple[str, str | None, tuple[str, ...]]] = {}
        self.coworker_of: dict[int, int] = {}
        self.next_id = 1
        for id_ in range(1, 5):
            self.rename_lesson(id_, id_ % 4, 0)
        for id_ in range(1, 4):
            self.rename_coworker(id_, id_, id_ % 3)
        for id_ in range(1, 6):
            self.move_member(id_, 1 + id_ % 3, 0)

    def write(self, name: str, *numbers: int) -> None:
        """One write by its name."""
        getattr(self, name.replace(" ", "_"))(*numbers)

    def complete(self, lesson_id: int, member_id: int, created: int) -> None:
        self.table.append(self._new(lesson_id, member_id, created))
        self.table.flush()

    def complete_many(self, lesson_id: int, member_id: int, created: int) -> None:
        numbers = range(9)
        self.table.extend(
            [self._new(1 + (lesson_id + n) % 4, 1 + (member_id + n) % 5, created) for n in numbers]
        )

    def _new(self, lesson_id: int, member_id: int, created: int) -> Any:
        id_, self.next_id = self.next_id, self.next_id + 1
        self.records[id_] = lesson_id, member_id, created
        return row(id_, created, lesson_id, member_id)

    def change(self, place: int, lesson_id: int, created: int) -> None:
        if self.records:
            id_ = [*self.records][place % len(self.records)]
            self.records[id_] = lesson_id, self.records[id_][1], created
            self._put(id_)

    def delete(self, place: int, *_: int) -> None:
        if self.records:
            id_ = [*self.records][place % len(self.records)]
            del self.records[id_]
            self.table.put(None, replaced=self.table.row_of(id_))

    def _put(self, id_: int) -> None:
        lesson_id, member_id, created = self.records[id_]
        record = CompletedLesson(
            id=id_, lesson_id=lesson_id, member_id=member_id, created_on=instant(created)
        )
        self.table.put(record, replaced=self.table.row_of(id_))

    def rename_lesson(self, id_: int, name: int, _: int) -> None:
        self.titles[id_] = NAMES[name]
        self.names.put(None, Lesson(id=id_, course_id=1, title=NAMES[name]))

    def rename_coworker(self, id_: int, name: int, teams: int) -> None:
        company = None if teams == 3 else NAMES[teams]
        shown = NAMES[name % 4], company, NAMES[:teams]
        self.shown[id_] = shown
        self.names.put(
            None,
            Coworker(id=id_, full_name=shown[0], company_name=company, team_names=shown[2]),
        )

    def move_member(self, id_: int, coworker_id: int, _: int) -> None:
        self.coworker_of[id_] = coworker_id
        self.names.put(
            None, CourseMember(id=id_, course_id=1, coworker_id=coworker_id, created_on=AT)
        )

    # -- what is expected

    def labels(self, dimension: str, id_: int) -> Labels:
        """The labels that the record should have, worked out again from what was written."""
        lesson_id, member_id, _ = self.records[id_]
        full_name, company, teams = self.shown[self.coworker_of[member_id]]
        joined = ",".join(map(_folded, teams))
        return {
            EVERYTHING: (0,),
            "lesson_id": (lesson_id,),
            "member_id": (member_id,),
            "lesson_title": (f"={_folded(self.titles[lesson_id])}",),
            "full_name": (f"={_folded(full_name)}",),
            "company_name": ("" if company is None else f"={_folded(company)}",),
            "team_names": (f"={joined}" if teams else "",),
            "team_names/each": tuple({f"={_folded(each)}": 0 for each in teams}) or ("",),
            "updated_by": ("",),
            "system_id": ("",),
        }[dimension]

    def lists(self, dimension: str) -> dict[Any, list[int]]:
        """The ids under each label, ascending."""
        found: dict[Any, list[int]] = {}
        for id_ in sorted(self.records):
            for label in self.labels(dimension, id_):
                found.setdefault(label, []).append(id_)
        return found

    def dimensions(self) -> dict[str, Dimension]:
        """All dimensions, over this table and these names."""
        plain = (
            Dimension("lesson_id", "lessons"),
            Dimension("member_id", "members"),
            Dimension(EVERYTHING, None),
            Editors(self.table, accents=True),
            Systems(self.table, accents=True),
        )
        return {each.name: each for each in (*plain, *self.names.dimensions())}


def _folded(text: str) -> str:
    return {"Zoë": "zoe\u0308"}.get(text, text.lower())
