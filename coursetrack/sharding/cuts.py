"""Several places of the whole looked for at once: what to sample next, and what was found."""

from collections.abc import Iterator, Sequence

from coursetrack.listing.asks import KeyRange, Sampled
from coursetrack.sharding.narrowing import Cut, Window, located

FEWEST = 16
MOST = 1024
"""How many keys one shard tells of a range, at least and at most."""

Ranges = tuple[KeyRange, ...]


class Cuts:
    """The cuts of the whole at some ascending places, each round a little nearer.

    `budget` bounds the samples of all shards in one round, but for :data:`FEWEST` of each.
    """

    def __init__(
        self, places: Sequence[int], shards: int, budget: int, *, descending: bool
    ) -> None:
        self._places = places
        self._budget = budget
        self._descending = descending
        share = min(max(budget // shards, FEWEST), MOST)
        nothing = [0] * shards
        self._windows = [Window(None, None, nothing, nothing)]  # those that are sampled now
        self._samples = [[share] * shards]  # and how many keys of each shard
        self._of_place = [0] * len(places)  # the number of the window that a place is in
        self._found: list[Cut | None] = [None] * len(places)

    @property
    def found(self) -> list[Cut]:
        """The cuts that are known by now."""
        return [cut for cut in self._found if cut is not None]

    @property
    def done(self) -> bool:
        """Whether all are known."""
        return None not in self._found

    def wanted(self) -> list[Ranges]:
        """The ranges to sample next, for each shard; none where all is known of it."""
        return [
            tuple(
                KeyRange(window.low, window.high, many)
                for window, many in zip(self._windows, each, strict=True)
                if many
            )
            for each in zip(*self._samples, strict=True)
        ]

    def take(self, replies: Sequence[Sequence[Sampled]]) -> None:
        """Takes what each shard told of its ranges."""
        told = [iter(each) for each in replies]
        parts = [
            [
                next(each) if many else Sampled(low, low, ())
                for each, many, low in zip(told, samples, window.lows, strict=True)
            ]
            for window, samples in zip(self._windows, self._samples, strict=True)
        ]
        nearer: list[tuple[int, Window]] = []
        for number, place in enumerate(self._places):
            if self._found[number] is None:
                at = self._of_place[number]
                place = min(place, sum(part.high for part in parts[at]))
                got = located(parts[at], self._windows[at], place, descending=self._descending)
                if isinstance(got, Cut):
                    self._found[number] = got
                else:
                    nearer.append((number, got))
        self._sample(nearer)

    def _sample(self, nearer: Sequence[tuple[int, Window]]) -> None:
        self._windows = []
        for number, window in nearer:
            if self._windows and self._windows[-1].meets(window, descending=self._descending):
                self._windows[-1] = self._windows[-1].up_to(window)
            else:
                self._windows.append(window)
            self._of_place[number] = len(self._windows) - 1
        self._samples = [
            [*_shared(window.widths, self._budget // len(self._windows))]
            for window in self._windows
        ]


def _shared(widths: Sequence[int], budget: int) -> Iterator[int]:
    """How many keys each shard tells: by how many records of it may be there."""
    width = sum(widths)
    for each in widths:
        yield min(each, max(FEWEST, min(MOST, budget * each // width)))
