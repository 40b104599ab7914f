"""From an event to what it does: the event path, one by one and in bulk.

The compiled rule of an event's lesson and the state of its member are asked first: they
settle the plain case without touching a rule. Everything else is *judged*: by the memory of event
ids, then by the rules, in the order of the domain's text, and its edits are committed.

The condition of the plain case stands written out in six places: in `record`, in `refusals`, in
bulk, twice in bulk from columns, and in `_is_let_in`, which judging asks. Called as one function it
would make recording in bulk 1.3 times as slow (measured). A test holds all six against the plain
rules.
"""

from array import array
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import NamedTuple, Protocol

from coursetrack.domain.entities import CompletedLesson, CourseMember, Lesson
from coursetrack.domain.events import Event
from coursetrack.domain.evidence import Added
from coursetrack.domain.kinds import EVENT_KINDS, one_of
from coursetrack.domain.outcomes import (
    CAME,
    IGNORED,
    REPEATED,
    Completion,
    Memory,
    MetSince,
    Outcome,
    RefusedEvent,
    RememberedOutcome,
    RowsAndEdits,
    Tally,
)
from coursetrack.domain.refusals import Refusal
from coursetrack.domain.rows import Edit, Row
from coursetrack.domain.rules import Decision, concerns, decide, refusals, unknown_refusals
from coursetrack.domain.values import MAX_ID, as_instant, as_iterable
from coursetrack.errors import EventConflict, InvalidValue, shown
from coursetrack.knowledge.completions import MASK, Completions, MemberState
from coursetrack.knowledge.fast_path import PLAIN_KINDS, ToBeJudged
from coursetrack.knowledge.state import State
from coursetrack.knowledge.undo_log import UndoLog
from coursetrack.listing.table import CompletingColumns

_KINDS = frozenset(EVENT_KINDS.values())


class Verdict(NamedTuple):
    """What an event amounts to, before anything is changed: ignored where nothing is said."""

    edits: tuple[Edit | Added, ...] = ()
    refused: tuple[Refusal, ...] = ()
    repeated: bool = False
    is_new: bool = False
    """Whether its `event_id`, if it has one, is to be remembered."""

    @property
    def completes(self) -> bool:
        """Whether the event completes its lesson."""
        return any(_completed_by(edit) is not None for edit in self.edits)


def _completed_by(edit: Edit | Added) -> CompletedLesson | None:
    after = edit.after if isinstance(edit, Added) else edit[1]
    return after if isinstance(after, CompletedLesson) else None


def judge(state: State, event: Event, recorded_at: datetime | None = None) -> Verdict:
    """What `event` would do now. Changes nothing; EventConflict for a reused `event_id`."""
    _require_event(event)
    if _is_known(state, event):
        return Verdict(repeated=True)
    refused = _refused(state, event, judged_at(event, recorded_at))
    if refused:
        return Verdict(refused=refused)
    # Asked before anything else is: what does not concern the lesson is ignored whether it comes
    # before or after the completion, so that counts are the same in any order of arrival.
    if not concerns(state.entity_tables.table(Lesson)[event.lesson_id], event):
        return Verdict()
    if state.completions.holds(event.lesson_id, event.member_id):
        return Verdict(repeated=True, is_new=True)
    decision = _decision(state, event)
    consequences = tuple(_consequences(state, event, decision, recorded_at))
    if not consequences:
        return Verdict(repeated=True)
    # Watching something again tells nothing new; at most the latest instant of it moves.
    return Verdict(consequences, repeated=not decision.adds, is_new=True)


def judged_at(event: Event, recorded_at: datetime | None) -> datetime:
    """The instant at which locks are asked about `event` (rule 5).

    It cannot have happened after it was recorded, whatever the sender's clock says::

        at 2025-01-10, recorded 2025-01-12 (late)      judged as of 2025-01-10
        at 2099-01-01, recorded 2025-01-12             judged as of 2025-01-12
    """
    return event.at if recorded_at is None else min(event.at, recorded_at)


def _require_event(event: object) -> None:
    if type(event) not in _KINDS:
        raise InvalidValue.of("event", event, one_of(EVENT_KINDS))


def _is_known(state: State, event: Event) -> bool:
    known = None if event.event_id is None else state.remembered.event(event.event_id)
    if known is not None and known != event:
        raise EventConflict(
            f"event_id {shown(event.event_id)} was seen before with another body: "
            f"{known!r}; expected the same body or a new id",
            value=event,
        )
    return known is not None


def _is_let_in(state: State, event: Event, at: datetime) -> bool:
    """Whether compiled rule and member state alone say that nothing refuses `event` at `at`."""
    course_id, _, bit, need, wait = state.compiled[event.lesson_id]
    home, since, mask = state.completions.member_states[event.member_id]
    if course_id != home or at < since:
        return False
    is_open = mask & need == need and (wait is None or at - since >= wait)
    return is_open or mask & bit != 0


def _refusals(state: State, event: Event, at: datetime) -> tuple[Refusal, ...]:
    lesson = state.entity_tables.table(Lesson).get(event.lesson_id)
    member = state.entity_tables.table(CourseMember).get(event.member_id)
    outline = None if lesson is None else state.entity_tables.outline(lesson.course_id)
    if lesson is None or member is None or outline is None:
        return unknown_refusals(event.lesson_id, event.member_id, outline, member, at)
    done = state.completions.completed_by(member.id)
    return refusals(outline, lesson, member, done, at)


def _memory(state: State, event: Event) -> Iterator[Edit]:
    """The edits that remember `event`, if it has an id, and forget the oldest for it."""
    if event.event_id is not None:
        forgotten, remembered = state.remembered.welcome(event)
        for oldest in forgotten:
            yield oldest, None
        if remembered is not None:
            yield None, remembered


def _refused(state: State, event: Event, at: datetime) -> tuple[Refusal, ...]:
    """Why `event`, whose id is not known, is refused at `at`: () when it is not."""
    return () if _is_let_in(state, event, at) else _refusals(state, event, at)


def _decision(state: State, event: Event) -> Decision:
    """What an event does that concerns a lesson not completed yet."""
    lesson = state.entity_tables.table(Lesson)[event.lesson_id]
    return decide(lesson, event, state.evidence.of_pair(event.member_id, event.lesson_id))


def _consequences(
    state: State, event: Event, decision: Decision, recorded_at: datetime | None
) -> Iterator[Edit | Added]:
    """The edits that a decision asks for: none where nothing changes."""
    yield from decision.evidence
    if decision.since is not None:
        yield (
            None,
            CompletedLesson(
                id=state.new_id(event.member_id),
                lesson_id=event.lesson_id,
                member_id=event.member_id,
                created_on=decision.since,
                updated_on=decision.since if recorded_at is None else recorded_at,
            ),
        )


class Recording:
    """The part of a tracker that takes events. What it holds are the state's own tables."""

    __slots__ = ("__weakref__", "_compiled", "_completions", "_held")

    def _adopt(self, state: State) -> None:
        self._held = state
        self._compiled = state.compiled
        self._completions = state.completions

    @property
    def _state(self) -> State:
        """The state, to ask and to change: what a write that failed left is taken back first."""
        state = self._held
        if state.failed is not None:
            state.take_back()
        return state

    def record(
        self,
        event: Event,
        recorded_at: datetime | None = None,
        *,
        expect_version: int | None = None,
    ) -> Outcome:
        """What `event` did: completed a lesson, advanced it, was refused, was a repeat, or nothing.

        `recorded_at` is the host's own time. It becomes `updated_on`, so that who asks for what was
        updated since misses no late event; and no lock opens to an event that is dated after it.
        O(1) but for what the rules ask of videos and of sequential sections. EventConflict for an
        `event_id` that was seen with another body.
        """
        kind, state = type(event), self._held
        if recorded_at is not None:
            recorded_at = as_instant("recorded_at", recorded_at)
        if kind in PLAIN_KINDS and expect_version is None and state.failed is None:
            event_id = event.event_id
            if event_id is None or event_id not in state.remembered.known:
                lesson_id, member_id, at = event.lesson_id, event.member_id, event.at
                course_id, trigger, bit, need, wait = self._compiled[lesson_id]
                member_state = self._completions.member_states[member_id]
                home, since, mask = member_state
                # As judged_at() says.
                then = at if recorded_at is None or at <= recorded_at else recorded_at
                is_settled = kind is trigger or trigger is not ToBeJudged
                if course_id == home and then >= since and is_settled:
                    if mask & bit:
                        if kind is not trigger:
                            return IGNORED
                        if event_id is None:
                            return REPEATED
                        return self._remember(
                            event, event_id, recorded_at, None, member_state, mask
                        )
                    if (not need or mask & need == need) and (wait is None or then - since >= wait):
                        if kind is not trigger:
                            return IGNORED
                        # Coherent by what was asked above: nothing can object to one more record.
                        version, next_id = state.version, state.next_id
                        id_ = next_id
                        if state.given.derivable or id_ > MAX_ID or version >= MAX_ID:
                            state.require_versions(1)
                            if state.member_ids is not None:
                                return self._record_judged(event, recorded_at)
                            id_ = state.new_id(member_id)
                        row: Row = (id_, lesson_id, member_id, at)
                        if recorded_at is not None:
                            row = (id_, lesson_id, member_id, at, recorded_at)
                        if event_id is not None:
                            mask |= bit
                            return self._remember(
                                event, event_id, recorded_at, row, member_state, mask
                            )
                        outcome = Completion(version, row)
                        try:
                            member_state[MASK] = mask | bit
                            state.next_id = id_ + state.id_step
                            state.version = version + 1
                            state.store.append(row)
                        except BaseException:
                            state.failed = version, next_id, row, member_state, mask, None
                            state.take_back()
                            raise
                        return outcome
        self._state.expect(expect_version)
        return self._record_judged(event, recorded_at)

    def _remember(
        self,
        event: Event,
        event_id: str,
        recorded_at: datetime | None,
        row: Row | None,
        member_state: MemberState,
        mask: int,
    ) -> Outcome:
        """What :meth:`record` does with a plain event that has an id, and makes `row` if any."""
        state, was = self._held, member_state[MASK]
        version, next_id, remembered = state.version, state.next_id, state.remembered
        if not remembered.capacity:
            return self._record_judged(event, recorded_at)
        savepoint = remembered.savepoint()
        try:
            place, gone = remembered.remember_one(event, event_id, savepoint[0])
            outcome = RememberedOutcome(version, row, event, place, gone)
            after = version + 1 + len(gone) + (row is not None)
            if after > MAX_ID:
                state.require_versions(after - version)
            state.version = after
            if row is not None:
                member_state[MASK] = mask
                state.next_id = row[0] + state.id_step
                state.store.append(row)
        except BaseException:
            state.failed = version, next_id, row, member_state, was, savepoint
            state.take_back()
            raise
        return outcome

    def _record_judged(self, event: Event, recorded_at: datetime | None) -> Outcome:
        verdict = judge(self._state, event, recorded_at)
        if verdict.refused:
            return Outcome(refused=verdict.refused)
        memory = _memory(self._state, event) if verdict.is_new else ()
        edits = (*memory, *verdict.edits)
        if not edits:
            return REPEATED if verdict.repeated else IGNORED
        committed = self._state.commit(edits, just_read=True)
        return committed.as_repeated() if verdict.repeated else committed

    def refusals(self, event: Event, recorded_at: datetime | None = None) -> tuple[Refusal, ...]:
        """Why :meth:`record` would refuse `event` now; () when it would not. Changes nothing.

        O(1) but for sequential sections. EventConflict where `record` would raise it.
        """
        if recorded_at is not None:
            recorded_at = as_instant("recorded_at", recorded_at)
        if type(event) in PLAIN_KINDS and event.event_id is None and self._held.failed is None:
            course_id, _, bit, need, wait = self._compiled[event.lesson_id]
            home, since, mask = self._completions.member_states[event.member_id]
            at = event.at if recorded_at is None else judged_at(event, recorded_at)
            if (
                course_id == home
                and at >= since
                and (mask & bit or (mask & need == need and (wait is None or at - since >= wait)))
            ):
                return ()
        _require_event(event)
        if _is_known(self._state, event):
            return ()
        return _refused(self._state, event, judged_at(event, recorded_at))

    def record_many(
        self,
        events: Iterable[Event],
        recorded_at: datetime | None = None,
        *,
        expect_version: int | None = None,
    ) -> Tally:
        """What the events did, counted; as recording each in turn, but all of them or none.

        `recorded_at` is the host's own time, as in :meth:`record`, and the same for all.
        """
        # Taken whole before anything starts: what a generator does must not run within a write.
        plain = type(events) is list or type(events) is tuple
        taken = events if plain else [*as_iterable("events", events)]
        state = self._state
        state.expect(expect_version)
        bulk = Bulk(state, None if recorded_at is None else as_instant("recorded_at", recorded_at))
        return all_or_none(state, bulk, lambda: bulk.record(taken))


class BulkLog(Protocol):
    """What many events did, in order: a list, or what can be read like one."""

    def append(self, entry: Event | MetSince | Edit | Added | Memory, /) -> None:
        """Adds what an event did."""

    def __len__(self) -> int:
        """How many entries there are."""

    def __iter__(self) -> Iterator[Event | MetSince | Edit | Added | Memory]:
        """The entries."""


class Bulk:
    """Many events on their way into a state, which learns of the completions at the end."""

    __slots__ = (
        "_began",
        "_counts",
        "_log",
        "_recorded_at",
        "_remembered",
        "_state",
        "undo_log",
    )

    def __init__(
        self, state: State, recorded_at: datetime | None, log: BulkLog | None = None
    ) -> None:
        self._state = state
        self._recorded_at = recorded_at
        self.undo_log: UndoLog = UndoLog()
        self._log: BulkLog = [] if log is None else log
        self._counts = Counts()
        self._began = state.version
        self._remembered = state.remembered.savepoint()
        self.undo_log.note(state.remembered.roll_back_to, self._remembered)
        self.undo_log.note(state.store.roll_back_to, state.store.savepoint())
        self.undo_log.note(_unmark, state.completions, self._log)

    def record(self, events: Iterable[Event]) -> None:
        """Takes the events in order. The loop is :meth:`Recording.record` written out in place."""
        compiled, member_states, log = (
            self._state.compiled,
            self._state.completions.member_states,
            self._log.append,
        )
        latest, ignore = self._recorded_at, self._counts.ignored_at.append
        ids, (queue, _, _) = self._state.remembered, self._remembered
        known, room, keep, forget = ids.known, ids.capacity, queue.events.append, ids.forget_surplus
        repeated = 0
        for place, event in enumerate(events):
            kind = type(event)
            if kind in PLAIN_KINDS and (
                (event_id := event.event_id) is None or event_id not in known
            ):
                course_id, trigger, bit, need, wait = compiled[event.lesson_id]
                member_state = member_states[event.member_id]
                home, since, mask = member_state
                then = event.at if latest is None or event.at <= latest else latest
                is_settled = kind is trigger or trigger is not ToBeJudged
                if course_id == home and then >= since and is_settled:
                    if mask & bit:
                        if kind is trigger:
                            if event_id is not None and room:
                                log(CAME)
                                keep(event)  # as ids.remember() says
                                known[event_id] = event
                                if len(known) > room:
                                    forget()
                            repeated += 1
                        else:
                            ignore(place)
                        continue
                    if (not need or mask & need == need) and (wait is None or then - since >= wait):
                        if kind is trigger:
                            log(event)
                            member_state[MASK] = mask | bit
                            if event_id is not None and room:
                                keep(event)  # as ids.remember() says
                                known[event_id] = event
                                if len(known) > room:
                                    forget()
                        else:
                            ignore(place)
                        continue
            elif kind in PLAIN_KINDS and known.get(str(event.event_id)) == event:
                repeated += 1  # as is most of what is sent twice
                continue
            self._judged(place, event)
        self._counts.repeated += repeated

    def _judged(self, place: int, event: Event) -> None:
        verdict = judge(self._state, event, self._recorded_at)
        self._counts.count(place, verdict)
        remembered = self._state.remembered
        if verdict.is_new and event.event_id is not None and remembered.capacity:
            self._log.append(CAME)
            remembered.remember(event)
        for edit in verdict.edits:
            completed = _completed_by(edit)
            if completed is not None:
                self._log.append(MetSince.of(event, completed.created_on))
                pairs = self._state.completions
                pairs.member_states[event.member_id][MASK] |= pairs.bits[event.lesson_id]
            else:
                self._state.take(self.undo_log, edit, just_read=True)
                self._log.append(edit)

    def finish(self) -> Tally:
        """Hands everything over and tells what happened."""
        state, undo_log, completing = self._state, self.undo_log, self._completing()
        memory = state.remembered.number(self._remembered)
        state.require_versions(memory.changes + len(completing))
        ids, version = state.new_ids(completing), state.version + memory.changes
        rows = RowsAndEdits(ids, self._log, self._recorded_at, memory)
        tally = self._counts.tally(self._began, len(ids), rows)
        state.give(undo_log, ids)
        undo_log.assign(state, "version", version + len(ids))
        state.store.enqueue(ids, completing, self._recorded_at)
        return tally

    def _completing(self) -> list[Event | MetSince] | CompletingColumns:
        return completing(self._log)


_COMPLETES_NOTHING = (tuple, Added, Memory)
"""What else there is in a log."""


def all_or_none(state: State, bulk: Bulk, record: Callable[[], None]) -> Tally:
    """What many events did, once `record` took them into `bulk`; where it raises, nothing."""
    try:
        record()
        return bulk.finish()
    except BaseException:
        state.failed = bulk.undo_log
        state.take_back()
        raise


def completing(log: Iterable[Event | MetSince | Edit | Added | Memory]) -> list[Event | MetSince]:
    """What completed something, of all that is in a log."""
    nothing = _COMPLETES_NOTHING  # as a union, it would be made for each entry
    return [entry for entry in log if not isinstance(entry, nothing)]


def _unmark(
    completions: Completions, log: Iterable[Event | MetSince | Edit | Added | Memory]
) -> None:
    """Makes what the events of `log` completed be not completed. May be called again."""
    for event in completing(log):
        completions.member_states[event.member_id][MASK] &= ~completions.bits[event.lesson_id]


class Counts:
    """What events amounted to, counted so far."""

    __slots__ = ("advanced", "ignored_at", "refusals", "repeated")

    def __init__(self) -> None:
        self.advanced: int = 0
        self.repeated: int = 0
        self.ignored_at: array[int] = array("q")
        self.refusals: list[RefusedEvent] = []

    def count(self, place: int, verdict: Verdict) -> None:
        """Counts an event unless it completed something: those are counted by their records."""
        if verdict.refused:
            self.refusals.append(RefusedEvent(place, verdict.refused))
        elif verdict.repeated:
            self.repeated += 1
        elif not verdict.edits:
            self.ignored_at.append(place)
        elif not verdict.completes:
            self.advanced += 1

    def tally(self, version: int, completed: int, rows: RowsAndEdits) -> Tally:
        """The counts and the changes as one immutable value."""
        return Tally(
            completed=completed,
            advanced=self.advanced,
            repeated=self.repeated,
            refusals=tuple(self.refusals),
            ignored_at=self.ignored_at,
            version=version,
            log=rows,
        )
