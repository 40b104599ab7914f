"""From an event to what it does: the event path, one by one and in bulk.

Each event is first asked of the compiled gate of its lesson and the standing of its member: they
settle the plain case without touching a rule. Everything else is *judged*: by the memory of event
ids, then by the rules, in the order of the domain's text, and its edits are committed.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from coursetrack.domain.entities import CompletedLesson, CourseMember, Lesson
from coursetrack.domain.events import ButtonClick, Event, PageVisit, VideoFinish
from coursetrack.domain.outcomes import IGNORED, REPEATED, Edit, Outcome, Row, Tally
from coursetrack.domain.refusals import Refusal, RefusalCode
from coursetrack.domain.rules import decide, refusals, unknown_refusals
from coursetrack.errors import EventConflict, InvalidValue, shown
from coursetrack.repository.journal import Journal
from coursetrack.repository.ledger import Ledger, require_id

_PLAIN = frozenset({PageVisit, ButtonClick, VideoFinish})
"""The kinds of event that need no more than a gate and a standing."""


class Verdict(NamedTuple):
    """What an event amounts to, before anything is changed."""

    edits: tuple[Edit, ...] = ()
    refused: tuple[Refusal, ...] = ()
    repeated: bool = False


def judge(ledger: Ledger, event: Event) -> Verdict:
    """What `event` would do now. Changes nothing; EventConflict for a reused `event_id`."""
    if not isinstance(event, Event):
        raise InvalidValue.of(
            "event", event, "a PageVisit, ButtonClick, VideoFinish or VideoProgress"
        )
    if _is_known(ledger, event):
        return Verdict(repeated=True)
    refused = _refusals(ledger, event)
    if refused:
        return Verdict(refused=refused)
    memory = tuple(_memory(ledger, event))
    if ledger.pairs.holds(event.lesson_id, event.member_id):
        return Verdict(edits=memory, repeated=True)
    return Verdict(edits=(*memory, *_consequences(ledger, event)))


def _is_known(ledger: Ledger, event: Event) -> bool:
    known = None if event.event_id is None else ledger.remembered.get(event.event_id)
    if known is not None and known.event != event:
        raise EventConflict(
            f"event_id {shown(event.event_id)} was seen before with another body: "
            f"{known.event!r}; expected the same body or a new id",
            value=event,
        )
    return known is not None


def _refusals(ledger: Ledger, event: Event) -> tuple[Refusal, ...]:
    lesson = ledger.catalogue.table(Lesson).get(event.lesson_id)
    member = ledger.catalogue.table(CourseMember).get(event.member_id)
    outline = None if lesson is None else ledger.catalogue.outline(lesson.course_id)
    if lesson is None or member is None or outline is None:
        return unknown_refusals(event.lesson_id, event.member_id, outline, member, event.at)
    done = ledger.pairs.completed_by(member.id)
    return refusals(outline, lesson, member, done, event.at)


def _memory(ledger: Ledger, event: Event) -> Iterator[Edit]:
    """The edits that remember `event`, if it has an id, and forget the oldest for it."""
    if event.event_id is not None:
        forgotten, remembered = ledger.remembered.welcome(event)
        for oldest in forgotten:
            yield oldest, None
        if remembered is not None:
            yield None, remembered


def _consequences(ledger: Ledger, event: Event) -> Iterator[Edit]:
    """The edits of an event that counts, for a lesson that is not completed."""
    lesson = ledger.catalogue.table(Lesson)[event.lesson_id]
    watched = ledger.evidence.get(event.member_id, event.lesson_id)
    decision = decide(lesson, event, watched)
    if decision.watched is not None and decision.watched != watched:
        yield watched, decision.watched
    if decision.completes:
        yield (
            None,
            CompletedLesson(
                id=ledger.new_id(),
                lesson_id=event.lesson_id,
                member_id=event.member_id,
                created_on=event.at,
            ),
        )


class Recorder:
    """Records events into one ledger. The gates, standings and masks are the ledger's own."""

    __slots__ = ("_done", "_gates", "_ledger", "_standings")

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._gates = ledger.gates
        self._standings = ledger.standings
        self._done = ledger.pairs.done

    def record(self, event: Event) -> Outcome:
        """What `event` did. O(1) but for what the rules ask of video and sequential sections."""
        kind = type(event)
        if kind in _PLAIN and event.event_id is None:
            lesson_id, member_id, at = event.lesson_id, event.member_id, event.at
            course_id, trigger, bit, need, wait = self._gates[lesson_id]
            home, since = self._standings[member_id]
            if course_id == home and at >= since:
                mask = self._done.get(member_id, 0)
                if mask & bit:
                    return REPEATED
                if mask & need == need and (wait is None or at - since >= wait):
                    if kind is not trigger:
                        return IGNORED
                    ledger = self._ledger
                    row = (ledger.next_id, lesson_id, member_id, at)
                    outcome = Outcome(ledger.version, (row,))
                    ledger.append(row, mask | bit)
                    return outcome
        return self._record_judged(event)

    def _record_judged(self, event: Event) -> Outcome:
        verdict = judge(self._ledger, event)
        if verdict.refused:
            return Outcome(refused=verdict.refused)
        if not verdict.edits:
            return REPEATED if verdict.repeated else IGNORED
        committed = self._ledger.commit(verdict.edits)
        return committed.as_repeated() if verdict.repeated else committed

    def record_many(self, events: Iterable[Event]) -> Tally:
        """What the events did, counted. All of them happen, or none. O(events)."""
        bulk = Bulk(self._ledger)
        try:
            bulk.record(events)
            return bulk.finish()
        except BaseException:
            bulk.roll_back()
            raise


class Bulk:
    """Many events on their way into a ledger: masks move at once, records at the end together."""

    __slots__ = (
        "_ignored",
        "_journal",
        "_ledger",
        "_log",
        "_mark",
        "_next_id",
        "_refused",
        "_refused_events",
        "_repeated",
        "_version",
    )

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._journal = Journal()
        self._log: list[Row | Edit] = []
        self._mark = ledger.store.mark()
        self._next_id = ledger.next_id
        self._version = ledger.version
        self._refused: Counter[RefusalCode] = Counter()
        self._refused_events = self._repeated = self._ignored = 0

    def record(self, events: Iterable[Event]) -> None:
        """Takes the events in order. The loop is :meth:`Recorder.record` written out in place."""
        ledger, log = self._ledger, self._log
        gates, standings, done = ledger.gates, ledger.standings, ledger.pairs.done
        next_id, id_step = ledger.next_id, ledger.id_step
        append, mask_of = log.append, done.get
        repeated = ignored = 0
        for event in events:
            kind = type(event)
            if kind in _PLAIN and event.event_id is None:
                lesson_id, member_id, at = event.lesson_id, event.member_id, event.at
                course_id, trigger, bit, need, wait = gates[lesson_id]
                home, since = standings[member_id]
                if course_id == home and at >= since:
                    mask = mask_of(member_id, 0)
                    if mask & bit:
                        repeated += 1
                        continue
                    if mask & need == need and (wait is None or at - since >= wait):
                        if kind is trigger:
                            append((next_id, lesson_id, member_id, at))
                            done[member_id] = mask | bit
                            next_id += id_step
                        else:
                            ignored += 1
                        continue
            ledger.next_id = next_id
            self._judged(event)
            next_id = ledger.next_id
        ledger.next_id = next_id
        self._repeated += repeated
        self._ignored += ignored

    def _judged(self, event: Event) -> None:
        verdict = judge(self._ledger, event)
        if verdict.refused:
            self._refused_events += 1
            self._refused.update(refusal.code for refusal in verdict.refused)
        elif verdict.repeated:
            self._repeated += 1
        elif not any(isinstance(after, CompletedLesson) for _, after in verdict.edits):
            self._ignored += 1
        for edit in verdict.edits:
            self._take(edit)

    def _take(self, edit: Edit) -> None:
        record = edit[1]
        if isinstance(record, CompletedLesson):
            row = (record.id, record.lesson_id, record.member_id, record.created_on)
            self._log.append(row)
            self._ledger.pairs.add(self._journal, record.lesson_id, record.member_id)
            self._ledger.next_id = record.id + self._ledger.id_step
        else:
            self._ledger.take(self._journal, edit)
            self._log.append(edit)

    def finish(self) -> Tally:
        """Hands the records over and tells what happened."""
        ledger, log = self._ledger, self._log
        rows = self._rows()
        if rows:
            require_id(rows[-1][0])
        ledger.store.extend(rows)
        ledger.version = self._version + len(log)
        return Tally(
            completed=len(rows),
            repeated=self._repeated,
            ignored=self._ignored,
            refused_events=self._refused_events,
            refused=self._refused,
            version=self._version,
            log=log,
        )

    def _rows(self) -> list[Row]:
        return [entry for entry in self._log if len(entry) == 4]

    def roll_back(self) -> None:
        """Makes everything be as it was before the first event."""
        ledger = self._ledger
        ledger.store.rewind(self._mark)
        self._journal.roll_back()
        for _, lesson_id, member_id, _ in self._rows():
            ledger.pairs.done[member_id] &= ~ledger.pairs.bits[lesson_id]
        ledger.next_id = self._next_id
        ledger.version = self._version
