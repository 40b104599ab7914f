"""Everything that one tracker knows, and the only way in which it changes.

A call turns into *edits*, each a fact before and after. :meth:`State.commit` takes them in order:
each is judged against what is there (references, ids, pairs), then applied to every container that
it concerns through one undo log. Whatever is raised on the way, all of it is taken back.

Taking back may be cut off as well, by a second interrupt. So the undo log of a write that failed is
kept in ``failed`` until all of it is done; the next call, were it a question, finishes it first::

    failed  None         a write goes on, and is interrupted
    failed  UndoLog(5)   being taken back, and interrupted again
    failed  UndoLog(2)   whoever comes next takes back the last two
    failed  None
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import Any

import attrs

from coursetrack.domain.entities import (
    CompletedLesson,
    Course,
    CourseMember,
    Coworker,
    Lesson,
    Section,
    given_unique_id,
)
from coursetrack.domain.evidence import Added, Evidence
from coursetrack.domain.facts import Fact, RememberedEvent, described
from coursetrack.domain.kinds import KINDS, Kinds
from coursetrack.domain.outcomes import Outcome
from coursetrack.domain.rows import Edit, Row, record_of, row_of
from coursetrack.domain.values import MAX_ID, may_be_derived
from coursetrack.errors import (
    ChangeConflict,
    CorruptStore,
    DuplicateCompletion,
    DuplicateId,
    IdsExhausted,
    InvalidValue,
    MissingEntity,
    MissingReference,
    StillReferenced,
    VersionConflict,
    shown,
)
from coursetrack.knowledge.completions import MASK, Completions, MemberState
from coursetrack.knowledge.entity_tables import OF_OUTLINES, EntityTables, Listed
from coursetrack.knowledge.event_ids import EventIds, Savepoint
from coursetrack.knowledge.evidence import EvidenceTable
from coursetrack.knowledge.fast_path import CompiledRules
from coursetrack.knowledge.member_ids import Ids, MemberIds
from coursetrack.knowledge.undo_log import UndoLog
from coursetrack.knowledge.unique_ids import GivenUniqueIds
from coursetrack.listing.store import Store
from coursetrack.listing.table import CompletingAll, CompletingColumns

Recorded = tuple[int, int, Row | None, MemberState, int, Savepoint | None]
"""Before one more event: version, next id; the row it adds; the member's state, its mask; and what
was remembered, where it is remembered by its id."""


class State:
    """The facts of one tracker with everything derived from them, always in step."""

    __slots__ = (
        "compiled",
        "completions",
        "entity_tables",
        "evidence",
        "failed",
        "first_id",
        "given",
        "id_step",
        "kinds",
        "member_ids",
        "next_id",
        "remember_answers",
        "remembered",
        "store",
        "version",
    )

    def __init__(
        self,
        *,
        first_id: int,
        id_step: int,
        remember_events: int,
        remember_answers: int,
        accents: bool = True,
        kinds: Kinds = KINDS,
        ids: Ids = "in_order",
    ) -> None:
        self.kinds: Kinds = kinds
        self.first_id: int = first_id
        self.id_step: int = id_step
        self.remember_answers: int = remember_answers
        self.member_ids: MemberIds | None = MemberIds() if ids == "by_member" else None
        # Past the last one where ids go by member: the quick path then asks `new_id`.
        self.next_id: int = first_id if self.member_ids is None else MAX_ID + 1
        self.version: int = 0
        self.failed: UndoLog | Recorded | None = None
        self.store: Store = Store(remember_answers=remember_answers, accents=accents)
        self.evidence: EvidenceTable = EvidenceTable()
        self.remembered: EventIds = EventIds(remember_events)
        self.given: GivenUniqueIds = GivenUniqueIds()
        self._wire(EntityTables())

    def _wire(self, entity_tables: EntityTables, pairs: Completions | None = None) -> None:
        self.entity_tables: EntityTables = entity_tables
        self.completions: Completions = pairs or Completions(entity_tables)
        self.compiled: CompiledRules = CompiledRules(entity_tables, self.completions)

    def fork(self) -> "State":
        """An independent state with the same facts. O(lessons + courses).

        All else is shared until either side writes to it.
        """
        other = State.__new__(State)
        other.failed = None
        for name in ("first_id", "id_step", "kinds", "next_id", "remember_answers", "version"):
            setattr(other, name, getattr(self, name))
        other.member_ids = None if self.member_ids is None else self.member_ids.fork()
        other.store = self.store.fork()
        other.evidence = self.evidence.fork()
        other.remembered = self.remembered.fork()
        other.given = self.given.fork()
        entity_tables = self.entity_tables.fork()
        other._wire(entity_tables, self.completions.fork(entity_tables))
        return other

    # -- reading

    def current_store(self) -> Store:
        """The store, once what a failed write left is taken back."""
        if self.failed is not None:
            self.take_back()
        return self.store

    def current_version(self) -> int:
        """The version, once what a failed write left is taken back."""
        self.take_back()
        return self.version

    @property
    def settings(self) -> dict[str, int | str]:
        """What the state was made with, by name."""
        return {
            "first_id": self.first_id,
            "id_step": self.id_step,
            "remember_events": self.remembered.capacity,
            "remember_answers": self.remember_answers,
            "accents": self.store.accents,
            "ids": "in_order" if self.member_ids is None else "by_member",
        }

    def current(self, fact: Fact) -> Fact | None:
        """The fact of the same kind and identity as it is now, or None."""
        if isinstance(fact, _LISTED):
            return self.entity_tables.get(type(fact), fact.id)
        if isinstance(fact, CompletedLesson):
            return self.store.get(fact.id)
        if isinstance(fact, Evidence):
            return self.evidence.get(fact)
        return self.remembered.current(fact)

    def knows_the_same(self, other: "State") -> bool:
        """Whether both hold equal facts. O(facts)."""
        return (
            len(self.store) == len(other.store)
            and all(map(_is_same, self.store, other.store))
            and all(
                list(mine) == list(theirs)
                for mine, theirs in (
                    (self.entity_tables, other.entity_tables),
                    (self.evidence, other.evidence),
                    (self.remembered, other.remembered),
                )
            )
        )

    # -- the one way in

    def commit(self, edits: Iterable[Edit | Added], *, just_read: bool = False) -> Outcome:
        """Takes all edits in order, or raises and has changed nothing. Returns the changes.

        `just_read` says that the facts before were read from this state for this call, so that
        nobody needs to look them up a second time.
        """
        undo_log, log, version = UndoLog(), [], self.version
        try:
            for edit in edits:
                self.take(undo_log, edit, just_read=just_read)
                log.append(edit)
            return Outcome(version, tuple(log))
        except BaseException:
            self.failed = undo_log  # no call comes before this: there the next signal may strike
            self.take_back()
            raise

    def take_back(self) -> None:
        """Undoes what a failed write changed, from where an earlier attempt was cut off."""
        failed = self.failed
        if failed is None:
            return
        undo_log = failed if isinstance(failed, UndoLog) else self._undo_log_of(*failed)
        undo_log.roll_back()
        self.failed = None

    def _undo_log_of(
        self,
        version: int,
        next_id: int,
        row: Row | None,
        member_state: MemberState,
        mask: int,
        savepoint: Savepoint | None,
    ) -> UndoLog:
        """The undo log of one event: kept while it is recorded, it would cost a third."""
        undo_log = UndoLog()
        undo_log.note(setattr, self, "version", version)
        undo_log.note(setattr, self, "next_id", next_id)
        undo_log.note(member_state.__setitem__, MASK, mask)
        if savepoint is not None:
            undo_log.note(self.remembered.roll_back_to, savepoint)
        if row is not None:
            undo_log.note(self.store.put, record_of(row), None)
        return undo_log

    def take(self, undo_log: UndoLog, edit: Edit | Added, *, just_read: bool = False) -> None:
        """One edit of a commit: judged, then applied. The caller rolls back what was raised."""
        before, after = self._sides(edit)
        if before is None or not just_read:
            self._require_current(before, after)
        fact = after or before
        judge, put = _EVIDENCE if isinstance(fact, Evidence) else _WAYS[type(fact)]
        self.require_versions(1)
        judge(self, before, after)
        put(self, undo_log, before, after)
        undo_log.assign(self, "version", self.version + 1)

    def expect(self, version: int | None) -> None:
        """Raises VersionConflict unless `version` is None or the version now."""
        if version is None:
            return
        if not isinstance(version, int) or isinstance(version, bool):
            raise InvalidValue.of("expect_version", version, "an integer, or None")
        if version != self.version:
            told = f"expected version {shown(version)}, the tracker is at {self.version}"
            raise VersionConflict(told, value=version)

    def require_versions(self, many: int) -> None:
        """Raises IdsExhausted where `many` further changes would go past version 2**63 - 1."""
        if self.version + many > MAX_ID:
            raise IdsExhausted("the version would go past 2**63 - 1", value=self.version)

    def new_id(self, member_id: int) -> int:
        """The id that the member's next completed lesson gets; IdsExhausted past 2**63 - 1."""
        if self.member_ids is not None:
            return self.member_ids.next_ids((member_id,), self.given)[0]
        return self._ids_in_order(1)[0]

    def new_ids(self, completing: CompletingAll) -> Sequence[int]:
        """The ids that what these events complete gets; IdsExhausted past 2**63 - 1.

        They step over an id whose unique id another record was given.
        """
        if self.member_ids is not None:
            if isinstance(completing, CompletingColumns):
                members = completing.members
            else:
                members = [each.member_id for each in completing]
            return self.member_ids.next_ids(members, self.given)
        return self._ids_in_order(len(completing))

    def _ids_in_order(self, many: int) -> Sequence[int]:
        ids = self.given.free_ids(self.next_id, self.id_step, many)
        if ids:
            require_id(ids[-1])
        return ids

    def give(self, undo_log: UndoLog, ids: Sequence[int]) -> None:
        """Makes `ids`, which are the next ones or some records', be given. None is given twice."""
        if self.member_ids is not None:
            self.member_ids.give(undo_log, ids)
        elif ids:
            undo_log.assign(self, "next_id", ids[-1] + self.id_step)

    # -- judging

    def _require_current(self, before: Fact | None, after: Fact | None) -> None:
        if before is None:
            if isinstance(after, CompletedLesson) and self._is_ours(after.id):
                return  # nobody has an id that is still to be given
            if after is not None and self.current(after) is not None:
                raise DuplicateId(f"{described(after)} is there already", value=after)
            return
        current = self.current(before)
        if current is None:
            raise _missing(before)
        if current is not before and current != before:
            raise _conflict(before, current)

    def _sides(self, edit: Edit | Added) -> Edit:
        """A fact as it is now and as it will be. Of evidence an edit tells only what differs::

        edit     (0, 10) (20, 30) gone, (0, 30) came
        now      (0, 10) (20, 30) (40, 50)
        then     (0, 30) (40, 50)
        """
        if isinstance(edit, Added):
            return edit.before, edit.after
        gone, came = edit
        if not (isinstance(gone, Evidence) and isinstance(came, Evidence)):
            return edit
        before = self.evidence.get(gone)
        if before is None:
            raise _missing(gone)
        after = before.changed(gone, came)
        if after is None:
            raise _conflict(gone, before)
        return before, after

    def _judge_listed(self, before: Listed | None, after: Listed | None) -> None:
        self.entity_tables.require_coherent(before, after)
        if isinstance(after, Lesson):
            self._require_known_criterion(after)
        if before is not None and isinstance(before, _COMPLETED_BY) and _moves(before, after):
            self._require_no_completions(before, after)

    def _require_known_criterion(self, lesson: Lesson) -> None:
        if not self.kinds.knows(lesson.criterion):
            raise InvalidValue.of(
                "criterion",
                lesson.criterion,
                f"criteria of the kinds {', '.join(self.kinds.criteria)}; a class of your own is "
                "told to the tracker: Tracker(criteria=(MyCriterion,))",
            )

    def _require_no_completions(self, before: Lesson | CourseMember, after: Listed | None) -> None:
        """Raises StillReferenced for a lesson or member that may neither go nor change its course.

        With completions neither: they would be of a lesson of another course (rule 7). What was
        watched may move along, and goes before the lesson or member does.
        """
        is_lesson = isinstance(before, Lesson)
        completed = self.store.count_of("lesson_id" if is_lesson else "member_id", before.id)
        if after is not None and completed:
            raise StillReferenced(
                f"{described(before)} cannot move to another course: it has {completed} completed "
                f"lesson{'s' * (completed > 1)}; delete them first",
                value=after,
            )
        kept = self.evidence.of_lesson if is_lesson else self.evidence.of_member
        if after is None and (completed or kept(before.id)):
            raise StillReferenced(
                f"{described(before)} cannot go before its completions and evidence",
                value=before,
            )

    def _judge_completed(
        self, before: CompletedLesson | None, after: CompletedLesson | None
    ) -> None:
        if after is None:
            return
        moved = before is None or _pair(before) != _pair(after)
        if moved:
            self._require_ends(after, after.lesson_id, after.member_id)
            if self._is_complete(after):
                raise DuplicateCompletion(
                    f"member {after.member_id} has completed lesson {after.lesson_id} already",
                    value=after,
                )
        if before is None or before.unique_id != after.unique_id:
            self._require_free_unique_id(after)

    def _require_ends(self, fact: Fact, lesson_id: int, member_id: int) -> None:
        ends: tuple[tuple[type[Listed], int], ...] = (
            (Lesson, lesson_id),
            (CourseMember, member_id),
        )
        for kind, id_ in ends:
            if id_ and self.entity_tables.get(kind, id_) is None:
                raise MissingReference(
                    f"{described(fact)}: there is no {kind.__name__} {id_}", value=fact
                )

    def _is_complete(self, record: CompletedLesson) -> bool:
        if not (record.lesson_id and record.member_id):
            return False
        return self.completions.holds(record.lesson_id, record.member_id)

    def _require_free_unique_id(self, record: CompletedLesson) -> None:
        given = given_unique_id(record)
        if given is None:  # no other id derives what this one does
            holder = self.given.holder(record.id)
        else:
            holder = self.given.given_to(given)
            if holder is None and may_be_derived(given):
                holder = self.store.id_of_unique(given)  # which hashes every record's id, once
        if holder is not None and holder != record.id:
            raise DuplicateId(
                f"{described(record)}: unique_id {record.unique_id} is that of id {holder}",
                value=record,
            )

    def _judge_evidence(self, before: Evidence | None, after: Evidence | None) -> None:
        fact = after or before
        if self.kinds.evidence.get(type(fact).__name__) is not type(fact):
            raise InvalidValue.of("evidence", fact, f"one of {', '.join(self.kinds.evidence)}")
        if after is not None:
            self._require_ends(after, after.lesson_id, after.member_id)

    def _judge_remembered(
        self, before: RememberedEvent | None, after: RememberedEvent | None
    ) -> None:
        if after is None or (before is not None and before.place == after.place):
            return
        if self.remembered.holds_place(after.place):
            raise DuplicateId(
                f"{described(after)}: place {after.place} is taken by another", value=after
            )

    # -- applying

    def _put_listed(self, undo_log: UndoLog, before: Listed | None, after: Listed | None) -> None:
        fact = after or before
        if isinstance(fact, OF_OUTLINES):
            undo_log.call(self.compiled.clear, ())
        if isinstance(before, Lesson) and _moves(before, after):
            self.completions.close_slot(undo_log, before)
        self.entity_tables.put(undo_log, before, after)
        if isinstance(after, CourseMember):
            self.completions.seat(undo_log, after)
        elif isinstance(before, CourseMember):
            self.completions.unseat(undo_log, before)
        if isinstance(after, Lesson) and _moves(before, after):
            self.completions.open_slot(undo_log, after)
        if isinstance(fact, _NAMED):
            undo_log.call(self.store.put_named, (after, before), before, after)

    def _put_completed(
        self, undo_log: UndoLog, before: CompletedLesson | None, after: CompletedLesson | None
    ) -> None:
        if before is not None and before.lesson_id and before.member_id:
            self.completions.discard(undo_log, before.lesson_id, before.member_id)
        if after is not None and after.lesson_id and after.member_id:
            self.completions.add(undo_log, after.lesson_id, after.member_id)
        row = None if after is None or before is not None else row_of(after)
        if row is None:
            self.given.put(undo_log, before, after)
            undo_log.call(self.store.put, (after, before), before, after)
        else:  # rows wait together, while each record that is put has every index catch up
            undo_log.note(self.store.put, after, None)
            self.store.append(row)
        if after is not None and self._is_ours(after.id):
            self.give(undo_log, (after.id,))

    def _is_ours(self, id_: int) -> bool:
        """Whether `id_` is one of those that this tracker gives and has not given yet."""
        if self.member_ids is not None:
            return self.member_ids.is_new(id_)
        return id_ >= self.next_id and (id_ - self.next_id) % self.id_step == 0

    def _put_evidence(
        self, undo_log: UndoLog, before: Evidence | None, after: Evidence | None
    ) -> None:
        self.evidence.put(undo_log, before, after)

    def _put_remembered(
        self, undo_log: UndoLog, before: RememberedEvent | None, after: RememberedEvent | None
    ) -> None:
        self.remembered.put(undo_log, before, after)

    # -- proving

    def check(self) -> None:
        """Proves that everything derived agrees with the facts, or raises CorruptStore."""
        self._check_values()
        self.entity_tables.check()
        self.store.check_names(
            each
            for each in self.entity_tables
            if isinstance(each, Lesson | Coworker | CourseMember)
        )
        self.remembered.check()
        self.store.check()
        self.given.check(self.store)
        if self.member_ids is not None:
            self.member_ids.check([record.id for record in self.store])
        self._check_references()
        self.completions.check(
            _pair(record) for record in self.store if record.lesson_id and record.member_id
        )
        self._check_compiled()

    def _check_values(self) -> None:
        """Proves that each entity and each piece of evidence is what could be made like it."""
        for fact in chain(self.entity_tables, self.evidence):
            try:
                again = attrs.evolve(fact)
            except InvalidValue as error:
                raise CorruptStore(f"{described(fact)} cannot be: {error}") from error
            names = (each.name for each in attrs.fields(type(fact)))
            if any(getattr(fact, name) != getattr(again, name) for name in names):
                raise CorruptStore(f"{described(fact)} cannot be what it is")

    def _check_references(self) -> None:
        lessons, members = self.entity_tables.table(Lesson), self.entity_tables.table(CourseMember)
        facts: Iterable[CompletedLesson | Evidence] = chain(self.store, self.evidence)
        for fact in facts:
            if fact.lesson_id and fact.lesson_id not in lessons:
                raise CorruptStore(f"{described(fact)}: lesson {fact.lesson_id} is gone")
            if fact.member_id and fact.member_id not in members:
                raise CorruptStore(f"{described(fact)}: member {fact.member_id} is gone")

    def _check_compiled(self) -> None:
        compiled = CompiledRules(self.entity_tables, self.completions)
        if any(rule != compiled[lesson_id] for lesson_id, rule in self.compiled.items()):
            raise CorruptStore("a compiled rule is stale")


def _missing(fact: Fact) -> MissingEntity:
    return MissingEntity(f"there is no {described(fact)}", value=fact)


def _conflict(before: Fact, current: Fact) -> ChangeConflict:
    told = f"{described(before)} is not what the change starts from: it is {current!r}"
    return ChangeConflict(told, value=before)


def require_id(id_: int) -> None:
    """Raises IdsExhausted for an id past 2**63 - 1."""
    if id_ > MAX_ID:
        raise IdsExhausted(
            f"the next completed lesson would have id {id_}; ids end at 2**63 - 1", value=id_
        )


def _is_same(one: CompletedLesson, other: CompletedLesson) -> bool:
    # Two records that have not worked their unique ids out yet need not: they go by the id.
    plain = one.custom_fields is None and one.localization_details is None
    return (plain and vars(one) == vars(other)) or one == other


def _pair(record: CompletedLesson) -> tuple[int, int]:
    return record.lesson_id, record.member_id


def _moves(before: Listed | None, after: Listed | None) -> bool:
    """Whether an entity comes, goes, or changes its course."""
    return getattr(before, "course_id", None) != getattr(after, "course_id", None)


_LISTED = (Course, Section, Lesson, Coworker, CourseMember)
_NAMED = (Lesson, Coworker, CourseMember)
_COMPLETED_BY = (Lesson, CourseMember)
# Tuples, since each entity that is added is asked about: a union is made anew where it is written.

_Way = tuple[Callable[..., None], Callable[..., None]]
_EVIDENCE: _Way = (State._judge_evidence, State._put_evidence)
_WAYS: dict[type[Any], _Way] = {
    **dict.fromkeys(_LISTED, (State._judge_listed, State._put_listed)),
    CompletedLesson: (State._judge_completed, State._put_completed),
    RememberedEvent: (State._judge_remembered, State._put_remembered),
}
