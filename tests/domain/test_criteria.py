"""Every criterion against a naive recount of the events themselves, and what all of them keep."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from functools import reduce
from itertools import pairwise
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursetrack.domain.criteria.amounts import ScoreAtLeast, TimeSpentAtLeast
from coursetrack.domain.criteria.combined import AllOf, AnyOf, AtLeast
from coursetrack.domain.criteria.criterion import Action, Criterion, Known, Need, effort
from coursetrack.domain.criteria.triggers import Button, Untracked, VideoEnd, Visited
from coursetrack.domain.criteria.video import VideoCoverage
from coursetrack.domain.entities import CompletionType, Lesson
from coursetrack.domain.events import (
    ButtonClick,
    Event,
    PageVisit,
    Scored,
    TimeSpent,
    VideoFinish,
    VideoProgress,
)
from coursetrack.domain.kinds import CRITERION_KINDS, EVENT_KINDS, EVIDENCE_KINDS, kinds_with
from coursetrack.domain.plain import plain_fact, read_criterion, read_fact
from coursetrack.errors import InvalidSnapshot, InvalidValue
from coursetrack.testing import strategies
from coursetrack.testing.strategies import EVENTS
from tests.domain.courses import START, lesson

WHO: dict[str, Any] = {"member_id": 7, "lesson_id": 10}
THERE = {"member_id": st.just(7), "lesson_id": st.just(10)}
streams = st.lists(st.one_of([make(**THERE) for make in EVENTS.values()]), max_size=12)
durations = st.sampled_from([None, None, 9_500, 10_000, 20_000])


def known(events: Sequence[Event], duration: int | None = None) -> Known:
    """What the package knows after `events`, in this order."""
    kept: dict[Any, Any] = {}
    for kind in EVIDENCE_KINDS.values():
        told = [kind.of(each) for each in events if type(each) is kind.event]
        told = [each for each in told if each is not None]
        if told:
            kept[kind] = reduce(kind.merged, told)
    return Known(kept, duration)


# -- the naive recount: from the rules' text, over the events as they are


def naive_since(
    criterion: Criterion, events: Sequence[Event], duration: int | None
) -> datetime | None:
    if isinstance(criterion, AllOf | AnyOf | AtLeast):
        return naive_combined(criterion, events, duration)
    return NAIVE[type(criterion)](criterion, events, duration)


def naive_combined(
    criterion: AllOf | AnyOf | AtLeast, events: Sequence[Event], duration: int | None
) -> datetime | None:
    found = [naive_since(part, events, duration) for part in criterion.criteria]
    met = sorted(each for each in found if each is not None)
    if isinstance(criterion, AllOf):
        return met[-1] if len(met) == len(found) else None
    if isinstance(criterion, AnyOf):
        return met[0] if met else None
    return met[criterion.count - 1] if len(met) >= criterion.count else None


def first_of(kind: type[Event]) -> Any:
    return lambda _, events, __: min((x.at for x in events if type(x) is kind), default=None)


def naive_coverage(criterion: Any, events: Sequence[Event], known: int | None) -> datetime | None:
    reports = [x for x in events if isinstance(x, VideoProgress) and x.end >= x.start]
    seen = {ms for x in reports for ms in range(round(x.start * 1000), round(x.end * 1000))}
    told = [round(x.duration * 1000) for x in reports]
    near = [x for x in told if max(told) - x <= max(Fraction(1000), Fraction(max(told), 100))]
    for length in near if known is None else [known]:
        if Fraction(len([ms for ms in seen if ms < length]), length) >= criterion.share:
            return max(x.at for x in reports if round(x.end * 1000) > round(x.start * 1000))
    return None


def naive_time(criterion: Any, events: Sequence[Event], _: object) -> datetime | None:
    stays = [x for x in events if isinstance(x, TimeSpent)]
    spans = [(x.at - timedelta(milliseconds=round(x.seconds * 1000)), x.at) for x in stays]
    total = timedelta()
    ends = sorted({end for span in spans for end in span})
    for begin, end in pairwise(ends):
        if any(start <= begin and end <= stop for start, stop in spans):
            total += end - begin
        if total >= timedelta(seconds=float(criterion.seconds)):
            later = [x for x in ends if x >= end]
            # Until nobody is there any more: the end of the span in which it was reached.
            for here, after in pairwise([*later, later[-1] + timedelta(1)]):
                if not any(start <= here and after <= stop for start, stop in spans):
                    return here
    return None


def naive_score(criterion: Any, events: Sequence[Event], _: object) -> datetime | None:
    results = [x for x in events if isinstance(x, Scored)]
    return min((x.at for x in results if x.score >= criterion.share * x.out_of), default=None)


NAIVE: dict[type[Criterion], Any] = {
    Visited: first_of(PageVisit),
    Button: first_of(ButtonClick),
    VideoEnd: first_of(VideoFinish),
    Untracked: lambda *_: None,
    VideoCoverage: naive_coverage,
    TimeSpentAtLeast: naive_time,
    ScoreAtLeast: naive_score,
}


def test_what_is_still_needed_of_an_amount_is_told_in_seconds() -> None:
    spent = known([TimeSpent(**WHO, at=START, seconds=1.5)])
    for criterion, found, milliseconds, text in (
        (TimeSpentAtLeast(5), Known(), 5_000, "5 s more spent on it"),
        (TimeSpentAtLeast(5), spent, 3_500, "3.5 s more spent on it"),
        (ScoreAtLeast(0.8), Known(), 0, "a score of 80 % or better"),
    ):
        (need,) = criterion.missing(found)
        assert (need.milliseconds, need.text, str(need)) == (milliseconds, text, text)
    assert TimeSpentAtLeast(1.5).missing(spent) == ()


def test_every_kind_of_criterion_has_a_naive_recount() -> None:
    assert {*NAIVE, AllOf, AnyOf, AtLeast} == set(CRITERION_KINDS.values())


@pytest.mark.parametrize("kind", CRITERION_KINDS.values())
def test_a_criterion_is_met_since_when_a_naive_recount_says(kind: type[Criterion]) -> None:
    @given(strategies.criteria(kind=kind), streams, durations)
    def check(criterion: Criterion, events: list[Event], duration: int | None) -> None:
        found = criterion.since(known(events, duration))
        assert found == naive_since(criterion, events, duration)
        assert (criterion.missing(known(events, duration)) == ()) == (found is not None)

    check()


@given(strategies.criteria(), streams, st.randoms(use_true_random=False))
def test_the_order_of_the_events_and_their_repeats_do_not_matter(
    criterion: Criterion, events: list[Event], random: Any
) -> None:
    once = known(events)
    again = [*events, *events[::2]]
    random.shuffle(again)
    assert known(again) == once
    assert criterion.since(known(again)) == criterion.since(once)


@given(strategies.criteria(), streams, durations)
def test_what_is_needed_is_a_way_to_meet_it(
    criterion: Criterion, events: list[Event], duration: int | None
) -> None:
    """Whoever takes the steps that are named has met it, unless one of them is a hand's."""
    needs = criterion.missing(known(events, duration))
    if all(need.action is not Action.BY_HAND for need in needs):
        assert criterion.can_be_met
        steps = [step for need in needs for step in steps_of(need, events, duration)]
        assert criterion.since(known([*events, *steps], duration)) is not None
    else:
        assert criterion.since(known(events, duration)) is None


LATE = START + timedelta(days=99)


def steps_of(need: Need, events: Sequence[Event], duration: int | None) -> list[Event]:
    who = {**WHO, "at": LATE}
    match need.action:
        case Action.PAGE_VISIT:
            return [PageVisit(**who)]
        case Action.BUTTON_CLICK:
            return [ButtonClick(**who)]
        case Action.VIDEO_FINISH:
            return [VideoFinish(**who)]
        case Action.SCORED:
            return [Scored(**who, score=1, out_of=1)]
        case Action.TIME_SPENT:
            return [TimeSpent(**who, seconds=(need.milliseconds or 0) / 1000)]
        case Action.VIDEO_PROGRESS:
            return unseen(need.milliseconds, events, duration)
        case _:
            raise AssertionError(need)


def unseen(milliseconds: int | None, events: Sequence[Event], duration: int | None) -> list[Event]:
    """The first so many milliseconds of the video that nobody has watched; all where none says."""
    length = 10_000 if milliseconds is None else None
    told = [x for x in events if isinstance(x, VideoProgress) and not x.is_reversed]
    length = length or duration or max(x.duration_ms for x in told)
    seen = {ms for x in told for ms in range(*x.stretch)}
    left = [ms for ms in range(length) if ms not in seen]
    watched: list[Event] = []
    for ms in left[:milliseconds]:
        last: Any = watched[-1] if watched else None
        if last is not None and round(last.end * 1000) == ms:
            watched[-1] = attrs.evolve(last, end=(ms + 1) / 1000)
        else:
            more = VideoProgress(
                **WHO, at=LATE, start=ms / 1000, end=(ms + 1) / 1000, duration=length / 1000
            )
            watched.append(more)
    return watched


def test_of_several_ways_the_shortest_is_named_through_any_nesting() -> None:
    hour, minute = TimeSpentAtLeast(3600), TimeSpentAtLeast(60)
    film = VideoCoverage(0.5)

    def way(criterion: Criterion, *events: Event) -> list[str]:
        return [need.action.value for need in criterion.missing(known(events))]

    assert way(AnyOf(hour, Button(), film)) == ["button_click"]
    assert way(AnyOf(film, Untracked(), hour)) == ["time_spent"]
    assert way(AnyOf(Untracked(), film)) == ["video_progress"]
    assert way(AllOf(hour, AnyOf(film, minute), Visited())) == [
        "page_visit",
        "time_spent",
        "time_spent",
    ]
    two = AtLeast(2, hour, Button(), AllOf(minute, Visited()), Untracked())
    assert way(two) == ["button_click", "page_visit", "time_spent"]
    assert way(two, ButtonClick(**WHO, at=START)) == ["page_visit", "time_spent"]
    # Each need once, though two parts ask for it.
    assert way(AllOf(Visited(), AtLeast(1, Visited()))) == ["page_visit"]
    assert effort(two.missing(known([]))) < effort(AllOf(hour, film).missing(known([])))


# -- evidence


@pytest.mark.parametrize("kind", EVIDENCE_KINDS.values())
def test_evidence_merges_in_any_order_and_grouping(kind: Any) -> None:
    some = strategies.evidence(kind=kind, member_id=st.just(7), lesson_id=st.just(10))

    @given(some, some, some)
    def check(one: Any, two: Any, three: Any) -> None:
        assert one.merged(two) == two.merged(one)
        assert one.merged(two).merged(three) == one.merged(two.merged(three))
        assert one.merged(one) is one
        both = one.merged(two)
        assert both.merged(two) is both
        plain = json.loads(json.dumps(plain_fact(both)))
        assert read_fact(kind.__name__, plain, "fact") == both

    check()


def test_every_kind_of_event_is_kept_by_a_kind_of_evidence_and_drawn_by_a_strategy() -> None:
    """A new kind of event that half of the package knows fails here, by name."""
    kept = {kind.event.__name__ for kind in EVIDENCE_KINDS.values()}
    missing = set(EVENT_KINDS) - kept
    assert not missing, f"no kind of evidence in domain/evidence keeps {missing}"
    missing = set(EVENT_KINDS) - {kind.__name__ for kind in EVENTS}
    assert not missing, f"no strategy in testing/strategies/events makes {missing}"
    needs = {each.value for each in Action}
    missing = {name for name in EVENT_KINDS if snake(name) not in needs}
    assert not missing, f"Action in domain/criteria/criterion has no name for {missing}"


def snake(name: str) -> str:
    return "".join(f"_{each.lower()}" if each.isupper() else each for each in name).lstrip("_")


# -- a criterion as a value


@given(strategies.criteria())
def test_a_criterion_is_written_as_json_and_read_back(criterion: Criterion) -> None:
    written = plain_fact(lesson(10, criterion=criterion))["criterion"]
    assert written["kind"] == type(criterion).__name__
    read = read_criterion(json.loads(json.dumps(written)), "criterion")
    assert read == criterion
    assert hash(read) == hash(criterion)
    assert eval(repr(criterion), {**CRITERION_KINDS, "Fraction": Fraction}) == criterion


@pytest.mark.parametrize(
    ("plain", "said"),
    [
        (5, "criterion: expected a criterion"),
        ({"kind": "Visit"}, "did you mean 'Visited'"),
        ({"kind": "Visited", "share": "1/2"}, "no key but"),
        ({"kind": "VideoCoverage"}, "criterion.share"),
        ({"kind": "VideoCoverage", "share": 0.5}, "what VideoCoverage writes of itself"),
        ({"kind": "VideoCoverage", "share": "2/4"}, "share"),
        ({"kind": "VideoCoverage", "share": "3/2"}, "a fraction above 0 and at most 1"),
        ({"kind": "AllOf", "criteria": []}, "from 1 to 100 criteria"),
        ({"kind": "AllOf", "criteria": [5]}, "a criterion such as"),
        ({"kind": "AllOf", "criteria": "Visited"}, "criteria"),
        ({"kind": "AtLeast", "criteria": [{"kind": "Visited"}], "count": 2}, "count"),
    ],
)
def test_what_is_no_criterion_is_named(plain: Any, said: str) -> None:
    with pytest.raises(InvalidSnapshot, match=said):
        read_criterion(plain, "criterion")


def nested(depth: int) -> Criterion:
    criterion: Criterion = Visited()
    for _ in range(depth):
        criterion = AllOf(criterion)
    return criterion


def test_criteria_nest_eight_deep_and_no_deeper() -> None:
    assert nested(8).since(known([PageVisit(**WHO, at=START)])) == START
    with pytest.raises(InvalidValue, match="nested at most 8 deep"):
        nested(9)
    plain: Any = {"kind": "Visited"}
    for _ in range(5000):
        plain = {"kind": "AllOf", "criteria": [plain]}
    with pytest.raises(InvalidSnapshot, match="nested at most 8 deep"):
        read_criterion(plain, "criterion")


@pytest.mark.parametrize(
    "make",
    [
        lambda: VideoCoverage(0),
        lambda: VideoCoverage(1.5),
        lambda: VideoCoverage(float("nan")),
        lambda: ScoreAtLeast(-1),
        lambda: TimeSpentAtLeast(0),
        lambda: TimeSpentAtLeast(0.0005),
        lambda: TimeSpentAtLeast(True),
        lambda: AllOf(),
        lambda: AnyOf(Visited),  # type: ignore[arg-type]
        lambda: AtLeast(0, Visited()),
        lambda: AtLeast(3, Visited(), Button()),
        lambda: AtLeast(Visited(), Button()),  # type: ignore[arg-type]
    ],
)
def test_a_criterion_that_makes_no_sense_is_refused(make: Any) -> None:
    with pytest.raises(InvalidValue):
        make()


# -- a lesson's criterion, and the origin's two fields


@pytest.mark.parametrize(
    ("told", "criterion"),
    [
        ({}, Visited()),
        ({"completion_type": CompletionType.NONE}, Untracked()),
        ({"completion_type": CompletionType.BUTTON}, Button()),
        ({"completion_type": CompletionType.VIDEO}, VideoEnd()),
        ({"completion_type": CompletionType.VIDEO, "video_coverage": 0.9}, VideoCoverage(0.9)),
    ],
)
def test_the_origins_fields_are_another_spelling(told: Any, criterion: Criterion) -> None:
    one, other = lesson(10, **told), lesson(10, criterion=criterion)
    assert one.criterion == other.criterion == criterion
    assert (one.completion_type, one.video_coverage) == (
        other.completion_type,
        other.video_coverage,
    )
    assert one == other
    assert hash(one) == hash(other)
    assert lesson(10, **told, criterion=criterion) == one
    for each in (one, other):
        assert read_fact("Lesson", json.loads(json.dumps(plain_fact(each))), "fact") == each
        assert attrs.evolve(each, title="Renamed").criterion == criterion
    assert attrs.evolve(other, criterion=Button()).completion_type is CompletionType.BUTTON


@pytest.mark.parametrize(
    "told",
    [
        {"completion_type": CompletionType.VISITED, "criterion": Button()},
        {"completion_type": CompletionType.VIDEO, "criterion": AllOf(VideoEnd())},
        {"completion_type": CompletionType.VISITED, "criterion": TimeSpentAtLeast(5)},
        {"video_coverage": 0.5, "criterion": VideoCoverage(0.9)},
        {"video_coverage": 0.5, "criterion": Visited()},
        {"completion_type": 3, "criterion": VideoEnd()},
        {"criterion": Visited},
        {"criterion": "visited"},
        {"video_duration": 0},
        {"video_duration": float("inf")},
        {"video_duration": "600"},
    ],
)
def test_two_spellings_that_contradict_each_other_are_refused(told: dict[str, Any]) -> None:
    with pytest.raises(InvalidValue, match=r"completion_type|video_coverage|criterion|duration"):
        lesson(10, **told)


def test_beyond_the_origin_there_is_no_completion_type() -> None:
    one: Lesson = lesson(10, criterion=AllOf(Visited(), Button()))
    assert (one.completion_type, one.video_coverage) == (None, None)


# -- classes of a host's own


def test_a_name_that_is_taken_and_what_is_no_criterion_are_refused() -> None:
    taken = attrs.frozen(type("Visited", (Criterion,), {}))
    for wrong in ([taken], [int], ["Visited"], 5):
        with pytest.raises(InvalidValue, match="criteria"):
            kinds_with(wrong)  # type: ignore[arg-type]
