"""Where the first n records of the whole end in each shard, found by ranges of keys that narrow.

Each shard tells keys at evenly spaced places of its own part of a range. Between two samples of
one shard it is unknown how many of its records come before a given key; so each sample's place in
the whole has a lower and an upper bound, less than one gap a shard apart::

    shard A, places 0 and 3 of 6      a....d....            keys before d: A has 3,
    shard B, places 0 and 2 of 4       b...e...             B has 1 or 2: d is at place 4 or 5

The n-th record is not before the last sample that is surely at place n or before, and is before
the first one that surely is at n or behind. With m samples a shard the range narrows some m/2
times a round, however the keys are spread, until the bounds meet at n.
"""

from collections.abc import Sequence
from itertools import pairwise, repeat
from operator import itemgetter
from typing import NamedTuple

import attrs

from coursetrack.errors import MergeConflict
from coursetrack.listing.asks import Key, Sampled, spaced


@attrs.frozen
class Window:
    """A range of keys, and of each shard the places between which its part lies."""

    low: Key | None
    high: Key | None
    lows: list[int]
    highs: list[int]

    @property
    def widths(self) -> list[int]:
        """How many records of each shard the range may hold."""
        return [high - low for low, high in zip(self.lows, self.highs, strict=True)]

    def up_to(self, later: "Window") -> "Window":
        """The range from this one's start to a later one's end."""
        return Window(self.low, later.high, self.lows, later.highs)

    def meets(self, later: "Window", *, descending: bool) -> bool:
        """Whether a later range starts before this one ends."""
        if self.high is None or later.low is None:
            return True
        return later.low > self.high if descending else later.low < self.high


@attrs.frozen
class Cut:
    """Of each shard, how many of its records are among the first ones of the whole."""

    held: list[int]


class _Told(NamedTuple):
    """A sample: its key, the number of its shard, its place there, and the next sample's place."""

    key: Key
    shard: int
    place: int
    after: int


def located(
    parts: Sequence[Sampled], window: Window, place: int, *, descending: bool
) -> Cut | Window:
    """Where the first `place` records of the whole end, or a narrower window that it is in.

    `parts` are the shards' samples of `window`. O(k log k) for k samples.
    """
    told = _in_order(parts, descending=descending)
    least = most = sum(part.low for part in parts)  # what of the whole comes before this sample
    held = [part.low for part in parts]
    bound = held[:]
    first, last = None, len(told)
    for number, (_, shard, here, after) in enumerate(told):
        if least == most == place:
            return Cut(held)
        if most <= place:
            first = number
        if least >= place:
            last = number
            break
        least += here + 1 - held[shard]
        most += after - bound[shard]
        held[shard], bound[shard] = here + 1, after
    if least == most == place:
        return Cut(held)
    low, lows = (window.low, [part.low for part in parts])
    high, highs = (window.high, [part.high for part in parts])
    if first is not None:
        low = told[first].key
        for _, shard, here, _ in told[:first]:
            lows[shard] = here + 1
    if last < len(told):
        high, highs = told[last].key, bound
    return Window(low, high, lows, highs)


def _in_order(parts: Sequence[Sampled], *, descending: bool) -> list[_Told]:
    """All samples in the query's order."""
    told: list[_Told] = []
    for shard, (low, high, keys) in enumerate(parts):
        places = spaced(low, high, len(keys))
        told += map(_Told, keys, repeat(shard), places, [*places[1:], high])
    told.sort(key=itemgetter(0), reverse=descending)
    for one, other in pairwise(told):
        if one.key == other.key:
            raise twice(one.key[1])
    return told


def twice(id_: int) -> MergeConflict:
    """The error for a record that two shards hold."""
    return MergeConflict(
        f"two shards hold a completed lesson {id_}; give ids by_member, or interleave them by "
        "first_id and id_step",
        value=id_,
    )
