"""What a tracker has to answer, said once more from the rules' text, with no code of the package.

Everything is recounted from what was told: no index, no mask, no evidence that is kept. The values
(entities, events) are the package's own; what follows from them is not.
"""

import re
from collections.abc import Iterable, Iterator
from copy import copy
from datetime import datetime, timedelta
from fractions import Fraction
from types import SimpleNamespace
from typing import Any
from unicodedata import normalize

ENTITY_NAMES = ("Course", "Section", "Lesson", "Coworker", "CourseMember")


def folded(text: str) -> str:
    """Unicode's canonical caseless form."""
    return normalize("NFD", normalize("NFD", text).casefold())


def teams_folded(text: str) -> str:
    """The same, with blanks around commas left out."""
    return re.sub("[ \t]*,[ \t]*", ",", folded(text))


class Record:
    """A completed lesson as the oracle knows it."""

    def __init__(self, **fields: Any) -> None:
        self.__dict__.update(fields)

    def told(self) -> tuple[Any, ...]:
        """What is compared."""
        shown = vars(self)
        names = ("id", "lesson_id", "member_id", "created_on", "updated_on", "updated_by")
        return tuple(shown[name] for name in names)


class Oracle:
    """Everything that was told, and the answers that follow."""

    def __init__(self) -> None:
        self.entities: dict[str, dict[int, Any]] = {name: {} for name in ENTITY_NAMES}
        self.records: dict[int, Any] = {}
        self.reports: dict[tuple[int, int], list[Any]] = {}
        self.event_ids: dict[str, Any] = {}
        self.next_id = 1

    def fork(self) -> "Oracle":
        """An independent copy."""
        other = Oracle()
        other.entities = {name: dict(found) for name, found in self.entities.items()}
        other.records = {id_: copy(each) for id_, each in self.records.items()}
        other.reports = {pair: list(each) for pair, each in self.reports.items()}
        other.event_ids = dict(self.event_ids)
        other.next_id = self.next_id
        return other

    # -- entities

    def put(self, entity: Any) -> None:
        """Adds or replaces an entity."""
        self.entities[type(entity).__name__][entity.id] = entity

    def drop(self, entity: Any) -> None:
        """Removes an entity, and a lesson's or member's completions and reports with it."""
        name = type(entity).__name__
        del self.entities[name][entity.id]
        place = {"Lesson": 0, "CourseMember": 1}.get(name)
        if place is not None:
            self.records = {
                id_: each
                for id_, each in self.records.items()
                if (each.lesson_id, each.member_id)[place] != entity.id
            }
            self.reports = {
                pair: each for pair, each in self.reports.items() if pair[place] != entity.id
            }

    def of_pair(self, lesson_id: int, member_id: int) -> Any:
        """The completion of a pair, or None."""
        pairs = ((each.lesson_id, each.member_id) for each in self.records.values())
        for pair, record in zip(pairs, self.records.values(), strict=True):
            if pair == (lesson_id, member_id):
                return record
        return None

    # -- events

    def record(self, event: Any, recorded_at: datetime | None = None) -> tuple[str, Any]:
        """What an event does: a word, and the record, the codes or None."""
        known = self.event_ids.get(event.event_id) if event.event_id else None
        if known is not None:
            return ("repeated" if same_body(known, event) else "conflict"), None
        codes = sorted(set(self.refusals(event, recorded_at)))
        if codes:
            return "refused", codes
        lesson = self.entities["Lesson"][event.lesson_id]
        if type(event).__name__ not in kinds_of(lesson.criterion) or says_nothing(event):
            return "ignored", None
        if self.of_pair(event.lesson_id, event.member_id) is not None:
            self._use(event)
            return "repeated", None
        return self._counted(lesson, event, recorded_at)

    def _use(self, event: Any) -> None:
        if event.event_id:
            self.event_ids[event.event_id] = event

    def _counted(self, lesson: Any, event: Any, recorded_at: datetime | None) -> tuple[str, Any]:
        pair = event.lesson_id, event.member_id
        before = self.reports.get(pair, [])
        if is_trigger(lesson.criterion, event):
            since: datetime | None = event.at
        else:
            if not changes(before, event):
                return "repeated", None
            self.reports[pair] = [*before, event]
            since = (
                met(lesson, lesson.criterion, self.reports[pair]) if adds(before, event) else None
            )
        self._use(event)
        if since is None:
            return ("advanced" if adds(before, event) else "repeated"), None
        record = self.complete(*pair, since, None)
        record.updated_on = since if recorded_at is None else recorded_at
        return "completed", record

    def refusals(self, event: Any, recorded_at: datetime | None) -> Iterator[str]:
        """The codes of all reasons against an event."""
        lesson = self.entities["Lesson"].get(event.lesson_id)
        member = self.entities["CourseMember"].get(event.member_id)
        if lesson is None:
            yield "unknown_lesson"
        if member is None:
            yield "unknown_member"
        else:
            if self._judged_at(event, recorded_at) < member.created_on:
                yield "before_enrolment"
            if not member.approved:
                yield "not_approved"
            if member.blocked:
                yield "blocked"
        if lesson is not None:
            yield from self._lesson_refusals(lesson)
        if lesson is not None and member is not None:
            if lesson.course_id != member.course_id:
                yield "other_course"
            else:
                yield from self._locks(lesson, member, self._judged_at(event, recorded_at))

    def _judged_at(self, event: Any, recorded_at: datetime | None) -> datetime:
        """Nothing can have happened after it was recorded."""
        at: datetime = event.at
        return at if recorded_at is None else min(at, recorded_at)

    def _lesson_refusals(self, lesson: Any) -> Iterator[str]:
        if not self.entities["Course"][lesson.course_id].active:
            yield "course_inactive"
        section = self.entities["Section"].get(lesson.section_id)
        if section is not None and not section.active:
            yield "section_inactive"
        if not lesson.active:
            yield "lesson_inactive"

    def _locks(self, lesson: Any, member: Any, at: datetime) -> Iterator[str]:
        if self.of_pair(lesson.id, member.id) is not None:
            return
        section = self.entities["Section"].get(lesson.section_id)
        if not self._is_open(lesson, self._lessons_before(lesson), member, at):
            yield "lesson_locked"
        if section is not None and not self._is_open(
            section, self._lessons_of_section_before(section), member, at
        ):
            yield "section_locked"

    def _is_open(self, locked: Any, before: Iterable[Any], member: Any, at: datetime) -> bool:
        kind = locked.unlock_type.name
        if kind == "TIMED":
            return at - member.created_on >= timedelta(hours=24) * locked.unlock_after_days
        if kind == "SEQUENTIAL":
            return all(self.of_pair(each.id, member.id) is not None for each in before)
        return True

    def _countable(self, course_id: int) -> list[Any]:
        """The lessons of a course that count, in reading order."""
        sections = self.entities["Section"]
        lessons = [
            each
            for each in self.entities["Lesson"].values()
            if each.course_id == course_id
            and each.active
            and each.required
            and can_be_met(each.criterion)
            and (each.section_id is None or sections[each.section_id].active)
        ]
        return sorted(lessons, key=self._place)

    def _place(self, lesson: Any) -> tuple[Any, ...]:
        section = self.entities["Section"].get(lesson.section_id)
        first = (0, 0, 0) if section is None else (1, section.display_order, section.id)
        return (*first, lesson.display_order, lesson.id)

    def _lessons_before(self, lesson: Any) -> list[Any]:
        before = [
            each
            for each in self._countable(lesson.course_id)
            if self._place(each) < self._place(lesson)
        ]
        return before[-1:]

    def _lessons_of_section_before(self, section: Any) -> list[Any]:
        """The countable lessons of the nearest section before that has any."""
        place = section.display_order, section.id
        within: dict[tuple[int, int], list[Any]] = {}
        for lesson in self._countable(section.course_id):
            other = self.entities["Section"].get(lesson.section_id)
            if other is not None and (other.display_order, other.id) < place:
                within.setdefault((other.display_order, other.id), []).append(lesson)
        return within[max(within)] if within else []

    # -- by hand

    def complete(self, lesson_id: int, member_id: int, at: datetime, by: str | None) -> Any:
        """A new completion."""
        record = Record(
            id=self.next_id,
            lesson_id=lesson_id,
            member_id=member_id,
            created_on=at,
            updated_on=at,
            updated_by=by,
        )
        self.records[record.id] = record
        self.next_id += 1
        return record

    def update(self, id_: int, at: datetime, **moved: Any) -> Any:
        """Moves a completion; of the pair that it leaves, what was reported is forgotten."""
        record = self.records[id_] = copy(self.records[id_])
        ids = moved.get("lesson_id", record.lesson_id), moved.get("member_id", record.member_id)
        if ids != (record.lesson_id, record.member_id):
            self.reports.pop((record.lesson_id, record.member_id), None)
        record.__dict__.update(moved, updated_on=max(record.updated_on, at))
        return record

    def delete(self, id_: int) -> None:
        """Deletes a completion, and what was reported of the pair."""
        record = self.records.pop(id_)
        self.reports.pop((record.lesson_id, record.member_id), None)

    def reset(self, member_id: int, lesson_id: int | None) -> None:
        """Forgets the completions and reports of a member, of one lesson or of all."""

        def concerns(lesson: int, member: int) -> bool:
            return member == member_id and lesson_id in (None, lesson)

        self.records = {
            id_: each
            for id_, each in self.records.items()
            if not concerns(each.lesson_id, each.member_id)
        }
        self.reports = {pair: each for pair, each in self.reports.items() if not concerns(*pair)}

    def settle(self, course_id: int, at: datetime) -> list[Any]:
        """Completes what is met by `at` and open then, member by member, in reading order."""
        lessons = [x for x in self.entities["Lesson"].values() if x.course_id == course_id]
        members = [x for x in self.entities["CourseMember"].values() if x.course_id == course_id]
        made = []
        for member in sorted(members, key=lambda each: each.id):
            for lesson in sorted(lessons, key=self._place):
                since = self._due(lesson, member, at)
                if since is not None:
                    record = self.complete(lesson.id, member.id, since, None)
                    record.updated_on = at
                    made.append(record)
        return made

    def _due(self, lesson: Any, member: Any, at: datetime) -> datetime | None:
        reports = self.reports.get((lesson.id, member.id), [])
        if self.of_pair(lesson.id, member.id) is not None:
            return None
        since = met(lesson, lesson.criterion, reports) if reports else None
        event = SimpleNamespace(lesson_id=lesson.id, member_id=member.id, at=at)
        late = since is None or since > at
        return None if late or list(self.refusals(event, None)) else since

    # -- answers

    def progress(self, member_id: int) -> tuple[Any, ...]:
        """completed, countable, completeness, finished, last completed id, finished on."""
        member = self.entities["CourseMember"][member_id]
        mine = {
            each.lesson_id: each for each in self.records.values() if each.member_id == member_id
        }
        countable = self._countable(member.course_id)
        done = [mine[each.id] for each in countable if each.id in mine]
        finished = bool(countable) and len(done) == len(countable)
        last = max(mine.values(), key=lambda each: (each.created_on, each.id), default=None)
        return (
            len(done),
            len(countable),
            Fraction(len(done), len(countable)) if countable else Fraction(0),
            finished,
            last and last.id,
            max(each.created_on for each in done) if finished else None,
        )

    def names(self, record: Any) -> dict[str, str | None]:
        """The names that a record is shown with."""
        lesson = self.entities["Lesson"].get(record.lesson_id)
        member = self.entities["CourseMember"].get(record.member_id)
        coworker = member and self.entities["Coworker"].get(member.coworker_id)
        teams = ", ".join(coworker.team_names) if coworker and coworker.team_names else None
        return {
            "lesson_title": lesson and lesson.title,
            "full_name": coworker and coworker.full_name,
            "company_name": coworker and coworker.company_name,
            "team_names": teams,
        }

    def find(self, query: Any, order: str) -> tuple[int, list[int]]:
        """How many records a query finds, and the ids of its page; `order` is the field's name."""
        found = [each for each in self.records.values() if self._matches(each, query)]

        def key(record: Any) -> tuple[Any, ...]:
            shown = {**vars(record), **self.names(record)}
            value = shown[order]
            if isinstance(value, str):
                value = teams_folded(value) if order == "team_names" else folded(value)
            return (0, record.id) if value is None else (1, value, record.id)

        found.sort(key=key, reverse=query.direction == -1)
        first = (query.page - 1) * query.size
        return len(found), [each.id for each in found[first : first + query.size]]

    def _matches(self, record: Any, query: Any) -> bool:
        if any(
            getattr(query, name) not in (None, getattr(record, name))
            for name in ("id", "lesson_id", "member_id")
        ):
            return False
        for side in ("created", "updated"):
            at = getattr(record, f"{side}_on")
            first, last = getattr(query, f"{side}_from"), getattr(query, f"{side}_to")
            whole = getattr(query, f"{side}_on")
            if (first and at < first) or (last and at > last):
                return False
            if whole and at.replace(microsecond=0) != whole.replace(microsecond=0):
                return False
        for name, text in self.names(record).items():
            wanted = getattr(query, name)
            fold = teams_folded if name == "team_names" else folded
            if wanted and (text is None or fold(wanted) not in fold(text)):
                return False
        return True


# -- criteria, recounted from the reports


def name_of(criterion: Any) -> str:
    """Which criterion it is."""
    return type(criterion).__name__


ALONE = {"Visited": "PageVisit", "Button": "ButtonClick", "VideoEnd": "VideoFinish"}
"""What is enough by itself."""

AMOUNTS = {
    "VideoCoverage": "VideoProgress",
    "TimeSpentAtLeast": "TimeSpent",
    "ScoreAtLeast": "Scored",
}


def is_trigger(criterion: Any, event: Any) -> bool:
    """Whether the event alone is enough, whatever came before."""
    return ALONE.get(name_of(criterion)) == type(event).__name__


def leaves(criterion: Any) -> Iterator[Any]:
    """The criteria that a criterion is made of in the end."""
    if name_of(criterion) in ("AllOf", "AnyOf", "AtLeast"):
        for each in criterion.criteria:
            yield from leaves(each)
    else:
        yield criterion


def can_be_met(criterion: Any) -> bool:
    """Whether events can complete the lesson."""
    name = name_of(criterion)
    if name in ("AllOf", "AnyOf", "AtLeast"):
        possible = sum(map(can_be_met, criterion.criteria))
        return possible >= _needed(criterion)
    return name != "Untracked"


def _needed(criterion: Any) -> int:
    counts = {"AllOf": len(criterion.criteria), "AnyOf": 1}
    return counts.get(name_of(criterion)) or int(criterion.count)


def kinds_of(criterion: Any) -> set[str | None]:
    """The kinds of event that concern a criterion."""
    names = {name_of(each) for each in leaves(criterion)}
    kinds = {ALONE.get(name) or AMOUNTS.get(name) for name in names}
    # What is watched is kept for a threshold that is set later.
    return kinds | ({"VideoProgress"} if "VideoEnd" in names else set())


def says_nothing(event: Any) -> bool:
    """Whether it is a stretch that counts for nothing: a reversed one, or a stay of no length."""
    kind = type(event).__name__
    if kind == "VideoProgress":
        return round(event.end * 1000) < round(event.start * 1000)
    return kind == "TimeSpent" and round(event.seconds * 1000) == 0


def of_kind(reports: list[Any], event: Any) -> list[Any]:
    """The reports of the event's kind."""
    return [each for each in reports if type(each) is type(event)]


def adds(reports: list[Any], event: Any) -> bool:
    """Whether a report says something that those before do not."""
    kind, same = type(event).__name__, of_kind(reports, event)
    if kind in ALONE.values():
        return not same  # an earlier one moves the instant alone
    return bool(evidence(kind, [*same, event]) != evidence(kind, same))


def changes(reports: list[Any], event: Any) -> bool:
    """Whether a report adds something or, where it does not, moves the latest instant."""
    same = of_kind(reports, event)
    kind = type(event).__name__
    if kind == "VideoProgress" and latest([*same, event]) != latest(same):
        return True
    return bool(evidence(kind, [*same, event]) != evidence(kind, same))


def latest(reports: list[Any]) -> datetime | None:
    """The latest instant among the reports in which something was watched."""
    return max((each.at for each in reports if each.stretch[0] < each.stretch[1]), default=None)


def evidence(kind: str, reports: list[Any]) -> Any:
    """All that matters of the reports of one kind."""
    if kind == "VideoProgress":
        return covered(reports), {each.duration_ms for each in reports}
    if kind == "TimeSpent":
        return union(each.span for each in reports)
    if kind == "Scored":
        return best_so_far(reports)
    return min((each.at for each in reports), default=None)


def union(stretches: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The union of half-open stretches, in order."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(each for each in stretches if each[0] < each[1]):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return found


def covered(reports: list[Any]) -> list[tuple[int, int]]:
    """What was watched."""
    return union(each.stretch for each in reports)


def best_so_far(reports: list[Any]) -> list[tuple[Fraction, datetime]]:
    """The scores that were the best when they came, by instant."""
    found: list[tuple[Fraction, datetime]] = []
    for report in sorted(reports, key=lambda each: (each.at, -each.share)):
        if not found or report.share > found[-1][0]:
            found.append((report.share, report.at))
    return found


def met(lesson: Any, criterion: Any, reports: list[Any]) -> datetime | None:
    """Since when the reports are enough, or None."""
    name = name_of(criterion)
    if name in ("AllOf", "AnyOf", "AtLeast"):
        instants = [met(lesson, each, reports) for each in criterion.criteria]
        reached = sorted(each for each in instants if each is not None)
        needed = _needed(criterion)
        return reached[needed - 1] if len(reached) >= needed else None
    kind = ALONE.get(name) or AMOUNTS.get(name)
    mine = [each for each in reports if type(each).__name__ == kind]
    if name in ALONE:
        return min((each.at for each in mine), default=None)
    if name == "VideoCoverage":
        return _watched_since(lesson, criterion, mine)
    if name == "TimeSpentAtLeast":
        return _present_since(criterion, mine)
    if name == "ScoreAtLeast":
        return next((at for share, at in best_so_far(mine) if share >= criterion.share), None)
    return None


def _watched_since(lesson: Any, criterion: Any, reports: list[Any]) -> datetime | None:
    longest = max((each.duration_ms for each in reports), default=0)
    if lesson.video_duration is not None:
        durations = {round(lesson.video_duration * 1000)}
    else:
        near = max(Fraction(1000), Fraction(longest, 100))
        durations = {each.duration_ms for each in reports if longest - each.duration_ms <= near}
    for duration in durations:
        seen = sum(max(0, min(end, duration) - start) for start, end in covered(reports))
        if seen and Fraction(seen, duration) >= criterion.share:
            return latest(reports)
    return None


def _present_since(criterion: Any, reports: list[Any]) -> datetime | None:
    total, needed = 0, criterion.seconds * 1_000_000
    for start, end in union(each.span for each in reports):
        total += end - start
        if total >= needed:
            return datetime.fromisoformat("1970-01-01T00:00:00+00:00") + timedelta(microseconds=end)
    return None


def same_body(one: Any, other: Any) -> bool:
    """Whether two events say the same, in milliseconds."""
    if type(one) is not type(other):
        return False

    def told(event: Any) -> tuple[Any, ...]:
        lengths = tuple(
            round(getattr(event, name) * 1000)
            for name in ("start", "end", "duration", "seconds")
            if hasattr(event, name)
        )
        score = (event.score, event.out_of) if hasattr(event, "score") else ()
        return event.member_id, event.lesson_id, event.at, lengths, score

    return told(one) == told(other)
