"""The union of watched stretches, held against a naive set of milliseconds."""

from datetime import datetime, timedelta
from fractions import Fraction
from functools import reduce
from itertools import pairwise
from operator import add

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from coursetrack.domain.events import VideoProgress
from coursetrack.domain.intervals import Stretch, total_length, union, with_stretch
from coursetrack.domain.watched import Watched
from coursetrack.errors import InvalidValue
from tests.domain.courses import START

NOTHING = Watched(member_id=7, lesson_id=10)


def plus(found: Watched, stretch: Stretch, duration: int, at: datetime = START) -> Watched:
    """What is watched with one more report."""
    start, end = stretch
    stretches = ((start, end),) if start < end else ()
    return found.merged(
        Watched(member_id=7, lesson_id=10, stretches=stretches, durations=(duration,), at=at)
    )


stretches = st.lists(
    st.tuples(st.integers(0, 40), st.integers(0, 40)).map(lambda ends: (min(ends), max(ends))),
    max_size=12,
)
reports = st.lists(
    st.tuples(st.tuples(st.integers(0, 40), st.integers(0, 40)), st.integers(1, 40)).map(
        lambda report: (
            (min(*report[0], report[1]), min(max(report[0]), report[1])),
            report[1],
        )
    ),
    max_size=10,
)


def moments(parts: object) -> set[int]:
    """The naive oracle: every single watched millisecond."""
    return {moment for start, end in parts for moment in range(start, end)}


def watched(*parts: tuple[int, int], duration: int) -> Watched:
    found = NOTHING
    for part in parts:
        found = plus(found, part, duration)
    return found


def naive_coverage(told: list[tuple[tuple[int, int], int]]) -> Fraction:
    seen = moments(part for part, _ in told)
    shares = [Fraction(len([m for m in seen if m < length]), length) for _, length in told]
    return max(shares, default=Fraction(0))


# -- the normal form


@pytest.mark.parametrize(
    ("before", "added", "after"),
    [
        ((), (0, 5), ((0, 5),)),
        (((0, 5),), (5, 9), ((0, 9),)),
        (((5, 9),), (0, 5), ((0, 9),)),
        (((0, 5),), (6, 9), ((0, 5), (6, 9))),
        (((0, 5), (6, 9)), (5, 6), ((0, 9),)),
        (((0, 5), (6, 9)), (3, 7), ((0, 9),)),
        (((2, 3), (4, 5), (6, 7)), (0, 9), ((0, 9),)),
        (((0, 9),), (2, 3), ((0, 9),)),
        (((0, 5),), (7, 7), ((0, 5),)),
    ],
)
def test_one_stretch_is_merged(before, added, after):
    assert with_stretch(before, added) == (after, total_length(after) - total_length(before))


def test_a_union_is_sorted_and_merged_where_stretches_overlap_or_touch():
    assert union([(5, 9), (0, 5), (7, 7), (20, 30), (25, 40)]) == ((0, 9), (20, 40))
    assert union([]) == ()


@given(stretches)
def test_stretches_one_by_one_are_the_union_of_them_all(parts):
    found = ()
    for part in parts:
        found, _ = with_stretch(found, part)
    assert found == union(parts)


@given(stretches)
def test_the_union_has_every_moment_once_in_the_fewest_stretches(parts):
    found = union(parts)
    assert moments(found) == moments(parts)
    assert sum(end - start for start, end in found) == len(moments(parts))
    assert all(end < start for (_, end), (start, _) in pairwise(found))
    assert all(start < end for start, end in found)


# -- coverage


@given(reports)
def test_coverage_is_that_of_the_set_of_milliseconds(told):
    found = NOTHING
    for part, duration in told:
        found = plus(found, part, duration)
    assert found.coverage == naive_coverage(told)


@given(reports, st.randoms(use_true_random=False))
def test_no_order_of_arrival_and_no_repeat_changes_what_is_watched(told, random):
    again = [*told, *told]
    random.shuffle(again)
    first = second = NOTHING
    for part, duration in told:
        first = plus(first, part, duration)
    for part, duration in again:
        second = plus(second, part, duration)
    assert first == second


@given(reports)
def test_coverage_never_falls_and_never_passes_one(told):
    found, shares = NOTHING, [Fraction(0)]
    for part, duration in told:
        found = plus(found, part, duration)
        shares.append(found.coverage)
    assert shares == sorted(shares)
    assert 0 <= shares[-1] <= 1


@given(reports)
def test_what_remains_is_exactly_the_rest_of_the_duration(told):
    assume(told)
    found = NOTHING
    for part, duration in told:
        found = plus(found, part, duration)
    seen, left = moments(found.stretches), moments(found.remaining)
    assert seen.isdisjoint(left)
    assert left == set(range(found.duration)) - seen
    assert found.coverage == 1 - Fraction(len(left), found.duration)


@given(reports, st.fractions(min_value="1/100", max_value=1))
def test_a_threshold_is_reached_exactly_when_nothing_is_missing(told, threshold):
    assume(told)
    found = NOTHING
    for part, duration in told:
        found = plus(found, part, duration)
    assert found.reaches(threshold) == (found.coverage >= threshold)
    assert (found.missing(threshold) == 0) == found.reaches(threshold)


@given(stretches, st.integers(1, 40), st.fractions(min_value="1/100", max_value=1))
def test_missing_is_the_fewest_milliseconds_that_would_do(parts, duration, threshold):
    cut = [(min(start, duration), min(end, duration)) for start, end in parts]
    found = watched((0, 0), *cut, duration=duration)
    unseen = sorted(moments(found.remaining))
    needed = found.missing(threshold)
    for few in range(needed + 1):
        fuller = found
        for moment in unseen[:few]:
            fuller = plus(fuller, (moment, moment + 1), duration)
        assert fuller.reaches(threshold) == (few == needed)


def test_a_threshold_is_exact_at_the_boundary():
    threshold = Fraction(9, 10)
    assert not watched((0, 8_999), duration=10_000).reaches(threshold)
    assert watched((0, 9_000), duration=10_000).reaches(threshold)


def test_a_thousand_tenths_of_a_second_are_a_hundred_seconds():
    """Floats added one by one end at 99.9999999999986 of 100. (From 3.12 on, `sum` compensates.)"""
    assert reduce(add, [0.1] * 1000) < 100
    events = [
        VideoProgress(
            member_id=7, lesson_id=10, at=START, start=n / 10, end=(n + 1) / 10, duration=100
        )
        for n in range(1000)
    ]
    found = NOTHING
    for event in events:
        found = plus(found, event.stretch, event.duration_ms)
    assert found.stretches == ((0, 100_000),)
    assert found.coverage == 1


def test_watching_again_adds_nothing():
    once = watched((0, 5_000), duration=10_000)
    assert watched(*[(0, 5_000)] * 5, duration=10_000) == once
    assert plus(once, (1_000, 4_000), 10_000) is once
    twice = plus(once, (7_000, 9_000), 10_000)
    assert plus(twice, (7_000, 8_000), 10_000) is twice
    assert once.coverage == Fraction(1, 2)


def test_jumping_to_the_end_adds_only_what_was_seen():
    assert watched((0, 1_000), (9_000, 10_000), duration=10_000).coverage == Fraction(1, 5)


def test_before_any_report_nothing_is_covered_and_nothing_is_known():
    assert (NOTHING.coverage, NOTHING.duration, NOTHING.remaining) == (0, None, ())
    assert NOTHING.missing(Fraction(1, 2)) is None
    assert not NOTHING.reaches(Fraction(1, 10**9))


# -- one video, durations that differ a little


def test_the_best_coverage_over_the_reported_durations_counts():
    """A player says 224 s at first and 223.59 s later: the end of either is the end."""
    found = plus(plus(NOTHING, (0, 200_000), 224_000), (200_000, 223_590), 223_590)
    assert found.durations == (223_590, 224_000)
    assert found.coverage == 1
    assert found.duration == 223_590


def test_what_was_seen_beyond_a_duration_does_not_count_within_it():
    found = plus(plus(NOTHING, (90_000, 100_000), 100_000), (0, 0), 50_000)
    assert found.coverage == Fraction(1, 10)
    assert found.duration == 100_000


# -- from the event to the stretch


def progress(start: float, end: float, duration: float = 10.0) -> VideoProgress:
    return VideoProgress(
        member_id=7, lesson_id=10, at=START, start=start, end=end, duration=duration
    )


@pytest.mark.parametrize(
    ("start", "end", "stretch"),
    [
        (1, 4, (1_000, 4_000)),
        (4, 1, (4_000, 4_000)),
        (-3, 4, (0, 4_000)),
        (8, 14, (8_000, 10_000)),
        (14, 8, (10_000, 10_000)),
        (3, 3, (3_000, 3_000)),
        (12, 14, (10_000, 10_000)),
        (-5, -1, (0, 0)),
        (0.0004, 9.9996, (0, 10_000)),
    ],
)
def test_the_ends_of_a_stretch_are_normalised(start, end, stretch):
    assert progress(start, end).stretch == stretch


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), -float("inf"), "3", None, True])
def test_an_end_that_is_no_finite_number_is_refused(wrong):
    with pytest.raises(InvalidValue, match="start: expected a finite number of seconds"):
        progress(wrong, 4)
    with pytest.raises(InvalidValue, match="end: expected a finite number of seconds"):
        progress(0, wrong)


@pytest.mark.parametrize("wrong", [0, -1, 0.0004, 10**9 + 1, float("nan"), float("inf")])
def test_a_duration_that_no_video_has_is_refused(wrong):
    with pytest.raises(InvalidValue, match="duration"):
        progress(0, 1, wrong)


reports = st.builds(
    lambda start, length, hours, duration: VideoProgress(
        member_id=7,
        lesson_id=10,
        at=START + timedelta(hours=hours),
        start=start,
        end=start + length,
        duration=duration,
    ),
    st.integers(0, 9),
    st.integers(-1, 6),
    st.integers(0, 9),
    st.sampled_from([10, 10.5, 3]),
)


@given(st.lists(reports, min_size=1, max_size=7), st.randoms(use_true_random=False))
def test_reports_merge_in_any_order_and_any_grouping_with_the_same_result(found, chance):
    told = [each for each in map(Watched.of, found) if each is not None]
    in_turn = reduce(Watched.merged, told, NOTHING)
    while len(told) > 1:
        chance.shuffle(told)
        told = [told[0].merged(told[1]), *told[2:]]
    assert reduce(Watched.merged, told, NOTHING) == in_turn
    seen = [each for each in found if each.stretch[0] < each.stretch[1]]
    assert in_turn.at == max((each.at for each in seen), default=None)
    assert in_turn.merged(in_turn) is in_turn
