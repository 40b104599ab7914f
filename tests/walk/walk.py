"""One walk: what may be done next, and what has to be the same afterwards."""

import json
from collections import Counter
from datetime import timedelta
from typing import Any

import attrs

from coursetrack import (
    ORDERS,
    Change,
    CompletedLessonQuery,
    CoursetrackError,
    Tracker,
)
from coursetrack.sharding import Shards, merge, split
from tests.walk.oracle import ENTITY_NAMES, Oracle, kinds_of
from tests.walk.world import Dice

EVENT_IDS = 10**9
"""So many event ids are remembered that none is forgotten on the way."""
MOST_PAIRS = 4
_AT_FIRST = {"Course": 2, "Section": 4, "Lesson": 20, "Coworker": 12, "CourseMember": 24}
MOST_RECORDS = 3_000


class Difference(Exception):
    """The tracker and the oracle do not agree."""


def same(what: str, found: object, expected: object) -> None:
    """Raises Difference where the two differ."""
    if found != expected:
        raise Difference(f"{what}\n  tracker: {found!r}\n  oracle:  {expected!r}")


def record_told(record: Any) -> tuple[Any, ...]:
    """A record of the package as the oracle tells its own."""
    return (
        record.id,
        record.lesson_id,
        record.member_id,
        record.created_on,
        record.updated_on,
        record.updated_by,
    )


@attrs.define
class Pair:
    """A tracker, what it has to be like, and what it was told since it began."""

    tracker: Tracker
    oracle: Oracle
    changes: list[Change] = attrs.Factory(list)
    start: Any = None  # the snapshot that `changes` follow


class Walk:
    """Trackers and oracles side by side, driven by one seed."""

    def __init__(self, seed: int) -> None:
        self.dice = Dice(seed)
        self.counts: Counter[str] = Counter()
        first = Pair(Tracker(remember_events=EVENT_IDS), Oracle())
        first.start = first.tracker.snapshot()
        self.pairs = [first]
        self.steps = 0
        self._next = dict.fromkeys(ENTITY_NAMES, 1)
        for name, count in _AT_FIRST.items():
            for _ in range(count):
                made = self._entity(first, name)
                first.changes += first.tracker.add(made).changes
                first.oracle.put(made)

    def told(self) -> str:
        """How often what was done."""
        return ", ".join(f"{name} {count}" for name, count in self.counts.most_common())

    def step(self) -> None:
        """Does one thing to one of the trackers, and compares."""
        self.steps += 1
        pair, name = self.dice.pick(self.pairs), self._name()
        self.counts[name] += 1
        getattr(self, f"_{name}")(pair)
        if self.steps % 10 == 0:
            self._question(pair)
        if self.steps % 500 == 0:
            self._everything(pair)

    def _name(self) -> str:
        wanted = {
            "event": 60,
            "many": 6,
            "add": 8,
            "rename": 6,
            "rearrange": 1,
            "remove": 0.7,
            "by_hand": 6,
            "update": 4,
            "delete": 4,
            "reset": 0.7,
            "settle": 0.5,
            "fork": 0.3,
            "restore": 0.2,
            "take_back": 2,
            "storm": 0.2,
            "shards": 0.2,
        }
        names, weights = list(wanted), list(wanted.values())
        return str(self.dice.random.choices(names, weights)[0])

    # -- what may be done

    def _kept(self, pair: Pair, outcome: Any) -> Any:
        pair.changes += outcome.changes
        return outcome

    def _ids(self, pair: Pair, name: str) -> list[int]:
        return list(pair.oracle.entities[name])

    def _some_id(self, pair: Pair, name: str) -> int:
        """Mostly one that is there."""
        ids = self._ids(pair, name)
        return int(self.dice.pick(ids)) if ids and self.dice.often(0.97) else 999_999

    def _add(self, pair: Pair) -> None:
        made = self._entity(pair, self.dice.pick(ENTITY_NAMES))
        if made is not None:
            self._kept(pair, pair.tracker.add(made))
            pair.oracle.put(made)

    def _entity(self, pair: Pair, name: str, id_: int | None = None) -> Any:
        dice = self.dice
        if id_ is None:
            limits = {"Course": 3, "Section": 8, "Lesson": 40, "Coworker": 30, "CourseMember": 60}
            if len(self._ids(pair, name)) >= limits[name]:
                return None
            id_ = self._next[name]
            self._next[name] += 1
        if name == "Course":
            return dice.course(id_)
        if name == "Coworker":
            return dice.coworker(id_)
        course_id = dice.pick(self._ids(pair, "Course"))
        if course_id is None:
            return None
        if name == "Section":
            return dice.section(id_, course_id)
        if name == "Lesson":
            sections = [
                each.id
                for each in pair.oracle.entities["Section"].values()
                if each.course_id == course_id
            ]
            return dice.lesson(id_, course_id, dice.pick([None, *sections]))
        coworker_id = dice.pick(self._ids(pair, "Coworker"))
        return None if coworker_id is None else dice.member(id_, course_id, coworker_id)

    def _rename(self, pair: Pair) -> None:
        name = self.dice.pick(("Lesson", "Coworker"))
        id_ = self.dice.pick(self._ids(pair, name))
        if id_ is None:
            return
        before = pair.oracle.entities[name][id_]
        after = (
            attrs.evolve(before, title=self.dice.text())
            if name == "Lesson"
            else self.dice.coworker(id_)
        )
        self._put(pair, after)

    def _rearrange(self, pair: Pair) -> None:
        name = self.dice.pick(("Course", "Section", "Lesson", "CourseMember"))
        id_ = self.dice.pick(self._ids(pair, name))
        after = None if id_ is None else self._entity(pair, name, id_)
        if after is None:
            return
        before = pair.oracle.entities[name][id_]
        try:
            outcome = pair.tracker.replace(after)
        except CoursetrackError as error:
            moves = getattr(before, "course_id", None) != getattr(after, "course_id", None)
            if not moves:
                raise Difference(f"replacing {before!r} by {after!r}: {error}") from error
            return
        self._kept(pair, outcome)
        pair.oracle.put(after)

    def _remove(self, pair: Pair) -> None:
        name = self.dice.pick(("Lesson", "CourseMember", "Coworker", "Section"))
        id_ = self.dice.pick(self._ids(pair, name))
        if id_ is None:
            return
        before = pair.oracle.entities[name][id_]
        field = {"Coworker": "coworker_id", "Section": "section_id"}.get(name)
        held = field and any(
            getattr(each, field, None) == id_
            for found in pair.oracle.entities.values()
            for each in found.values()
        )
        try:
            outcome = pair.tracker.remove(before)
        except CoursetrackError as error:
            same("removing what is referred to", error.code, "still_referenced")
            same(f"may {before!r} go", bool(held), True)
            return
        same(f"may {before!r} go", bool(held), False)
        self._kept(pair, outcome)
        pair.oracle.drop(before)

    def _an_event(self, pair: Pair) -> Any:
        event_id = f"e{self.dice.number(0, 400)}" if self.dice.often(0.2) else None
        lesson_id, member_id = self._some_id(pair, "Lesson"), self._some_id(pair, "CourseMember")
        member = pair.oracle.entities["CourseMember"].get(member_id)
        if member is not None and self.dice.often(0.95):
            lessons = pair.oracle.entities["Lesson"].values()
            own = [each.id for each in lessons if each.course_id == member.course_id]
            lesson_id = self.dice.pick(own) or lesson_id
        lesson = pair.oracle.entities["Lesson"].get(lesson_id)
        kinds = sorted(map(str, kinds_of(lesson.criterion))) if lesson else []
        return self.dice.event(lesson_id, member_id, event_id, self.dice.pick(kinds))

    def _recorded_at(self) -> Any:
        return self.dice.instant() if self.dice.often(0.3) else None

    def _event(self, pair: Pair) -> None:
        event, recorded_at = self._an_event(pair), self._recorded_at()
        if len(pair.oracle.records) >= MOST_RECORDS:
            return
        expected, record = pair.oracle.record(event, recorded_at)
        try:
            outcome = pair.tracker.record(event, recorded_at=recorded_at)
        except CoursetrackError as error:
            same(f"{event!r} raises", (error.code, "conflict"), ("event_conflict", expected))
            return
        self._kept(pair, outcome)
        self.counts[f"({expected})"] += 1
        if expected == "refused":
            codes = sorted({each.code.value for each in outcome.refused})
            same(f"{event!r} at {recorded_at} is refused", codes, record)
            return
        same(f"{event!r} is refused", outcome.refused, ())
        found = outcome.completed and record_told(outcome.completed)
        same(f"{event!r} at {recorded_at} completes", found, record and record.told())
        same(f"{event!r} is a repeat", outcome.repeated, expected == "repeated")

    def _many(self, pair: Pair) -> None:
        if len(pair.oracle.records) >= MOST_RECORDS:
            return
        events = [self._an_event(pair) for _ in range(self.dice.number(0, 30))]
        recorded_at, twin = self._recorded_at(), pair.oracle.fork()
        told = [twin.record(each, recorded_at)[0] for each in events]
        way = self.dice.pick((_recorded_many, _recorded_columns))
        try:
            tally = way(pair.tracker, events, recorded_at)
        except CoursetrackError as error:
            same("many events raise", (error.code, "conflict" in told), ("event_conflict", True))
            return
        same("many events raise", "conflict" in told, False)
        pair.oracle = twin
        self._kept(pair, tally)
        wanted = ("completed", "advanced", "repeated", "ignored", "refused_events")
        found = tuple(getattr(tally, name) for name in wanted)
        told = ["refused_events" if each == "refused" else each for each in told]
        counts = Counter(told)
        same("many events, counted", found, tuple(counts[name] for name in wanted))

    def _by_hand(self, pair: Pair) -> None:
        if len(pair.oracle.records) >= MOST_RECORDS:
            return
        ids = self._some_id(pair, "Lesson"), self._some_id(pair, "CourseMember")
        at, by = self.dice.instant(), self.dice.pick((None, "admin", "Ada"))
        known = all(
            id_ in pair.oracle.entities[name]
            for id_, name in zip(ids, ("Lesson", "CourseMember"), strict=True)
        )
        possible = known and pair.oracle.of_pair(*ids) is None
        try:
            outcome = pair.tracker.complete(lesson_id=ids[0], member_id=ids[1], at=at, by=by)
        except CoursetrackError as error:
            same(f"completing {ids} raises {error}", possible, False)
            return
        same(f"completing {ids}", possible, True)
        record = pair.oracle.complete(*ids, at, by)
        same(f"completing {ids}", record_told(self._kept(pair, outcome).completed), record.told())

    def _update(self, pair: Pair) -> None:
        id_ = self.dice.pick(list(pair.oracle.records))
        if id_ is None:
            return
        at, by = self.dice.instant(), self.dice.pick((None, "admin", "Ada"))
        moved = self._moved(pair)
        record = pair.oracle.records[id_]
        ids = moved.get("lesson_id", record.lesson_id), moved.get("member_id", record.member_id)
        known = all(
            each in pair.oracle.entities[name]
            for each, name in zip(ids, ("Lesson", "CourseMember"), strict=True)
        )
        taken = pair.oracle.of_pair(*ids)
        possible = known and (taken is None or taken.id == id_)
        try:
            outcome = pair.tracker.update_completed(id=id_, at=at, by=by, **moved)
        except CoursetrackError as error:
            same(f"moving {id_} to {ids} raises {error}", possible, False)
            return
        same(f"moving {id_} to {ids}", possible, True)
        self._kept(pair, outcome)
        record = pair.oracle.update(id_, at, updated_by=by, **moved)
        found = pair.tracker.completed_lessons.get(id_)
        same(f"updating {id_}", found and record_told(found), record.told())
        same(f"updating {id_} refuses", outcome.refused, ())

    def _moved(self, pair: Pair) -> dict[str, int]:
        """Another lesson or member for a completion; mostly neither."""
        moved = {}
        for name, kind in (("lesson_id", "Lesson"), ("member_id", "CourseMember")):
            if self.dice.often(0.2):
                moved[name] = self._some_id(pair, kind)
        return moved

    def _delete(self, pair: Pair) -> None:
        id_ = self.dice.pick(list(pair.oracle.records))
        if id_ is not None:
            self._kept(pair, pair.tracker.delete_completed(id=id_))
            pair.oracle.delete(id_)

    def _reset(self, pair: Pair) -> None:
        member_id = self.dice.pick(self._ids(pair, "CourseMember"))
        if member_id is None:
            return
        lesson_id = self.dice.pick((None, *self._ids(pair, "Lesson")))
        self._kept(pair, pair.tracker.reset(member_id=member_id, lesson_id=lesson_id))
        pair.oracle.reset(member_id, lesson_id)

    def _settle(self, pair: Pair) -> None:
        """After what is asked for was changed of lessons that something was reported of."""
        reported = sorted({lesson_id for lesson_id, _ in pair.oracle.reports})
        for lesson_id in reported if self.dice.often(0.5) else ():
            lesson = pair.oracle.entities["Lesson"][lesson_id]
            criterion = self.dice.criterion(1)
            self._put(pair, _asking(lesson, criterion))
        course_id, at = self.dice.pick(self._ids(pair, "Course")), self.dice.instant()
        if course_id is None or len(pair.oracle.records) >= MOST_RECORDS:
            return
        outcome = self._kept(pair, pair.tracker.settle(course_id=course_id, at=at))
        found = [record_told(change.after) for change in outcome.changes]
        made = [each.told() for each in pair.oracle.settle(course_id, at)]
        same(f"settling course {course_id} at {at}", found, made)
        self.counts["(settled)"] += len(made)

    # -- whole trackers

    def _fork(self, pair: Pair) -> None:
        fork = Pair(pair.tracker.fork(), pair.oracle.fork(), list(pair.changes), pair.start)
        if len(self.pairs) >= MOST_PAIRS:
            self.pairs.pop(self.dice.number(0, len(self.pairs) - 1))
        self.pairs.append(fork)

    def _restore(self, pair: Pair) -> None:
        """The tracker goes, and comes back from its first snapshot and the changes since."""
        texts = [json.dumps(change.to_dict()) for change in pair.changes]
        changes = [Change.from_dict(json.loads(text)) for text in texts]
        again = Tracker.restore(json.loads(json.dumps(pair.start)), changes)
        same("the tracker that its changes lead to is equal", again == pair.tracker, True)
        again.check()
        pair.tracker, pair.changes = again, []
        pair.start = again.snapshot()

    def _take_back(self, pair: Pair) -> None:
        """The last few changes are taken back, and made again."""
        last = pair.changes[-self.dice.number(1, 5) :]
        if not last:
            return
        before = pair.tracker.fork()
        back = [change.inverse() for change in reversed(last)]
        numbered = [
            attrs.evolve(each, sequence=n) for n, each in enumerate(back, before.version + 1)
        ]
        self._kept(pair, pair.tracker.replay(numbered))
        forth = [
            attrs.evolve(each, sequence=n) for n, each in enumerate(last, pair.tracker.version + 1)
        ]
        self._kept(pair, pair.tracker.replay(forth))
        same("what was taken back and made again is equal", pair.tracker == before, True)

    def _storm(self, pair: Pair) -> None:
        """Everybody is renamed, and every lesson."""
        for id_ in self._ids(pair, "Coworker"):
            self._put(pair, self.dice.coworker(id_))
        for lesson in list(pair.oracle.entities["Lesson"].values()):
            self._put(pair, attrs.evolve(lesson, title=self.dice.text()))

    def _put(self, pair: Pair, entity: Any) -> None:
        self._kept(pair, pair.tracker.replace(entity))
        pair.oracle.put(entity)

    def _shards(self, pair: Pair) -> None:
        """Split by member, the parts answer together as the whole does; merged, they are it."""
        whole = json.loads(json.dumps(pair.tracker.snapshot()))
        parts = split(whole, shards=self.dice.number(1, 5))
        same("parts merged again", merge(self.dice.random.sample(parts, len(parts))), whole)
        shards = Shards([Tracker.restore(part) for part in parts])
        for _ in range(5):
            self._list(pair, shards)

    # -- what has to be the same

    def _question(self, pair: Pair) -> None:
        dice, oracle = self.dice, pair.oracle
        self._list(pair, pair.tracker.completed_lessons)
        if (member_id := dice.pick(self._ids(pair, "CourseMember"))) is not None:
            self._progress(pair, member_id)
        event, recorded_at = self._an_event(pair), self._recorded_at()
        if event.event_id is None:
            told = pair.tracker.refusals(event, recorded_at=recorded_at)
            codes = sorted({each.code.value for each in told})
            same(f"refusals of {event!r}", codes, sorted(set(oracle.refusals(event, recorded_at))))

    def _list(self, pair: Pair, listed: Any) -> None:
        """A page of some list, as a scan would give it, names included."""
        dice, oracle = self.dice, pair.oracle
        order, direction = dice.pick(sorted(_ORDERS)), dice.pick((1, -1))
        fields: dict[str, Any] = {"order_by": order, "direction": direction}
        for name in dice.random.sample(sorted(_FILTERS), dice.number(0, 2)):
            fields[name] = getattr(self, _FILTERS[name])(pair, name)
        fields |= {"page": dice.number(1, 4), "size": dice.pick((1, 3, 25))}
        query = CompletedLessonQuery(**fields)
        page = listed.find(query)
        found = page.total_items, [each.id for each in page.records]
        same(f"{query!r}", found, oracle.find(query, _ORDERS[order]))
        for record in page.records[:3]:
            same(f"names of {record!r}", listed.joined(record)._asdict(), oracle.names(record))

    def _progress(self, pair: Pair, member_id: int) -> None:
        told = pair.tracker.progress(member_id=member_id)
        found = (
            told.completed,
            told.countable,
            told.completeness,
            told.finished,
            told.last_completed and told.last_completed.id,
            told.finished_on,
        )
        same(f"progress of {member_id}", found, pair.oracle.progress(member_id))

    def _an_id(self, pair: Pair, name: str) -> int:
        return self._some_id(pair, {"lesson_id": "Lesson", "member_id": "CourseMember"}[name])

    def _a_record_id(self, pair: Pair, name: str) -> int:
        return int(self.dice.pick(list(pair.oracle.records)) or 1)

    def _a_text(self, pair: Pair, name: str) -> str:
        return self.dice.text()

    def _an_instant(self, pair: Pair, name: str) -> Any:
        record = pair.oracle.records.get(self._a_record_id(pair, name))
        near = record.updated_on if record else self.dice.instant()
        return near + timedelta(microseconds=self.dice.pick((0, 0, 1, -1)))

    def _everything(self, pair: Pair) -> None:
        pair.tracker.check()
        found = [record_told(each) for each in pair.tracker.completed_lessons]
        expected = [pair.oracle.records[id_].told() for id_ in sorted(pair.oracle.records)]
        same("all records", found, expected)
        for course_id in self._ids(pair, "Course"):
            for told in pair.tracker.course_progress(course_id=course_id):
                self._progress(pair, told.member_id)


def _asking(lesson: Any, criterion: Any) -> Any:
    plain = {"completion_type": None, "video_coverage": None}
    return attrs.evolve(lesson, criterion=criterion, **plain)


def _recorded_many(tracker: Tracker, events: list[Any], recorded_at: Any) -> Any:
    return tracker.record_many(events, recorded_at=recorded_at)


def _recorded_columns(tracker: Tracker, events: list[Any], recorded_at: Any) -> Any:
    """The same events as columns."""
    plain = [(*each.to_plain(), None)[:5] for each in events]
    kinds, members, lessons, instants, event_ids = zip(*plain, strict=True) if plain else [()] * 5
    return tracker.record_columns(
        kinds,
        members,
        lessons,
        instants,
        event_ids=event_ids,
        bodies=[each.to_plain()[5:] for each in events],
        recorded_at=recorded_at,
    )


_ORDERS = {name: field for name, field in ORDERS.items() if field not in ("unique_id", "system_id")}
_FILTERS = {
    **dict.fromkeys(("lesson_id", "member_id"), "_an_id"),
    "id": "_a_record_id",
    **dict.fromkeys(("lesson_title", "full_name", "company_name", "team_names"), "_a_text"),
    **{
        f"{side}_{end}": "_an_instant"
        for side in ("created", "updated")
        for end in ("from", "to", "on")
    },
}
