"""Real video statements through the tracker: whatever their order, the same lessons complete.

Each statement that a real player sent on reaching its threshold becomes a lesson with that
threshold, and the stretches that its session had played by then become the member's events. The
whole log goes in as well: a lesson per video and threshold, and every stretch of every session.
"""

import csv
import lzma
import random
from bisect import bisect_left
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest

from coursetrack.domain.entities import CompletionType, Course, CourseMember, Coworker, Lesson
from coursetrack.domain.events import PageVisit, VideoFinish, VideoProgress
from coursetrack.tracker import Tracker

pytestmark = pytest.mark.data

START = datetime(2021, 1, 1, tzinfo=UTC)
Row = dict[str, str]


@pytest.fixture(scope="module")
def whole_log(course_data: Path) -> list[Row]:
    file = course_data / "fun_xapi_video" / "a_potsie_23651.csv.xz"
    if not file.is_file():
        pytest.skip(f"no video statements at {file}")
    with lzma.open(file, "rt", newline="") as lines:
        return [row for row in csv.DictReader(lines) if row["played_segments"]]


@pytest.fixture(scope="module")
def statements(whole_log: list[Row]) -> list[Row]:
    return [row for row in whole_log if row["verb"] == "completed"]


def academy(thresholds: Iterable[str], rows: list[Row]) -> Tracker:
    """Lesson 1 has the first threshold, and so on; everybody in `rows` is enrolled."""
    tracker = Tracker()
    tracker.add(Course(id=1, title="Videos"))
    tracker.add_all(
        Lesson(
            id=place,
            course_id=1,
            title=f"Video {place}",
            completion_type=CompletionType.VIDEO,
            video_coverage=Fraction(threshold),
        )
        for place, threshold in enumerate(thresholds, start=1)
    )
    for member_id in sorted({int(row["member"]) for row in rows}):
        tracker.add(Coworker(id=member_id, full_name=f"Member {member_id}"))
        tracker.add(
            CourseMember(id=member_id, course_id=1, coworker_id=member_id, created_on=START)
        )
    return tracker


def one_each(statements: list[Row]) -> Tracker:
    """A lesson for each statement."""
    return academy((row["completion_threshold"] for row in statements), statements)


def played(row: Row, lesson_id: int) -> list[VideoProgress]:
    """The closed stretches of a statement as events; an open one has not been watched yet."""
    parts = (part.partition(":") for part in row["played_segments"].split())
    return [
        VideoProgress(
            member_id=int(row["member"]),
            lesson_id=lesson_id,
            at=datetime.fromisoformat(row["time"]),
            start=float(start),
            end=float(end),
            duration=float(row["length"]),
        )
        for start, _, end in parts
        if end
    ]


def events(statements: list[Row]) -> list[VideoProgress]:
    return [event for place, row in enumerate(statements, start=1) for event in played(row, place)]


def completions(tracker: Tracker) -> set[tuple[int, int, datetime]]:
    return {(each.lesson_id, each.member_id, each.created_on) for each in tracker.completed_lessons}


def expected(statements: list[Row]) -> set[tuple[int, int, datetime]]:
    """Every one of them, at the instant of its own statement."""
    return {
        (place, int(row["member"]), datetime.fromisoformat(row["time"]))
        for place, row in enumerate(statements, start=1)
    }


@pytest.mark.slow
def test_every_completed_statement_completes_its_lesson_in_file_order(statements):
    tracker = one_each(statements)
    told = events(statements)
    for event in told:
        tracker.record(event)
    assert len(tracker.completed_lessons) == 1_020
    assert completions(tracker) == expected(statements)
    tracker.check()
    again = tracker.record_many(told)
    assert again.repeated == len(told)


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.slow
def test_the_same_lessons_complete_when_the_events_are_shuffled(statements, seed):
    tracker = one_each(statements)
    told = events(statements)
    random.Random(seed).shuffle(told)
    tally = tracker.record_many(told)
    assert tally.completed == 1_020
    assert completions(tracker) == expected(statements)
    tracker.check()


def test_neither_a_visit_nor_the_videos_end_completes_any(statements):
    tracker = one_each(statements)
    at = START + timedelta(days=1)
    tally = tracker.record_many(
        kind(member_id=int(row["member"]), lesson_id=place, at=at)
        for place, row in enumerate(statements, start=1)
        for kind in (PageVisit, VideoFinish)
    )
    assert (tally.completed, tally.ignored) == (0, 2_040)


@pytest.mark.slow
def test_half_of_what_the_threshold_asks_for_completes_none(statements):
    """So the tests above can fail: what counts is the union, however often it is told."""
    tracker = one_each(statements)
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
    assert (tally.completed, tally.ignored) == (0, 0)
    assert tally.advanced + tally.repeated == 3_060


@pytest.mark.slow
def test_the_whole_log_completes_the_same_lessons_in_any_order(whole_log, statements):
    """Durations differ a little within a video here, and sessions add to one another."""
    lessons: dict[tuple[str, str], int] = {}
    for row in statements:
        lessons.setdefault((row["video"], row["completion_threshold"]), len(lessons) + 1)
    # A session's stretches are told again by each of its statements: the first time is enough.
    told = {
        (event.member_id, lesson_id, event.stretch, event.duration_ms): event
        for row in reversed(whole_log)
        for (video, _), lesson_id in lessons.items()
        if video == row["video"]
        for event in played(row, lesson_id)
    }
    in_order = list(reversed(told.values()))
    shuffled = random.Random(3).sample(in_order, len(in_order))
    trackers = []
    for stream in (in_order, shuffled):
        tracker = academy((threshold for _, threshold in lessons), whole_log)
        tracker.record_many(stream)
        tracker.check()
        trackers.append({(each.lesson_id, each.member_id) for each in tracker.completed_lessons})
    assert trackers[0] == trackers[1]
    assert trackers[0] >= {
        (lessons[row["video"], row["completion_threshold"]], int(row["member"]))
        for row in statements
    }


def covered(reports: list[VideoProgress], length: int) -> int:
    """How many of the first `length` milliseconds are in any of the reports, counted naively."""
    ends = sorted({0, length, *(end for each in reports for end in each.stretch if end < length)})
    return sum(
        stop - start
        for start, stop in pairwise(ends)
        if any(each.stretch[0] <= start and stop <= each.stretch[1] for each in reports)
    )


def first_reached(reports: list[VideoProgress], threshold: Fraction) -> datetime | None:
    """When the reports up to an instant first are enough, by any duration told by then or later."""
    lengths = {each.duration_ms for each in reports}
    earliest: dict[tuple[int, int], VideoProgress] = {}
    for each in sorted(reports, key=lambda each: each.at):
        earliest.setdefault(each.stretch, each)

    def enough(at: datetime) -> bool:
        known = [each for each in earliest.values() if each.at <= at]
        return any(covered(known, length) >= threshold * length for length in lengths)

    instants = sorted({each.at for each in reports})
    place = bisect_left(instants, True, key=enough)  # once enough, always enough
    return instants[place] if place < len(instants) else None


@pytest.mark.slow
@pytest.mark.parametrize("seed", [None, 1])
def test_no_completion_lies_before_its_stretches_first_reach_the_threshold(whole_log, seed):
    """A lesson per video, 90 % of it: with the whole log, in its order and in others."""
    videos = sorted({row["video"] for row in whole_log})
    lesson_of = {video: place for place, video in enumerate(videos, 1)}
    told: dict[tuple[int, int], list[VideoProgress]] = {}
    for row in whole_log:
        for event in played(row, lesson_of[row["video"]]):
            told.setdefault((event.lesson_id, event.member_id), []).append(event)
    stream = [event for reports in told.values() for event in reports]
    if seed is not None:
        random.Random(seed).shuffle(stream)
    threshold = Fraction(9, 10)
    tracker = academy(["9/10"] * len(videos), whole_log)
    tracker.record_many(stream)
    tracker.check()
    records = list(tracker.completed_lessons)
    assert len(records) > 1_000
    for record in records:
        first = first_reached(told[record.lesson_id, record.member_id], threshold)
        assert first is not None
        assert record.created_on >= first
