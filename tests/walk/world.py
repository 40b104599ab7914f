"""Random entities and events, small and alike on purpose: ties, shared titles, the same seconds."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from random import Random
from typing import Any

from coursetrack import (
    ButtonClick,
    CompletionType,
    Course,
    CourseMember,
    Coworker,
    Event,
    Lesson,
    PageVisit,
    Section,
    UnlockType,
    VideoFinish,
    VideoProgress,
)

START = datetime(2025, 1, 1, tzinfo=UTC)
TEXTS = ("Ada", "ada", "É", "E\u0301", "ß", "SS", "a, b", "A,b", "", " ", "İ", "x\ny", "Ταΐζης")


class Dice:
    """Draws everything from one seeded source, so that a seed tells the whole walk."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)

    def pick(self, found: Any) -> Any:
        """One of a sequence; None where it is empty."""
        return self.random.choice(found) if found else None

    def often(self, share: float) -> bool:
        """True for this share of the draws."""
        return self.random.random() < share

    def number(self, low: int, high: int) -> int:
        """A whole number, both ends included."""
        return self.random.randint(low, high)

    def text(self) -> str:
        """A text that some other text resembles."""
        return str(self.pick(TEXTS)) + (str(self.number(0, 3)) if self.often(0.5) else "")

    def instant(self) -> datetime:
        """An instant that others share."""
        if self.often(0.1):
            return START + timedelta(microseconds=self.number(0, 10**13))
        return START + timedelta(hours=self.number(12, 240), seconds=self.pick((0, 0, 0.5, 59)))

    # -- entities

    def course(self, id_: int) -> Course:
        """A course, mostly active."""
        return Course(id=id_, title=self.text(), active=self.often(0.98))

    def section(self, id_: int, course_id: int) -> Section:
        """A section of a course."""
        return Section(
            id=id_,
            course_id=course_id,
            title=self.text(),
            active=self.often(0.97),
            display_order=self.number(0, 2),
            unlock_type=self.pick((*UnlockType, *[UnlockType.IMMEDIATE] * 4)),
            unlock_after_days=self.number(0, 3),
        )

    def lesson(self, id_: int, course_id: int, section_id: int | None) -> Lesson:
        """A lesson with any criterion."""
        completion: dict[str, Any] = {"criterion": self.criterion(2)}
        if self.often(0.6):
            completion = {"completion_type": self.pick(list(CompletionType))}
            if completion["completion_type"] is CompletionType.VIDEO and self.often(0.7):
                completion["video_coverage"] = Fraction(self.number(1, 10), 10)
        return Lesson(
            id=id_,
            course_id=course_id,
            section_id=section_id,
            title=self.text(),
            active=self.often(0.97),
            required=self.often(0.85),
            display_order=self.number(0, 3),
            unlock_type=self.pick((*UnlockType, *[UnlockType.IMMEDIATE] * 4)),
            unlock_after_days=self.number(0, 3),
            video_duration=self.pick((None, None, 100.0)),
            **completion,
        )

    def criterion(self, depth: int) -> Any:
        """Any criterion of the package, nested at most so deep."""
        from coursetrack import (  # here, so that the walk says plainly what it needs
            AllOf,
            AnyOf,
            AtLeast,
            Button,
            ScoreAtLeast,
            TimeSpentAtLeast,
            Untracked,
            VideoCoverage,
            VideoEnd,
            Visited,
        )

        if depth and self.often(0.5):
            parts = [self.criterion(depth - 1) for _ in range(self.number(1, 3))]
            kind = self.pick((AllOf, AnyOf, AtLeast))
            return AtLeast(self.number(1, len(parts)), *parts) if kind is AtLeast else kind(*parts)
        share = Fraction(self.number(1, 10), 10)
        return self.pick(
            (
                Visited(),
                Button(),
                VideoEnd(),
                Untracked(),
                VideoCoverage(share),
                ScoreAtLeast(share),
                TimeSpentAtLeast(self.number(1, 200)),
            )
        )

    def coworker(self, id_: int) -> Coworker:
        """Somebody, perhaps of a company and of teams."""
        return Coworker(
            id=id_,
            full_name=self.text(),
            company_name=self.pick((None, self.text())),
            team_names=tuple(
                {self.text().replace(",", "") or "x" for _ in range(self.number(0, 2))}
            ),
        )

    def member(self, id_: int, course_id: int, coworker_id: int) -> CourseMember:
        """An enrolment, mostly one that may learn."""
        return CourseMember(
            id=id_,
            course_id=course_id,
            coworker_id=coworker_id,
            created_on=START + timedelta(hours=self.number(0, 24)),
            approved=self.often(0.97),
            blocked=self.often(0.03),
        )

    # -- events

    def event(
        self, lesson_id: int, member_id: int, event_id: str | None, wanted: str | None
    ) -> Event:
        """An event of this pair: mostly of the kind that is wanted, if one is."""
        from coursetrack import Scored, TimeSpent

        told: dict[str, Any] = {
            "lesson_id": lesson_id,
            "member_id": member_id,
            "at": self.instant(),
            "event_id": event_id,
        }
        kinds = (PageVisit, ButtonClick, VideoFinish, VideoProgress, TimeSpent, Scored)
        fitting = [each for each in kinds if each.__name__ == wanted]
        kind = self.pick(fitting if fitting and self.often(0.8) else kinds)
        if kind is VideoProgress:
            duration = self.pick((100.0, 100.0, 100.9, 30.0, 1.0))
            told |= {"duration": duration, "start": self.number(-5, 100) * 1.0}
            told["end"] = told["start"] + self.number(-10, 60)
        elif kind is TimeSpent:
            told["seconds"] = self.number(0, 90)
        elif kind is Scored:
            told |= {"score": self.number(-1, 11), "out_of": self.pick((10, 10, 1))}
        made: Event = kind(**told)
        return made
