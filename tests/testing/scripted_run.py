"""One long scripted run, and the digest of everything it answered. Prints the digest.

Nothing here is drawn at random: a small generator with a written seed chooses, so that the run is
the same on every machine. Run it as a program under another Python or another hash seed.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import attrs

import coursetrack as ct
from coursetrack.endpoint import Endpoint, Principal, Request

START = datetime(2025, 1, 1, tzinfo=UTC)
ADMIN = Principal("admin@example.com", is_unrestricted_admin=True)
PATH = "/api/content/coursecompletedlessons"
NAMES = ("Ada", "ada", "Zoë", "Zoe\u0308", "Straße", "STRASSE", "李", "")


def numbers(seed: int) -> Iterator[int]:
    """A linear congruential generator: the same numbers everywhere."""
    while True:
        seed = (seed * 6364136223846793005 + 1442695040888963407) % 2**64
        yield seed >> 33


class Script:
    """Chooses, does, and digests what comes of it."""

    def __init__(self, seed: int = 2025) -> None:
        self._numbers = numbers(seed)
        self._digest = sha256()
        self.tracker = ct.Tracker(remember_events=50)
        self.changes: list[ct.Change] = []

    def pick(self, choices: Any) -> Any:
        """One of `choices`, a sequence or how many numbers from 0."""
        found = next(self._numbers)
        return found % choices if isinstance(choices, int) else choices[found % len(choices)]

    def note(self, value: object) -> None:
        """Takes a plain value into the digest."""
        self._digest.update(json.dumps(value, default=str).encode() + b"\n")

    def do(self, call: str, *args: Any, **given: Any) -> None:
        """Calls the tracker and notes what changed, or which error was raised."""
        try:
            outcome = getattr(self.tracker, call)(*args, **given)
        except ct.CoursetrackError as error:
            self.note([call, error.code])
            return
        self.changes += outcome.changes
        self.note([call, [[x.sequence, x.kind, x.after is None] for x in outcome.changes]])
        self.note([[x.code, x.requires, x.opens_at] for x in getattr(outcome, "refused", ())])

    # -- the script

    def build(self) -> None:
        """Three courses with sections, lessons of every kind, and thirty members."""
        for course in (1, 2, 3):
            self.do("add", ct.Course(id=course, title=f"Course {course}"))
            for section in range(3):
                self.do("add", self.section(course * 10 + section, course))
        for lesson in range(1, 41):
            self.do("add", self.lesson(lesson))
        for who in range(1, 21):
            self.do("add", self.coworker(who))
        for member in range(1, 31):
            since = START + timedelta(days=self.pick(3), seconds=self.pick(2))
            self.do(
                "add",
                ct.CourseMember(
                    id=member,
                    course_id=1 + self.pick(3),
                    coworker_id=1 + self.pick(20),
                    created_on=since,
                    blocked=self.pick(10) == 0,
                ),
            )

    def section(self, id: int, course: int) -> ct.Section:
        """A section with some lock."""
        return ct.Section(
            id=id,
            course_id=course,
            title=f"Section {id}",
            display_order=self.pick(2),
            unlock_type=self.pick(list(ct.UnlockType)),
            unlock_after_days=self.pick(4),
        )

    def lesson(self, id: int) -> ct.Lesson:
        """A lesson of some kind with some lock."""
        course = 1 + self.pick(3)
        return ct.Lesson(
            id=id,
            course_id=course,
            section_id=self.pick([None, course * 10, course * 10 + 1, course * 10 + 2]),
            title=f"{self.pick(NAMES)} {id % 7}",
            display_order=self.pick(3),
            active=self.pick(12) != 0,
            unlock_type=self.pick([*ct.UnlockType, ct.UnlockType.IMMEDIATE]),
            unlock_after_days=self.pick(4),
            completion_type=self.pick(list(ct.CompletionType)),
            video_coverage=self.pick([None, 0.5, 0.9]),
        )

    def coworker(self, id: int) -> ct.Coworker:
        """A coworker of some company and some teams."""
        return ct.Coworker(
            id=id,
            full_name=f"{self.pick(NAMES)} {id % 5}",
            company_name=self.pick([None, *NAMES]),
            team_names=tuple({self.pick(NAMES): None for _ in range(self.pick(4))}),
        )

    def event(self) -> ct.Event:
        """Something a member did."""
        who: dict[str, Any] = {
            "member_id": 1 + self.pick(32),
            "lesson_id": 1 + self.pick(42),
            "at": START + timedelta(hours=self.pick(300), microseconds=self.pick(3)),
            "event_id": self.pick([None, None, f"e{self.pick(90)}"]),
        }
        kind = self.pick([ct.PageVisit, ct.ButtonClick, ct.VideoFinish, ct.VideoProgress])
        if kind is ct.VideoProgress:
            who |= {"start": self.pick(90) / 7, "end": self.pick(90) / 3, "duration": 30}
        return kind(**who)  # type: ignore[no-any-return]

    def write(self) -> None:
        """Some write by hand or some change of an entity."""
        at = START + timedelta(days=self.pick(30))
        pair = {"lesson_id": 1 + self.pick(40), "member_id": 1 + self.pick(30)}
        match self.pick(6):
            case 0:
                self.do("complete", **pair, at=at, by=self.pick(NAMES))
            case 1:
                self.do("update_completed", id=1 + self.pick(200), **pair, at=at, by="boss")
            case 2:
                self.do("delete_completed", id=1 + self.pick(200))
            case 3:
                found = self.tracker.lesson(1 + self.pick(40))
                self.do("replace", attrs.evolve(found, title=self.pick(NAMES)))
            case 4:
                self.do("replace", self.coworker(1 + self.pick(20)))
            case _:
                found = self.tracker.member(1 + self.pick(30))
                self.do("replace", attrs.evolve(found, blocked=self.pick(2) == 0))

    def ask(self) -> None:
        """Some list request, and some progress."""
        orders = list(ct.ORDERS)
        filters = [
            "",
            f"&CourseCompletedLesson_CourseLesson={1 + self.pick(40)}",
            f"&CourseCompletedLesson_CourseMember_Coworker_TeamNames={self.pick('adzs')}",
            f"&from_CourseCompletedLesson_UpdatedOn=2025-01-{1 + self.pick(28):02}",
        ]
        query = f"page={1 + self.pick(4)}&size={1 + self.pick(9)}&orderBy={self.pick(orders)}"
        query += f"&dir={self.pick(['1', '-1'])}{self.pick(filters)}"
        answer = Endpoint(self.tracker).handle(Request("GET", PATH, query=query), principal=ADMIN)
        self.note([query, answer.status, answer.body])
        progress = self.tracker.progress(member_id=1 + self.pick(30))
        self.note([str(progress.completeness), progress.completed_lesson_ids])

    def run(self) -> str:
        """The digest of the whole run."""
        self.build()
        for _ in range(400):
            for _ in range(5):
                self.do("record", self.event())
            self.write()
            self.ask()
        self.note([attrs.astuple(record) for record in self.tracker.completed_lessons])
        replayed = ct.Tracker(remember_events=50)
        replayed.replay(self.changes)
        assert replayed == self.tracker
        self.tracker.check()
        return self._digest.hexdigest()


if __name__ == "__main__":
    import sys

    sys.stdout.write(Script().run() + "\n")
