"""What was asked before. Bounded, and never the reason for a result."""

from collections.abc import Hashable
from typing import NamedTuple

import attrs

from coursetrack.listing.answers import Answer, Bitmapped, Gathered, Walked
from coursetrack.listing.planner import Planned
from coursetrack.listing.table import Table

Key = Hashable

_ROWS_PER_RECORD = 4
_BITS_PER_ROW = 32
_LATE = 256
_LATE_COST = 16
"""To take up a late row costs as much as touching so many on the way to a new answer."""


class Stamp(NamedTuple):
    """How far an answer has got: rows, tombstones, and how often its names' labels were changed.

    Only the names that its filters and order use: after a company's rename, answers by title go on.
    """

    rows: int
    tombstones: int
    renames: tuple[int, ...]


@attrs.define
class _Remembered:
    planned: Planned
    stamp: Stamp


class AnswerCache:
    """The answers to the last `limit` different questions, oldest out first."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.clear()

    def clear(self) -> None:
        """Forgets everything."""
        self._held: dict[Key, _Remembered] = {}
        self._asked: dict[Key, None] = {}
        self._rows = 0

    def asked(self, key: Key) -> bool:
        """Whether this was asked before, as far back as is remembered."""
        return key in self._asked

    def recall(self, key: Key, stamp: Stamp, table: Table) -> Planned | None:
        """The answer as of `stamp`, or None."""
        held = self._held.pop(key, None)
        if held is None:
            return None
        self._rows -= _rows(held.planned)
        held.planned = held.planned.became or held.planned  # made at the same stamp
        # An exception in here loses the answer, so that no half-changed one is ever found.
        current = held.stamp == stamp or self._caught_up(held, stamp, table)
        self._held[key] = held
        self._rows += _rows(held.planned)
        return held.planned if current else None

    def earlier(self, key: Key) -> Answer | None:
        """What the same question was answered some writes ago, to start from; or None."""
        held = self._held.get(key)
        return held.planned.answer if held else None

    def _caught_up(self, held: _Remembered, stamp: Stamp, table: Table) -> bool:
        """Tests only what came since; False where making the answer anew is better."""
        planned, (size, tombstones, names) = held.planned, held.stamp
        refill, order = planned.refill, planned.sorted_by
        late = stamp.rows - size + stamp.tombstones - tombstones
        if refill is None or order is None or names != stamp.renames:
            return False
        if late > max(_LATE, planned.touched // _LATE_COST):
            return False
        if not planned.stands():
            return False
        answer = planned.answer
        assert isinstance(answer, Bitmapped | Gathered)
        for row in table.tombstones[tombstones : stamp.tombstones]:
            if not table.alive[row] and row < size:
                answer.discard(order, row)
        for row in refill(list(table.rows(size))):
            answer.add(order, row)
        held.stamp = stamp
        return True

    def remember(self, key: Key, stamp: Stamp, planned: Planned, table: Table) -> None:
        """Keeps an answer, and drops the oldest ones where there are too many."""
        if self.limit <= 0:
            return
        self._asked[key] = None
        if len(self._asked) > 4 * self.limit:
            del self._asked[next(iter(self._asked))]
        if key in self._held:
            self._forget(key)
        self._held[key] = _Remembered(planned, stamp)
        self._rows += _rows(planned)
        most = _ROWS_PER_RECORD * max(table.now.live, 1)
        while len(self._held) > self.limit or (self._rows > most and len(self._held) > 1):
            self._forget(next(iter(self._held)))

    def _forget(self, key: Key) -> None:
        self._rows -= _rows(self._held.pop(key).planned)


def _rows(planned: Planned) -> int:
    """How many row numbers an answer holds, or may come to hold."""
    answer = planned.answer
    if isinstance(answer, Bitmapped):
        return len(answer.bitmap.blocks) * answer.bitmap.block // _BITS_PER_ROW
    return answer.total if isinstance(answer, Gathered | Walked) else 0
