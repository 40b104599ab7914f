"""Real video statements through the tracker: whatever their order, the same lessons complete.

Each statement that a real player sent on reaching its threshold becomes a lesson with that
threshold, and the stretches that its session had played by then become the member's events.
"""

import csv
import lzma
import random
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import pytest

from coursetrack.domain.entities import CompletionType, Course, CourseMember, Coworker, Lesson
from coursetrack.domain.events import PageVisit, VideoFinish, VideoProgress
from coursetrack.tracker import Tracker

pytestmark = pytest.mark.data

START = datetime(2021, 1, 1, tzinfo=UTC)
Row = dict[str, str]


@pytest.fixture(scope="module")
def statements(course_data: Path) -> list[Row]:
    file = course_data / "fun_xapi_video" / "a_potsie_23651.csv.xz"
    if not file.is_file():
        pytest.skip(f"no video statements at {file}")
    with lzma.open(file, "rt", newline="") as lines:
        return [row for row in csv.DictReader(lines) if row["verb"] == "completed"]


def academy(statements: list[Row]) -> Tracker:
    tracker = Tracker()
    tracker.add(Course(id=1, title="Videos"))
    tracker.add_all(
        Lesson(
            id=place,
            course_id=1,
            title=f"Video {row['video']}, session {row['session']}",
            completion_type=CompletionType.VIDEO,
            video_coverage=Fraction(row["completion_threshold"]),
        )
        for place, row in enumerate(statements, start=1)
    )
    for member_id in sorted({int(row["member"]) for row in statements}):
        tracker.add(Coworker(id=member_id, full_name=f"Member {member_id}"))
        tracker.add(
            CourseMember(id=member_id, course_id=1, coworker_id=member_id, created_on=START)
        )
    return tracker


def events(statements: list[Row]) -> list[VideoProgress]:
    return [
        VideoProgress(
            member_id=int(row["member"]),
            lesson_id=place,
            at=datetime.fromisoformat(row["time"]),
            start=float(start),
            end=float(end),
            duration=float(row["length"]),
        )
        for place, row in enumerate(statements, start=1)
        for start, _, end in (part.partition(":") for part in row["played_segments"].split())
        if end
    ]


def completions(tracker: Tracker) -> set[tuple[int, int, datetime]]:
    return {(each.lesson_id, each.member_id, each.created_on) for each in tracker.completed_lessons}


def expected(statements: list[Row]) -> set[tuple[int, int, datetime]]:
    """Every one of them, at the instant of its own statement."""
    return {
        (place, int(row["member"]), datetime.fromisoformat(row["time"]))
        for place, row in enumerate(statements, start=1)
    }


def test_every_completed_statement_completes_its_lesson_in_file_order(statements):
    tracker = academy(statements)
    told = events(statements)
    for event in told:
        tracker.record(event)
    assert len(tracker.completed_lessons) == 1_020
    assert completions(tracker) == expected(statements)
    tracker.check()
    again = tracker.record_many(told)
    assert again.repeated == len(told)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_same_lessons_complete_when_the_events_are_shuffled(statements, seed):
    tracker = academy(statements)
    told = events(statements)
    random.Random(seed).shuffle(told)
    tally = tracker.record_many(told)
    assert tally.completed == 1_020
    assert completions(tracker) == expected(statements)
    tracker.check()


def test_neither_a_visit_nor_the_videos_end_completes_any(statements):
    tracker = academy(statements)
    at = START + timedelta(days=1)
    tally = tracker.record_many(
        kind(member_id=int(row["member"]), lesson_id=place, at=at)
        for place, row in enumerate(statements, start=1)
        for kind in (PageVisit, VideoFinish)
    )
    assert (tally.completed, tally.ignored) == (0, 2_040)


def test_half_of_what_the_threshold_asks_for_completes_none(statements):
    """So the tests above can fail: what counts is the union, however often it is told."""
    tracker = academy(statements)
    half = [
        VideoProgress(
            member_id=int(row["member"]),
            lesson_id=place,
            at=START,
            start=0,
            end=float(Fraction(row["completion_threshold"]) * Fraction(row["length"]) / 2),
            duration=float(row["length"]),
        )
        for place, row in enumerate(statements, start=1)
    ]
    tally = tracker.record_many(half * 3)
    assert (tally.completed, tally.ignored) == (0, 3_060)
