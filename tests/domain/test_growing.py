"""What grows without end: kept in pieces, and told of by what differs."""

import json
from collections.abc import Iterator
from datetime import timedelta
from functools import reduce
from typing import Any, Self

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursetrack.domain.events import Event, TimeSpent, VideoProgress
from coursetrack.domain.evidence import Added, Evidence, FirstVisit, Presence, Scores
from coursetrack.domain.growing import LONGEST_TUPLE, PIECE, Pieces, differing, kept, replaced
from coursetrack.domain.intervals import touched, union, with_stretch
from coursetrack.domain.kinds import EVIDENCE_KINDS
from coursetrack.domain.plain import plain_fact, read_fact
from coursetrack.domain.watched import MAX_DURATIONS, Watched
from coursetrack.errors import InvalidValue
from coursetrack.testing.strategies import EVENTS
from tests.domain.courses import START
from tests.limits import low_limits

WHO = {"member_id": 7, "lesson_id": 10}


@attrs.frozen(kw_only=True)
class Ends(Evidence):
    """Evidence of a host's own: where reports ended, at most a thousand seconds, and the last."""

    places: tuple[int, ...]
    last: int

    event = VideoProgress
    grows = ("places",)

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        if sum(self.places) > 1_000_000:
            raise InvalidValue.of("places", self.places, "fewer")

    @classmethod
    def of(cls, event: VideoProgress) -> Self:
        return cls(**WHO, places=(event.ends[1],), last=event.ends[1])

    def merged(self, other: Self) -> Self:
        places = tuple(sorted({*self.places, *other.places}))
        last = max(self.last, other.last)
        same = (places, last) == (self.places, self.last)
        return self if same else attrs.evolve(self, places=places, last=last)


@attrs.frozen(kw_only=True)
class Last(Evidence):
    """Evidence of a host's own that does not grow."""

    last: int

    event = VideoProgress

    @classmethod
    def of(cls, event: VideoProgress) -> Self:
        return cls(**WHO, last=event.ends[1])

    def merged(self, other: Self) -> Self:
        return max(self, other, key=lambda each: each.last)


KINDS = (*EVIDENCE_KINDS.values(), Ends, Last)


@pytest.fixture(scope="module", autouse=True)
def _small_pieces() -> Iterator[None]:
    with low_limits():
        yield


def told(kind: type[Evidence]) -> st.SearchStrategy[Any]:
    """Evidence of one event each."""
    events = EVENTS[kind.event](member_id=st.just(7), lesson_id=st.just(10))
    return events.map(kind.of).filter(lambda each: each is not None)


# -- a change tells what differs


@pytest.mark.parametrize("kind", KINDS)
def test_what_differs_leads_there_and_back(kind: type[Evidence]) -> None:
    @given(st.lists(told(kind), min_size=1, max_size=12), st.lists(told(kind), min_size=1))
    def check(first: list[Any], more: list[Any]) -> None:
        before = reduce(kind.merged, first)
        for other in (more[0], reduce(kind.merged, more)):
            after = before.merged(other)
            gone, came = before.difference(after, other)
            assert before.changed(gone, came) == after
            if hasattr(before, "total"):
                length = sum(end - start for start, end in getattr(after, kind.grows[0]))
                assert after.total == before.changed(gone, came).total == length
                assert after.total == before.total + came.total - gone.total
            assert after.changed(came, gone) == before
            assert hash(before.changed(gone, came)) == hash(after)
            assert Added(before, other, after).edit() == (gone, came)
            for name in kind.grows:
                assert not {*getattr(gone, name)} & {*getattr(came, name)}
            # All of it, as changes told of it before, leads there as well.
            assert before.changed(before, after) == after
            if kind.__name__ in EVIDENCE_KINDS:
                written = json.loads(json.dumps(plain_fact(came)))
                assert read_fact(kind.__name__, written, "here") == came

    check()


def test_what_was_not_there_comes_whole() -> None:
    told = FirstVisit(**WHO, at=START)
    assert Added(None, told, told).edit() == (None, told)


def watched(*stretches: tuple[int, int], **more: Any) -> Watched:
    return Watched(**WHO, stretches=stretches, **{"durations": (100,), "at": START, **more})


BEFORE = watched((0, 10), (20, 30), (40, 50), (60, 70), (80, 90))
GONE, CAME = watched((20, 30), durations=()), watched((20, 35), durations=())


@pytest.mark.parametrize(
    ("gone", "came"),
    [
        (watched((20, 31), durations=()), CAME),
        (watched((21, 30), durations=()), CAME),
        (watched((20, 30), durations=(99,)), CAME),
        (attrs.evolve(GONE, at=START + timedelta(1)), CAME),
        (GONE, watched((15, 40), durations=())),
        (GONE, watched((10, 15), durations=())),
        (GONE, watched((40, 50), durations=())),
        (GONE, watched((20, 35), durations=(100,))),
        (watched(durations=()), watched((22, 28), durations=())),
        (watched(durations=()), watched((1, 2), durations=())),
        (watched(durations=()), watched((15, 65), durations=())),
        (watched(durations=()), watched(at=None, durations=())),
    ],
)
def test_what_does_not_fit_is_told_apart(gone: Watched, came: Watched) -> None:
    assert BEFORE.changed(GONE, CAME) is not None
    assert BEFORE.changed(gone, came) is None


def test_what_does_not_fit_is_told_apart_of_every_kind() -> None:
    stay = Presence(**WHO, spans=((0, 5), (10, 15)))
    nothing = Presence(**WHO, spans=())
    assert stay.changed(nothing, Presence(**WHO, spans=((6, 9),))).total == 13
    assert stay.changed(nothing, Presence(**WHO, spans=((5, 9),))) is None
    assert stay.changed(nothing, Presence(**WHO, spans=((6, 10),))) is None
    scores = Scores(**WHO, best=((1, START), (3, START + timedelta(2))))
    none = Scores(**WHO, best=())
    day = timedelta(1)
    assert scores.changed(none, Scores(**WHO, best=((2, START + day),))) is not None
    for wrong in ((2, START), (2, START + 2 * day), (4, START + day), (0, START + day)):
        assert scores.changed(none, Scores(**WHO, best=(wrong,))) is None
    ends = Ends(**WHO, places=(1, 2), last=2)
    assert ends.changed(Ends(**WHO, places=(), last=2), Ends(**WHO, places=(3,), last=3))
    assert ends.changed(Ends(**WHO, places=(), last=1), Ends(**WHO, places=(3,), last=3)) is None
    # 999,999 alone is good, and so is what is there; both together are more than it takes.
    more = Ends(**WHO, places=(999_999,), last=3)
    assert ends.changed(Ends(**WHO, places=(), last=2), more) is None
    assert Last(**WHO, last=2).changed(Last(**WHO, last=1), Last(**WHO, last=3)) is None


# -- pieces


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 9)), max_size=40))
def test_a_union_in_pieces_is_the_union(found: list[tuple[int, int]]) -> None:
    parts = [(start, start + length) for start, length in found]
    stretches: Any = ()
    total = 0
    for place, part in enumerate(parts, 1):
        before = stretches
        stretches, more = with_stretch(stretches, part)
        total += more
        assert stretches == union(parts[:place])
        assert touched(before, (part,)) == tuple(
            each for each in before if each[0] <= part[1] and part[0] <= each[1]
        )
    assert total == sum(end - start for start, end in stretches)
    assert list(reversed(stretches)) == list(stretches)[::-1]


@given(st.sets(st.integers(0, 40)), st.sets(st.integers(0, 40)))
def test_what_is_gone_goes_and_what_came_comes(before: set[int], after: set[int]) -> None:
    old, new = kept(tuple(sorted(before))), kept(tuple(sorted(after)))
    gone, came = differing(old, new)
    assert (set(gone), set(came)) == (before - after, after - before)
    assert replaced(old, gone, came) == new
    assert (replaced(old, came, ()) is None) == bool(came)
    assert (replaced(new, (), came) is None) == bool(came)
    assert (old == new) == (before == after)


def test_what_comes_is_not_there_yet_and_what_goes_is() -> None:
    for many in (3, 9):
        values = kept(tuple(range(0, 2 * many, 2)))
        for each in values:
            assert replaced(values, (), (each,)) is None
            assert replaced(values, (each + 1,), ()) is None
            without = tuple(x for x in values if x != each)
            assert replaced(values, (each,), ()) == without
            assert replaced(without, (), (each,)) == values


def test_pieces_are_equal_to_the_tuple_of_their_values() -> None:
    values = tuple(range(9))
    pieces = kept(values)
    assert isinstance(pieces, Pieces)
    assert (pieces, hash(pieces), repr(pieces)) == (values, hash(values), repr(values))
    assert (len(pieces), pieces[3], pieces[2:4]) == (9, 3, (2, 3))
    assert kept(pieces) is pieces
    assert pieces != list(values)
    assert pieces != kept((*values, 9))


def test_one_more_of_many_shares_all_but_a_few_pieces() -> None:
    """Counted: of 10,000 stretches, each further one copies what a few pieces hold."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("coursetrack.domain.growing.PIECE", PIECE)
        patch.setattr("coursetrack.domain.growing.LONGEST_TUPLE", LONGEST_TUPLE)
        before: Any = kept(tuple((4 * n, 4 * n + 1) for n in range(10_000)))
        for start in (2, 4_002, 20_002, 39_998, 40_002):
            after, _ = with_stretch(before, (start, start + 1))
            held = set(map(id, before.pieces))
            copied = [piece for piece in after.pieces if id(piece) not in held]
            assert sum(map(len, copied)) <= 4 * PIECE
            assert len(after) == len(before) + 1
            before = after


# -- durations


def test_of_ever_new_durations_the_longest_are_kept_in_any_order() -> None:
    told = [Watched(**WHO, durations=(each,)) for each in range(1, MAX_DURATIONS + 11)]
    for order in (told, told[::-1], told[::2] + told[1::2]):
        found = reduce(Watched.merged, order)
        assert found.durations == tuple(range(11, MAX_DURATIONS + 11))
    assert found.merged(told[0]) is found
    after = found.merged(Watched(**WHO, durations=(9_999,)))
    gone, came = found.difference(after, Watched(**WHO, durations=(9_999,)))
    assert (gone.durations, came.durations) == ((11,), (9_999,))


def test_of_many_durations_as_few_are_measured_as_may_be_the_best() -> None:
    """Counted: of those that nothing was watched beyond, the shortest alone."""
    durations = tuple(range(99_001, 100_001))
    seen = watched((0, 10), durations=durations)
    assert [each for each, _ in seen._measured()] == [99_001]
    beyond = watched((0, 99_003), durations=durations)
    assert [each for each, _ in beyond._measured()] == [99_003, 99_002, 99_001]
    assert (beyond.coverage, beyond.duration) == (1, 99_001)


# -- the whole feed


def reports(kind: type[Event], many: int) -> list[Any]:
    """As many events, each of which tells something that does not touch the others."""
    told = []
    for n in range(many):
        at = START + timedelta(days=1, seconds=2 * (n * 7 % many))
        if kind is VideoProgress:
            body = {"start": 2 * (n * 7 % many), "end": 2 * (n * 7 % many) + 1, "duration": 9e4 + n}
        else:
            body = {"seconds": 1} if kind is TimeSpent else {"score": n * 7 % many, "out_of": many}
        told.append(kind(**WHO, at=at, **body))
    return told


@pytest.mark.parametrize("kind", [Watched, Presence, Scores])
def test_a_change_costs_what_it_changes(kind: type[Evidence]) -> None:
    """Counted: no change is longer than the first ones, however much there is by then."""
    events = reports(kind.event, 400)
    found, longest = kind.of(events[0]), 0
    for event in events[1:]:
        told = kind.of(event)
        after = found.merged(told)
        for side in found.difference(after, told):
            longest = max(longest, len(json.dumps(plain_fact(side))))
        found = after
    assert longest < 300
    grown = len(plain_fact(found)[kind.grows[0]])
    assert grown == (400 if kind is not Scores else len(found.best)) > 1


@pytest.mark.parametrize("kind", EVIDENCE_KINDS.values())
@given(data=st.data())
def test_the_same_evidence_again_is_no_other_object(
    kind: type[Evidence], data: st.DataObject
) -> None:
    """So an event that adds nothing can be told from one that does, by looking at the object."""
    event = data.draw(EVENTS[kind.event](member_id=st.just(7), lesson_id=st.just(10)))
    first, again = kind.of(event), kind.of(event)
    if first is not None and again is not None:
        assert first.merged(again) is first
