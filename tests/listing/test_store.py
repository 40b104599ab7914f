"""The store against a full scan, after any writes in any order."""

from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from coursetrack.domain.entities import CompletedLesson, CourseMember, Coworker, Lesson
from coursetrack.domain.values import derived_unique_id
from coursetrack.listing.fields import ORDERS
from coursetrack.listing.query import CompletedLessonQuery
from coursetrack.listing.store import Store
from tests.listing.naive import World, ids

START = datetime(2025, 1, 1, tzinfo=UTC)
NAMES = st.sampled_from(
    ["Ada", "ada ", "ADA L", "Zoë", "Zoe\u0308", "", "x,y", " , ", "Straße", "STRASSE", "a\nb"]
)
WANTED_TEXTS = st.one_of(
    NAMES, st.sampled_from(["a", "s", " ops", "ada , ops", "=", ",", "ops", "dev"])
)
TEAMS = st.lists(st.one_of(NAMES, st.sampled_from(["Ops", "DevOps", " Ops"])), max_size=3)
LESSON_IDS = st.integers(1, 5)
MEMBER_IDS = st.integers(1, 8)
COWORKER_IDS = st.integers(1, 5)
SECONDS = st.integers(0, 90)
INSTANTS = st.builds(
    lambda seconds, micro: START + timedelta(seconds=seconds, microseconds=micro),
    SECONDS,
    st.sampled_from([0, 0, 1, 999_999]),
)
FAR_INSTANTS = st.sampled_from(
    [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC), START]
)
UNIQUE_IDS = st.integers(1, 60).map(lambda id_: derived_unique_id("CompletedLesson", id_))
SYSTEM_IDS = st.sampled_from(["s1", "S1", "s2"])

QUERY_FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "lesson_id": LESSON_IDS,
    "member_id": MEMBER_IDS,
    "lesson_title": WANTED_TEXTS,
    "full_name": WANTED_TEXTS,
    "company_name": WANTED_TEXTS,
    "team_names": WANTED_TEXTS,
    "created_from": INSTANTS,
    "created_to": INSTANTS,
    "updated_from": INSTANTS,
    "updated_to": INSTANTS,
    "created_on": INSTANTS,
    "updated_on": INSTANTS,
    "id": st.integers(1, 60),
    "unique_id": UNIQUE_IDS,
    "system_id": SYSTEM_IDS,
}


@st.composite
def queries(draw: st.DrawFn) -> CompletedLessonQuery:
    """Up to three filters, any order, any page."""
    names = draw(st.lists(st.sampled_from(sorted(QUERY_FIELDS)), max_size=3, unique=True))
    return CompletedLessonQuery(
        **{name: draw(QUERY_FIELDS[name]) for name in names},
        order_by=draw(st.sampled_from(sorted(ORDERS))),
        direction=draw(st.sampled_from([1, -1])),
        page=draw(st.sampled_from([1, 1, 2, 3, 9])),
        size=draw(st.sampled_from([1, 2, 3, 7, 25])),
        text_match=draw(st.sampled_from(["contains", "contains", "exact"])),
    )


class StoreMachine(RuleBasedStateMachine):
    """Writes to a store and to plain dicts, and asks both."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.next_id = 1
        self.clock = 0
        self.asked: list[CompletedLessonQuery] = []

    @initialize(remembered=st.sampled_from([0, 2, 100]))
    def begin(self, remembered: int) -> None:
        self.store = Store(remember_answers=remembered)
        for id_ in range(1, 6):  # the tracker names all that a record refers to, before it does
            self.name_lesson(id_, "Ada")
            self.name_coworker(id_, "Ada", None, [])
        for id_ in range(1, 9):
            self.name_member(id_, 1 + id_ % 5)

    # -- names

    @rule(id_=LESSON_IDS, title=NAMES)
    def name_lesson(self, id_: int, title: str) -> None:
        after = Lesson(id=id_, course_id=1, title=title)
        self.store.put_named(self.world.lessons.get(id_), after)
        self.world.lessons[id_] = after

    @rule(id_=COWORKER_IDS, name=NAMES, company=st.none() | NAMES, teams=TEAMS)
    def name_coworker(self, id_: int, name: str, company: str | None, teams: list[str]) -> None:
        after = Coworker(id=id_, full_name=name, company_name=company, team_names=tuple(teams))
        self.store.put_named(self.world.coworkers.get(id_), after)
        self.world.coworkers[id_] = after

    @rule(id_=MEMBER_IDS, coworker_id=COWORKER_IDS)
    def name_member(self, id_: int, coworker_id: int) -> None:
        after = CourseMember(id=id_, course_id=1, coworker_id=coworker_id, created_on=START)
        self.store.put_named(self.world.members.get(id_), after)
        self.world.members[id_] = after

    @rule(id_=LESSON_IDS)
    def forget_lesson(self, id_: int) -> None:
        lesson = self.world.lessons.pop(id_, None)
        if lesson is not None:
            self.store.put_named(lesson, None)

    # -- records

    def _row(self, lesson_id: int, member_id: int, at: datetime) -> tuple[int, int, int, datetime]:
        id_, self.next_id = self.next_id, self.next_id + 1
        record = CompletedLesson(id=id_, lesson_id=lesson_id, member_id=member_id, created_on=at)
        self.world.records[id_] = record
        return id_, lesson_id, member_id, at

    @rule(
        pairs=st.lists(st.tuples(LESSON_IDS, MEMBER_IDS, st.integers(0, 2)), max_size=12),
        at_once=st.booleans(),
    )
    def complete_in_order(self, pairs: list[tuple[int, int, int]], at_once: bool) -> None:
        rows = []
        for lesson_id, member_id, later in pairs:
            self.clock += later
            rows.append(self._row(lesson_id, member_id, START + timedelta(seconds=self.clock)))
        if at_once:
            self.store.extend(rows)
        else:
            for row in rows:
                self.store.append(row)

    @rule(lesson_id=LESSON_IDS, member_id=MEMBER_IDS, at=INSTANTS | FAR_INSTANTS)
    def complete_whenever(self, lesson_id: int, member_id: int, at: datetime) -> None:
        self.store.append(self._row(lesson_id, member_id, at))

    @rule(query=queries(), rows=st.integers(1, 9))
    def complete_and_take_back(self, query: CompletedLessonQuery, rows: int) -> None:
        savepoint = self.store.savepoint()
        for id_ in range(self.next_id, self.next_id + rows):
            self.store.append((id_, 1, 1, START))
        self.store.find(query)
        self.store.roll_back_to(savepoint)

    @rule(data=st.data(), put_back=st.booleans())
    def remove(self, data: st.DataObject, put_back: bool) -> None:
        if self.world.records:
            id_ = data.draw(st.sampled_from(sorted(self.world.records)))
            record = self.world.records.pop(id_)
            self.store.put(record, None)
            if put_back:
                self.store.put(None, record)
                self.world.records[id_] = record

    @rule(
        data=st.data(),
        lesson_id=st.none() | st.integers(0, 5),
        member_id=st.none() | st.integers(0, 8),
        created_on=st.none() | INSTANTS,
        updated_on=INSTANTS,
        updated_by=st.sampled_from([None, "Ed", "ed", "Al"]),
        system_id=st.none() | SYSTEM_IDS,
    )
    def change(self, data: st.DataObject, **changes: Any) -> None:
        if self.world.records:
            before = self.world.records[data.draw(st.sampled_from(sorted(self.world.records)))]
            for name in ("lesson_id", "member_id", "created_on"):
                if changes[name] is None:
                    del changes[name]
            after = attrs.evolve(before, **changes)
            self.store.put(before, after)
            self.world.records[after.id] = after

    @rule(id_=st.integers(1, 60), unique_id=st.just("") | UNIQUE_IDS, at=INSTANTS)
    def add_by_hand(self, id_: int, unique_id: str, at: datetime) -> None:
        if id_ not in self.world.records:
            record = CompletedLesson(
                id=id_, lesson_id=1, member_id=1, created_on=at, unique_id=unique_id
            )
            self.store.put(None, record)
            self.world.records[id_] = record
            self.next_id = max(self.next_id, id_ + 1)

    # -- the whole store

    @rule(go_on_with_the_fork=st.booleans())
    def fork(self, go_on_with_the_fork: bool) -> None:
        fork = self.store.fork()
        if go_on_with_the_fork:
            fork, self.store = self.store, fork
        fork.append((10**9, 1, 1, START))
        fork.put_named(None, Lesson(id=1, course_id=1, title="only in the fork"))
        for record in list(self.world.records.values())[:3]:
            fork.put(record, None)
        fork.prepare()
        fork.check()

    @rule()
    def carry_over(self) -> None:
        columns = self.store.columns()
        self.store.load(columns)

    @rule()
    def prepare(self) -> None:
        self.store.prepare()

    # -- asking

    @rule(query=queries())
    def ask(self, query: CompletedLessonQuery) -> None:
        page = self.store.find(query)
        total, records = self.world.find(query)
        why = str(self.store.explain(query))
        assert (page.total_items, ids(page.records)) == (total, ids(records)), why
        assert page.records == tuple(records), why
        self.asked.append(query)

    @rule(data=st.data())
    def ask_again(self, data: st.DataObject) -> None:
        if self.asked:
            self.ask(data.draw(st.sampled_from(self.asked)))

    @rule(lesson_id=LESSON_IDS, member_id=MEMBER_IDS)
    def look_up(self, lesson_id: int, member_id: int) -> None:
        records = sorted(self.world.records.values(), key=lambda record: record.id)
        assert list(self.store) == records
        of_lesson = [record for record in records if record.lesson_id == lesson_id]
        of_member = [record for record in records if record.member_id == member_id]
        assert list(self.store.of_lesson(lesson_id)) == of_lesson
        assert list(self.store.of_member(member_id)) == of_member
        latest = max(of_member, key=lambda each: (each.created_on, each.id), default=None)
        assert self.store.latest_of_member(member_id) == latest
        pair = [record for record in of_member if record.lesson_id == lesson_id]
        assert self.store.get_pair(lesson_id, member_id) == (pair[0] if pair else None)

    @invariant()
    def sound(self) -> None:
        if hasattr(self, "store"):
            assert len(self.store) == len(self.world.records)
            self.store.check()


@pytest.mark.usefixtures("pieces")
def test_any_writes_any_questions() -> None:
    run_state_machine_as_test(StoreMachine)


@pytest.mark.usefixtures("pieces")
@pytest.mark.slow
def test_every_order_and_direction_with_every_single_filter() -> None:
    """A plain sweep, so that no way of answering depends on being drawn."""
    machine = StoreMachine()
    machine.begin(remembered=100)
    machine.name_coworker(1, "Zoë", "Ada", ["Ops", "DevOps"])
    machine.name_coworker(2, "Straße", "x,y", [" Ops"])
    machine.name_lesson(2, "STRASSE")
    machine.complete_in_order([(1 + n % 3, 1 + n % 5, n % 2) for n in range(60)], at_once=True)
    for late in (False, True):
        if late:
            machine.complete_whenever(1, 1, START)
        for order in ORDERS:
            for direction in (1, -1):
                for fields in _single_filters():
                    machine.ask(
                        CompletedLessonQuery(order_by=order, direction=direction, size=7, **fields)
                    )


def _single_filters() -> list[dict[str, Any]]:
    middle = START + timedelta(seconds=12)
    return [
        {},
        {"lesson_id": 1},
        {"member_id": 2},
        {"lesson_title": "strasse"},
        {"full_name": "a"},
        {"company_name": "a"},
        {"team_names": "ops"},
        {"team_names": "ops,dev"},
        {"created_from": middle},
        {"updated_to": middle},
        {"created_from": middle, "updated_to": middle + timedelta(seconds=9), "page": 2},
        {"created_on": middle},
        {"lesson_id": 1, "created_to": middle},
        {"lesson_id": 1, "member_id": 2},
        {"full_name": "a", "updated_from": middle},
    ]


@pytest.mark.parametrize("lesson_id", [1, 2**40])
def test_a_pair_is_found_while_it_waits_for_its_columns(lesson_id: int) -> None:
    """Both replace the columns: the first write to a fork, and an id too wide for them."""
    store = Store()
    store.append((1, 3, 1, START))
    assert len(list(store)) == 1
    fork = store.fork()
    for each in (fork, store):
        each.append((2, lesson_id, 1, START))
        found = each.get_pair(lesson_id, 1)
        assert found is not None
        assert found.id == 2
