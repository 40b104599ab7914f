"""Compaction: the same records in a new table without dead rows, a few rows at each write.

    collect   rows that do not ascend by id, into a heap          rows  1 2 3 2' 4      heap  2'
    copy      the others, and out of the heap what comes between  new   1 2' 3 4
    catch up  what died or came while it was copied               new   1 3 4 5

Nobody sees the new table before it holds what the old one does. A step that is cut off is lost
together with the copy, and another one begins.
"""

from heapq import heappop, heappush

from coursetrack.listing.table import Table

_LAST = 2**63

STEP = 64
"""How many rows a write copies."""


class Compaction:
    """A copy of `table` on the way. Rows may be added to it and taken out in the meantime."""

    __slots__ = (
        "_begun",
        "_collected",
        "_copied",
        "_heap",
        "_passed",
        "_table",
        "_tombstones",
        "_top",
        "new",
    )

    def __init__(self, table: Table) -> None:
        table.flush()
        self._table = table
        self.new: Table = Table()
        self._begun = table.now.size  # the rows that were there; those behind are caught up
        self._tombstones = table.now.dead
        self._heap: list[tuple[int, int]] = []  # id and row
        self._collected = self._begun if table.now.rows_ascend else 0
        self._copied = 0
        self._top = 0  # the largest id of the rows collected from
        self._passed = 0  # and of those copied

    def step(self) -> bool:
        """Goes on by `STEP` rows; True once nothing is left. O(STEP log n)."""
        self._table.flush()
        left = self._collect(STEP)
        if left:
            left = self._copy(left)
        if left:
            left = self._catch_up(left)
        return left > 0

    def _collect(self, most: int) -> int:
        """Notes the rows that do not ascend; how many steps are left over."""
        ids, alive, top = self._table.ids, self._table.alive, self._top
        stop = min(self._collected + 8 * most, self._begun)  # which costs an eighth of copying
        for row, id_ in enumerate(ids[self._collected : stop], self._collected):
            if id_ > top:
                top = id_
            elif alive[row]:
                heappush(self._heap, (id_, row))
        most -= -(-(stop - self._collected) // 8)
        self._collected, self._top = stop, top
        return most if stop == self._begun else 0

    def _copy(self, most: int) -> int:
        """Copies rows in order of id; how many steps are left over."""
        ids, alive, heap = self._table.ids, self._table.alive, self._heap
        rows = []
        while most and (heap or self._copied < self._begun):
            most -= 1
            row = self._copied
            id_ = ids[row] if row < self._begun else _LAST
            if id_ <= self._passed:
                self._copied += 1  # it is in the heap if it was alive
                continue
            if heap and heap[0][0] < id_:
                row = heappop(heap)[1]
            else:
                self._copied += 1
                self._passed = id_
            if alive[row]:
                rows.append(row)
        self.new.take(self._table, rows)
        return most

    def _catch_up(self, most: int) -> int:
        """Takes over what was written since it began; how many steps are left over."""
        table, new = self._table, self.new
        now, alive = table.now, table.alive
        died = table.tombstones[self._tombstones : min(self._tombstones + most, now.dead)]
        for row in died:
            # One that was dead when it was reached was never copied.
            copied = new.row_of(table.ids[row]) if row < self._copied else None
            if copied is not None:
                new.put(None, replaced=copied)
        self._tombstones += len(died)
        # Its other version comes after that: at no time does the new table hold both.
        most = most - len(died) if self._tombstones == now.dead else 0
        rows = range(self._copied, min(self._copied + most, now.size))
        new.take(table, [row for row in rows if alive[row]])
        self._copied = rows.stop
        return most - len(rows)
