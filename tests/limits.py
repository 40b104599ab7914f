"""Every limit so low that a small store splits, merges, forgets, compacts and keeps pieces."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

from coursetrack.domain import growing
from coursetrack.knowledge import event_ids
from coursetrack.listing import (
    answer_cache,
    answers,
    bitmaps,
    dimensions,
    index_set,
    indexes,
    label_order,
    planner,
    postings,
    store,
    table,
)

LOW: tuple[tuple[ModuleType | type, str, int], ...] = (
    (postings.PieceLimit, "piece", 4),
    (postings, "_SPARSE", 3),
    (bitmaps.BlockSize, "rows", 4),
    (bitmaps, "_SPARSE", 3),
    (bitmaps, "_SINGLE", 1),
    (planner, "_BLOCK_COST", 0),
    (planner, "_BITS_COST", 1),
    (planner, "_MARKED_BLOCK_COST", 0),
    (label_order, "_LABELS", 3),
    (indexes, "BULK", 6),
    (planner, "LONG", 3),
    (index_set, "LONG", 3),
    (store, "_COMPACT_FROM", 5),
    (answer_cache, "_LATE", 4),
    (answers, "_STRIDE", 3),
    (dimensions, "_LONGEST_LOG", 7),
    (table, "_BUFFER_LIMIT", 2),
    (growing, "PIECE", 2),
    (growing, "LONGEST_TUPLE", 3),
    (event_ids, "_KEPT_FORGOTTEN", 0),
)
"""Where each limit is kept, and how low it is set."""


@contextmanager
def low_limits() -> Iterator[None]:
    """Everything happens early in here, and as usual after it."""
    usual = [(owner, name, getattr(owner, name)) for owner, name, _ in LOW]
    for owner, name, low in LOW:
        setattr(owner, name, low)
    try:
        yield
    finally:
        for owner, name, value in usual:
            setattr(owner, name, value)
