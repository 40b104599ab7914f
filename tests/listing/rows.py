"""Small tables for the tests of one part of the listing."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

from hypothesis import strategies as st

from coursetrack.listing import answers, bitmaps, index_set, indexes, label_order, planner, postings
from coursetrack.listing.table import EPOCH, Row, Table

IDS = st.lists(st.integers(1, 99), max_size=24, unique=True)
TIMES = st.integers(0, 9)


def row(id_: int, created: int, lesson_id: int = 1, member_id: int = 1) -> Row:
    """A row made by an event, `created` microseconds after 1970."""
    return id_, lesson_id, member_id, EPOCH + timedelta(microseconds=created)


def table_of(ids: Sequence[int], created: Sequence[int] = ()) -> Table:
    """A table with these ids in order of arrival, and these instants (else the ids)."""
    table = Table()
    table.extend([row(*each) for each in zip(ids, created or ids, strict=True)])
    return table


@contextmanager
def pieces_of(size: int) -> Iterator[None]:
    """Every limit so low that nothing stays in one piece."""
    limits = (
        (postings.PieceLimit, "piece", size),
        (postings, "_SPARSE", 3),
        (bitmaps.BlockSize, "rows", size),
        (answers, "_STRIDE", size - 1),
        (bitmaps, "_SPARSE", 3),
        (bitmaps, "_SINGLE", 1),
        (label_order, "_LABELS", 3),
        (indexes, "BULK", 6),
        (planner, "LONG", 3),
        (index_set, "LONG", 3),
    )
    before = [(where, name, getattr(where, name)) for where, name, _ in limits]
    try:
        for where, name, value in limits:
            setattr(where, name, value)
        yield
    finally:
        for where, name, value in before:
            setattr(where, name, value)
