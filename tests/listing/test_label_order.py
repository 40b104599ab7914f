"""A label order against the posting lists of an index, one after the other."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coursetrack.errors import CorruptStore
from coursetrack.listing.label_order import LabelOrder
from coursetrack.listing.postings import PostingList, SortOrder
from coursetrack.listing.table import Table
from tests.listing.rows import pieces_of, table_of

LABELS = "abcdefghijkl"
STEPS = st.lists(
    st.tuples(st.sampled_from(["more", "more", "less", "none", "copy"]), st.sampled_from(LABELS)),
    max_size=40,
)
SIZES = st.dictionaries(st.sampled_from(LABELS), st.integers(1, 12), max_size=12)


class Held:
    """Posting lists by label, each with the next free rows, and their label order."""

    def __init__(self, sizes: dict[str, int]) -> None:
        self.table = table_of(range(1, 400), [id_ * 7 % 10 for id_ in range(1, 400)])
        self.order = SortOrder(self.table, "ids")
        self.next = 0
        self.lists: dict[str, PostingList] = {}
        for label in sorted(sizes):
            self.lists[label] = PostingList(range(self.next, self.next + sizes[label]))
            self.next += sizes[label]
        self.labels = LabelOrder(self.lists, sorted(self.lists))

    def more(self, label: str) -> None:
        """One row more, of a label that may be new."""
        if label not in self.lists:
            self.lists[label] = PostingList()
            self.labels.insert(label)
        self.written(label).add(self.order, self.next)
        self.next += 1
        self.labels.resized(label, 1)

    def written(self, label: str) -> PostingList:
        """The label's list, copied as an index copies what a fork may read."""
        self.lists[label] = self.lists[label].copy(self)
        return self.lists[label]

    def less(self, label: str) -> None:
        """One row less; the label goes with its last row."""
        if label in self.lists:
            self.written(label).discard(self.order, next(iter(self.lists[label])))
            self.labels.resized(label, -1)
            if not self.lists[label]:
                self.gone(label)

    def none(self, label: str) -> None:
        """All rows of a label go."""
        if label in self.lists:
            self.labels.resized(label, -len(self.lists[label]))
            self.gone(label)

    def gone(self, label: str) -> None:
        del self.lists[label]
        self.labels.remove(label)

    def copy(self, _: str) -> None:
        """Goes on with a copy; what was copied stays as it was."""
        before, rows = self.labels, [*chained(self.lists)]
        self.lists = self.lists.copy()
        self.labels = before.copy(self.lists)
        self.more("a")
        assert before.slice(0, 999) == rows


def chained(lists: dict[str, PostingList]) -> Iterator[int]:
    for label in sorted(lists):
        yield from lists[label]


@settings(max_examples=30)
@given(sizes=SIZES, steps=STEPS)
def test_after_any_changes_it_is_the_lists_by_label(
    sizes: dict[str, int], steps: list[tuple[str, str]]
) -> None:
    with pieces_of(4):
        held = Held(sizes)
        agree(held)
        for step, label in steps:
            getattr(held, step)(label)
            agree(held)


def agree(held: Held) -> None:
    found, rows = held.labels, [*chained(held.lists)]
    found.check("it", held.table)
    assert found.starts[-1] == len(rows)
    assert len(found.starts) == found.blocks + 1
    for start, stop in ((0, 3), (1, 99), (len(rows) // 2, len(rows)), (4, 4), (9, 5)):
        assert found.slice(start, stop) == rows[start:stop]
    created = held.table.created
    zones = found.zones("created", created)
    for place in range(found.blocks):
        block = found.block_rows(place)
        assert [*block] == rows[found.starts[place] : found.starts[place + 1]]
        long_list = found.long_list(place)
        labels = {label for label, each in held.lists.items() if {*each} <= {*block} and len(each)}
        if long_list is None:
            assert len(block) <= 8 or len(labels) > 1
            assert [*zones[place]] == sorted(block, key=created.__getitem__)
        else:
            assert zones[place] is long_list
            assert ([*long_list], len(labels)) == ([*block], 1)
            assert len(block) > 4


@contextmanager
def held_labels(*sizes: int) -> Iterator[Held]:
    with pieces_of(4):
        yield Held(dict(zip(LABELS, sizes, strict=False)))


def test_a_block_holds_labels_of_few_rows_or_one_with_many() -> None:
    with held_labels(2, 2, 1, 5, 1, 1, 1, 1) as held:
        starts = held.labels.starts
    assert [*starts] == [0, 4, 5, 10, 13, 14]  # ab, c, d, efg (three labels), h


def test_a_block_that_grows_is_split_near_its_middle() -> None:
    with held_labels(2, 1, 1) as held:
        for _ in range(5):
            held.more("b")
        assert [*held.labels.starts] == [0, 8, 9]
        assert held.labels.blocks == 2
        for label in "defghij":
            held.more(label)
        assert all(b - a <= 8 for a, b in zip(held.labels.starts, held.labels.starts[1:]))  # noqa: B905


def test_what_is_known_of_other_blocks_stays() -> None:
    with held_labels(2, 2, 2, 2) as held:
        created = held.table.created
        first, second = held.labels.zones("created", created)
        held.more("d")
        again = held.labels.zones("created", created)
        assert again[0] is first
        assert again[1] is not second


def corrupted(change: Any) -> None:
    with held_labels(2, 2, 2, 2) as held:
        held.labels.zones("created", held.table.created)
        held.labels.check("it", held.table)
        change(held.labels)
        held.labels.check("it", held.table)


def test_check_finds_each_corruption() -> None:
    with pytest.raises(CorruptStore, match="it: its labels differ"):
        corrupted(lambda labels: labels._blocks[0].reverse())
    with pytest.raises(CorruptStore, match="it: its blocks' sizes"):
        corrupted(lambda labels: labels._sizes.__setitem__(1, 5))
    with pytest.raises(CorruptStore, match="it: the values of created"):
        corrupted(lambda labels: labels._zones["created"][1].reverse())


def test_an_empty_order_has_nothing() -> None:
    empty = LabelOrder({}, ())
    assert (empty.blocks, [*empty.starts], empty.slice(0, 5)) == (0, [0], [])
    empty.check("it", Table())
