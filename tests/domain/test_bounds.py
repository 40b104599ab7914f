"""The bounds of every value: the last that is taken and the first that is not, on both sides."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from typing import Any

import attrs
import pytest

from coursetrack import errors
from coursetrack.domain import values
from coursetrack.domain.changes import Change
from coursetrack.domain.criteria.amounts import ScoreAtLeast, TimeSpentAtLeast
from coursetrack.domain.criteria.combined import AllOf, AnyOf, AtLeast
from coursetrack.domain.criteria.triggers import Button, Visited
from coursetrack.domain.criteria.video import VideoCoverage
from coursetrack.domain.entities import (
    CompletedLesson,
    CompletionType,
    Course,
    CourseMember,
    Coworker,
    Lesson,
    Section,
    UnlockType,
)
from coursetrack.domain.events import (
    ButtonClick,
    PageVisit,
    Scored,
    TimeSpent,
    VideoFinish,
    VideoProgress,
)
from coursetrack.domain.evidence import FirstVisit, Presence
from coursetrack.domain.facts import RememberedEvent
from coursetrack.domain.outline import Outline
from coursetrack.domain.values import MAX_ID
from coursetrack.domain.watched import Watched, near_the_longest
from coursetrack.errors import InvalidValue, nearest, shown

START = datetime(2025, 1, 1, tzinfo=UTC)
WHO: dict[str, Any] = {"member_id": 1, "lesson_id": 1}
EVENT: dict[str, Any] = {**WHO, "at": START}
FILM: dict[str, Any] = {**EVENT, "start": 0, "end": 0}
RECORD: dict[str, Any] = {**WHO, "id": 1, "created_on": START}

IDS: tuple[tuple[type, str, dict[str, Any]], ...] = (
    (Course, "id", {"title": "a"}),
    (Section, "id", {"course_id": 1, "title": "a"}),
    (Section, "course_id", {"id": 1, "title": "a"}),
    (Lesson, "id", {"course_id": 1, "title": "a"}),
    (Lesson, "course_id", {"id": 1, "title": "a"}),
    (Lesson, "section_id", {"id": 1, "course_id": 1, "title": "a"}),
    (Coworker, "id", {"full_name": "a"}),
    (CourseMember, "id", {"course_id": 1, "coworker_id": 1, "created_on": START}),
    (CourseMember, "course_id", {"id": 1, "coworker_id": 1, "created_on": START}),
    (CourseMember, "coworker_id", {"id": 1, "course_id": 1, "created_on": START}),
    (CompletedLesson, "id", {**WHO, "created_on": START}),
    (PageVisit, "member_id", {"lesson_id": 1, "at": START}),
    (ButtonClick, "lesson_id", {"member_id": 1, "at": START}),
    (FirstVisit, "member_id", {"lesson_id": 1, "at": START}),
    (Watched, "lesson_id", {"member_id": 1}),
    (RememberedEvent, "place", {"event": PageVisit(**EVENT, event_id="e")}),
    (Change, "sequence", {"after": Course(id=1, title="a")}),
)


@pytest.mark.parametrize(("kind", "field", "more"), IDS)
def test_an_id_is_from_1_to_the_last_of_64_bits(
    kind: type, field: str, more: dict[str, Any]
) -> None:
    for good in (1, 2, MAX_ID - 1, MAX_ID):
        assert getattr(kind(**more, **{field: good}), field) == good
    for wrong in (0, -1, -MAX_ID, MAX_ID + 1, True, 1.0, "1"):
        with pytest.raises(InvalidValue, match=f"{field}: expected an integer from 1 to 2"):
            kind(**more, **{field: wrong})


def test_a_completed_lesson_may_be_of_no_lesson_and_no_member() -> None:
    for field in WHO:
        assert getattr(CompletedLesson(**{**RECORD, field: 0}), field) == 0
        for wrong in (False, -1, 0.0, MAX_ID + 1, None):
            with pytest.raises(InvalidValue, match=field):
                CompletedLesson(**{**RECORD, field: wrong})


def lesson(**fields: Any) -> Lesson:
    return Lesson(id=1, course_id=1, title="a", **fields)


def chain(depth: int) -> Any:
    """Criteria so deep."""
    return reduce(lambda inner, _: AllOf(inner), range(depth), Visited())


GOOD_AND_WRONG: dict[str, tuple[Callable[[Any], Any], tuple[Any, ...], tuple[Any, ...]]] = {
    "display_order": (
        lambda x: lesson(display_order=x).display_order,
        (-(2**31), -1, 0, 1, 2**31 - 1),
        (-(2**31) - 1, 2**31, True, 0.5),
    ),
    "unlock_after_days": (
        lambda x: lesson(unlock_after_days=x).unlock_after_days,
        (0, 1, 3_650_000),
        (-1, 3_650_001),
    ),
    "unlock_type": (lambda x: lesson(unlock_type=x).unlock_type, (1, 2, 3), (0, 4, True, "1")),
    "completion_type": (
        lambda x: lesson(completion_type=x).completion_type,
        (1, 2, 3, 4),
        (0, 5, True, "2"),
    ),
    "active": (lambda x: lesson(active=x).active, (True, False), (1, 0, None)),
    "video_duration": (
        lambda x: lesson(video_duration=x).video_duration,
        (0.001, 1, 10**9),
        (0, -1, 0.0004, 10**9 + 1, float("nan"), True, "1"),
    ),
    "video_coverage": (
        lambda x: lesson(completion_type=4, video_coverage=x).video_coverage,
        (Fraction(1, 10**9), 1),
        (0, -1, Fraction(10**9 + 1, 10**9), float("nan"), Decimal("NaN"), True, "1"),
    ),
    "seconds of a stay": (
        lambda x: TimeSpent(**EVENT, seconds=x).seconds,
        (0, 0.001, 10**9),
        (-0.001, 10**9 + 1, float("inf"), True),
    ),
    "duration of a film": (
        lambda x: VideoProgress(**FILM, duration=x).duration,
        (0.001, 10**9),
        (0, 0.0005, -1, 10**9 + 1),
    ),
    "score": (
        lambda x: Scored(**EVENT, score=x, out_of=1).score,
        (-(10**9), 0, 10**9),
        (-(10**9) - 1, 10**9 + 1, Decimal("sNaN"), Decimal("Infinity"), Decimal("1e-31"), True),
    ),
    "out_of": (
        lambda x: Scored(**EVENT, score=1, out_of=x).out_of,
        (Fraction(1, 10**1000), 1, 10**9),
        (0, -1, 10**9 + 1, Fraction(1, 10**1000 + 1)),
    ),
    "a decimal": (
        lambda x: Scored(**EVENT, score=x, out_of=1).score,
        (Decimal("0E-9999"), Decimal("1e-30"), Decimal("-1e-30"), Decimal(10**9)),
        (Decimal("9e-31"), Decimal("1e999999"), Decimal("-1e10")),
    ),
    "seconds that are asked for": (
        lambda x: TimeSpentAtLeast(x).seconds,
        (Fraction(1, 1000), 1, 10**9),
        (0, -1, Fraction(1, 1001), Fraction(1, 2000), 10**9 + 1),
    ),
    "another decimal": (
        lambda x: Scored(**EVENT, score=x, out_of=1).score,
        (Decimal(f"0.{'1' * 900}"),),
        (Decimal(f"9.{'9' * 99}e999999"), Decimal("NaN"), Decimal("-sNaN123")),
    ),
    "share of a score": (lambda x: ScoreAtLeast(x).share, (Fraction(1, 9), 1), (0, -1, 2)),
    "share of a film": (lambda x: VideoCoverage(x).share, (Fraction(1, 9), 1), (0, -1, 2)),
    "event_id": (
        lambda x: PageVisit(**EVENT, event_id=x).event_id,
        ("", "x" * 1_000),
        ("x" * 1_001, 5, "\ud800"),
    ),
    "count": (lambda x: AtLeast(x, Visited(), Button()).count, (1, 2), (0, 3, True)),
    "parts": (lambda x: len(AnyOf(*[Visited()] * x).parts), (1, 100), (0, 101)),
    "depth": (lambda x: chain(x).depth, (0, 1, 8), (9,)),
    "JSON integers": (
        lambda x: values.as_json("custom_fields", x),
        (-MAX_ID, 0, MAX_ID),
        (-MAX_ID - 1, MAX_ID + 1, float("nan"), b"x", {1: 2}),
    ),
    "moments of a film": (
        lambda x: Watched(**WHO, durations=(x,)).durations[0],
        (1, 2**63 - 1),
        (0, 2**63, True, 1.0),
    ),
    "stretches of a film": (
        lambda x: Watched(**WHO, at=START, stretches=((0, x),)).stretches[0][1],
        (1, 2**63 - 1),
        (0, 2**63),
    ),
    "spans of a stay": (
        lambda x: Presence(**WHO, spans=((-(2**63), x),)).spans[0][1],
        (-62_135_596_800_000_000, 253_402_300_799_999_999),
        (-62_135_596_800_000_001, 253_402_300_800_000_000),
    ),
}


@pytest.mark.parametrize("what", GOOD_AND_WRONG)
def test_the_last_value_is_taken_and_the_next_is_not(what: str) -> None:
    make, good, wrong = GOOD_AND_WRONG[what]
    for each in good:
        assert make(each) == each
    for each in wrong:
        with pytest.raises(InvalidValue):
            make(each)


def test_json_is_at_most_32_deep() -> None:
    def nested(depth: int, wrap: Callable[[Any], Any]) -> Any:
        return reduce(lambda inner, _: wrap(inner), range(depth), 1)

    for wrap in (lambda inner: [inner], lambda inner: {"a": inner}):
        assert values.thawed(values.as_json("x", nested(32, wrap))) == nested(32, wrap)
        with pytest.raises(InvalidValue, match="at most 32 deep, of at most 100000 values"):
            values.as_json("x", nested(33, wrap))


def test_the_numbers_are_the_origins() -> None:
    assert [each.value for each in CompletionType] == [1, 2, 3, 4]
    assert [each.name for each in CompletionType] == ["NONE", "VISITED", "BUTTON", "VIDEO"]
    assert [each.value for each in UnlockType] == [1, 2, 3]
    assert [each.name for each in UnlockType] == ["IMMEDIATE", "SEQUENTIAL", "TIMED"]


def test_near_the_longest_is_within_a_second_or_one_in_a_hundred() -> None:
    assert near_the_longest(()) == ()
    assert near_the_longest((5,)) == (5,)
    assert near_the_longest((8_999, 9_000, 10_000)) == (9_000, 10_000)
    assert near_the_longest((99_000, 100_000)) == (99_000, 100_000)
    assert near_the_longest((98_999, 100_000)) == (100_000,)
    assert near_the_longest((197_999, 198_000, 199_999, 200_000)) == (198_000, 199_999, 200_000)
    # 1 % of 100,050 ms are 1,000.5: of whole milliseconds, 1,000 are within it, and 1,001 are not.
    assert near_the_longest((99_049, 99_050, 100_050)) == (99_050, 100_050)


def test_a_watched_share_of_several_durations_is_exact() -> None:
    seen = Watched(
        **WHO, at=START, stretches=((0, 500), (1_000, 9_500)), durations=(9_000, 9_400, 10_000)
    )
    told = {d: sum(max(0, min(e, d) - s) for s, e in seen.stretches) for d in seen.durations}
    assert told == {9_000: 8_500, 9_400: 8_900, 10_000: 9_000}
    assert seen.coverage == Fraction(8_900, 9_400)
    assert seen.duration == 9_400
    assert seen.total == 9_000
    assert seen.missing(Fraction(95, 100)) == 30  # of 9,400 ms, 8,930; of 9,000 it would be 50
    assert seen.missing(Fraction(1)) == 500
    assert seen.remaining == ((500, 1_000),)
    assert seen.of_length(9_400) == attrs.evolve(seen, durations=(9_400,))
    assert seen.of_length(None) is seen
    assert seen.of_length(500).coverage == 1
    assert seen.of_length(750).coverage == Fraction(500, 750)


# -- errors


def test_a_value_is_shown_in_80_characters() -> None:
    assert shown("x" * 78) == repr("x" * 78)
    assert shown("x" * 80) == repr("x" * 80)[:79] + "…"
    assert shown("x" * 81) == repr("x" * 79)[:80] + "…"
    assert shown(b"x" * 81) == repr(b"x" * 79)[:80] + "…"
    assert shown(["x" * 76]) == repr(["x" * 76])
    assert shown(["x" * 77]) == repr(["x" * 77])[:79] + "…"
    assert shown(2**256 - 1) == repr(2**256 - 1)
    assert shown(2**256) == "an integer of 257 bits"


def test_a_value_whose_text_cannot_be_made_is_shown_by_its_type() -> None:
    class Broken:
        def __repr__(self) -> str:
            raise ZeroDivisionError

    assert shown(Broken()) == "a Broken"


def test_the_nearest_name_is_like_it_without_regard_to_case() -> None:
    names = ("CreatedOn", "UpdatedOn", "Id")
    assert nearest("createdon", names) == "CreatedOn"
    assert nearest("CreatedOm", names) == "CreatedOn"
    assert nearest("zzz", names) is None
    assert nearest("CreatedOn" + "x" * 9_999, ["CreatedOn" + "x" * 71]) == "CreatedOn" + "x" * 71
    # Six in ten characters have to be alike: of ten, six are enough and five are not.
    assert nearest("abcdef1234", ["abcdef5678"]) == "abcdef5678"
    assert nearest("abcde12345", ["abcde67890"]) is None


def test_a_finish_is_no_progress() -> None:
    assert VideoFinish(**EVENT) != PageVisit(**EVENT)


STATUSES = {
    "coursetrack": 500,
    "invalid_value": 400,
    "invalid_request": 400,
    "duplicate_id": 409,
    "duplicate_completion": 409,
    "missing_entity": 404,
    "missing_reference": 400,
    "still_referenced": 409,
    "import_problems": 400,
    "not_completed": 409,
    "event_conflict": 409,
    "version_conflict": 409,
    "sequence_gap": 409,
    "sequence_repeat": 409,
    "change_conflict": 409,
    "ids_exhausted": 409,
    "invalid_snapshot": 400,
    "merge_conflict": 409,
    "missing_shard": 503,
    "stale_reply": 503,
    "shards_changed": 503,
    "corrupt_store": 500,
}


def test_every_error_has_its_code_and_its_status() -> None:
    classes = [each for each in vars(errors).values() if isinstance(each, type)]
    found = [each for each in classes if issubclass(each, errors.CoursetrackError)]
    assert {each.code: each.status_hint for each in found} == STATUSES
    assert len(found) == len(STATUSES)


def test_an_amount_of_time_is_reached_in_the_span_that_reaches_it() -> None:
    stay = Presence(**WHO, spans=((0, 4), (6, 10), (20, 21)))
    found = [stay.since(needed) for needed in range(1, 11)]
    ends = [4] * 4 + [10] * 4 + [21]
    assert found == [*map(values.instant, ends), None]


def test_outlines_are_equal_where_their_facts_are() -> None:
    compared = {each.name for each in attrs.fields(Outline) if each.eq}
    assert compared == {"course", "sections", "lessons"}
