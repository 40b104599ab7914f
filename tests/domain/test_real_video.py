"""Coverage against what a real player recorded: 23,651 statements of an open course platform.

A statement holds all stretches that its session has played so far, and what the player made of
them: its own `progress`, and for `completed` the threshold that was reached.
"""

import csv
import lzma
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from coursetrack.domain.events import VideoProgress
from coursetrack.domain.watched import Watched
from tests.domain.courses import START

pytestmark = pytest.mark.data

Row = dict[str, str]


@pytest.fixture(scope="module")
def statements(course_data: Path) -> list[Row]:
    file = course_data / "fun_xapi_video" / "a_potsie_23651.csv.xz"
    if not file.is_file():
        pytest.skip(f"no video statements at {file}")
    with lzma.open(file, "rt", newline="") as lines:
        return list(csv.DictReader(lines))


def played(row: Row) -> Iterator[VideoProgress]:
    """The statement's closed stretches as events; an open one has not been watched yet."""
    for part in row["played_segments"].split():
        start, _, end = part.partition(":")
        if end:
            yield VideoProgress(
                member_id=int(row["member"]),
                lesson_id=int(row["video"]),
                at=START,
                start=float(start),
                end=float(end),
                duration=float(row["length"]),
            )


def watched(row: Row) -> Watched:
    found = Watched(member_id=int(row["member"]), lesson_id=int(row["video"]))
    for event in played(row):
        told = Watched.of(event)
        found = found if told is None else found.merged(told)
    return found


@pytest.mark.slow
def test_coverage_is_the_progress_that_the_player_recorded(statements):
    told = [row for row in statements if row["verb"] in ("paused", "terminated")]
    near = [row for row in told if abs(watched(row).coverage - Fraction(row["progress"])) <= 0.001]
    assert len(told) == 6_285
    assert len(near) >= 6_283


def test_every_completed_statement_reaches_its_threshold(statements):
    told = [row for row in statements if row["verb"] == "completed"]
    assert len(told) == 1_020
    assert all(watched(row).reaches(Fraction(row["completion_threshold"])) for row in told)


@pytest.mark.slow
def test_a_threshold_just_over_the_recorded_progress_is_not_reached(statements):
    """Nothing is reached by what was not played: the threshold cuts where the player's does."""
    told = [row for row in statements if row["verb"] in ("paused", "terminated")]
    over = [
        (watched(row), Fraction(row["progress"]) + Fraction(2, 1000))
        for row in told
        if Fraction(row["progress"]) < Fraction(9, 10)
    ]
    assert len(over) > 4_000
    assert sum(found.reaches(threshold) for found, threshold in over) <= 2
