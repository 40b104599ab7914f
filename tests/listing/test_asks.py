"""Where keys stand in a sorted answer, and which places of it are told of."""

from itertools import pairwise

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursetrack.listing.asks import rank, spaced


@attrs.frozen
class Sorted:
    """An answer of nothing but its keys; it counts how often it is asked for one."""

    keys: tuple[tuple[int, int], ...]
    descending: bool
    asked: list[int] = attrs.field(factory=list)

    @property
    def total(self) -> int:
        return len(self.keys)

    def key_at(self, place: int) -> tuple[int, int]:
        self.asked.append(place)
        return self.keys[place]


keys = st.tuples(st.integers(0, 9), st.integers(0, 9))


@given(st.sets(keys), keys, st.booleans())
def test_the_rank_of_a_key_is_how_many_come_before_it(
    held: set[tuple[int, int]], key: tuple[int, int], descending: bool
) -> None:
    found = Sorted(tuple(sorted(held, reverse=descending)), descending)
    before = [each for each in held if (each > key if descending else each < key)]
    assert rank(found, key) == len(before)  # type: ignore[arg-type]
    assert len(found.asked) <= found.total.bit_length()


@given(st.integers(0, 500), st.integers(0, 500), st.integers(1, 40))
def test_places_are_evenly_spaced_and_all_where_they_fit(
    low: int, width: int, samples: int
) -> None:
    places = list(spaced(low, low + width, samples))
    assert places == sorted(set(places))
    assert len(places) == min(width, samples)
    assert places[:1] == [low][:width]
    gaps = [after - before for before, after in pairwise([*places, low + width])]
    assert not gaps or max(gaps) - min(gaps) <= 1


@pytest.mark.parametrize(("samples", "places"), [(3, [4, 5, 6]), (2, [4, 5]), (1, [4])])
def test_as_many_places_as_there_are(samples: int, places: list[int]) -> None:
    assert list(spaced(4, 7, samples)) == places
