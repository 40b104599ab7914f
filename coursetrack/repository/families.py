"""Families and shelves: the runs of one dimension, each by itself and one after the other.

A family holds one run for each label of a dimension. It is a memo: a write touches no family, and
`refresh` brings one up to date when it is asked next. In this order, so that each step finds rows
under the labels that they have at that moment:

    moves    a lesson or coworker was renamed: its rows go from the old label's run to the new one
    deaths   rows that are not in force any more leave their runs
    births   rows that have come since join their runs

Runs of a family are in order of id. While ids and instants ascend together ("in step") that is the
order by CreatedOn too. Where another order of a long run is wanted, it is kept beside the family:
an `Aside` holds, for each label that was asked for, the same rows in that order.

A shelf is the family in the order of its labels: since every row of a run has the same label, the
order by title (ties by id) is the runs one after the other, and a rename moves runs, not records.

    labels    "=aerobics"  "=biology"  |  "=chemistry"  "=drama"         two blocks
    runs      3 8          1 2 6       |  4             5 7
    starts    0                           5                       8

Labels stand in blocks of some 2,000 rows, with the prefix sums of the blocks' lengths; what a
range selects is counted block by block, as a run counts it piece by piece.
"""

from array import array
from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate, chain, compress
from typing import Any

from coursetrack.errors import CorruptStore
from coursetrack.repository.directory import Dimension, Label, Move
from coursetrack.repository.runs import Column, Limits, Order, Run, merged, sorted_by
from coursetrack.repository.table import Table

EVERYTHING = "everything"

Base = Callable[[], "Family"]
"""The family by side id, up to date: a dimension's runs are first merged from its runs."""

_BULK = 512


class Family:
    """One run for each label of `dimension`, its rows in order of id."""

    def __init__(self, dimension: Dimension, order: Order, base: Base | None = None) -> None:
        self.dimension = dimension
        self.order = order
        self.owner = object()
        self._base = base
        self.labels_version = 0  # grows when a label comes or goes
        self._busy = False
        self._start_again()

    def _start_again(self) -> None:
        self.runs: dict[Label, Run] = {}
        self.shelf: Shelf | None = None
        self.labels_version += 1
        self.born = 0
        self._died = len(self._table.deaths)
        self._moved = len(self.dimension.moves)
        self._epoch = self.dimension.epoch

    @property
    def _table(self) -> Table:
        return self.order.table

    def shelved(self) -> "Shelf":
        """The runs one after the other. O(labels log labels) the first time."""
        if self.shelf is None:
            self.shelf = Shelf(self)
        return self.shelf

    def copy(self, dimension: Dimension, order: Order, base: Base | None) -> "Family":
        """An independent copy that shares runs until either side writes to one. O(labels)."""
        other = Family.__new__(Family)
        other.__dict__.update(self.__dict__)
        other.dimension, other.order, other._base = dimension, order, base
        other.runs = self.runs.copy()
        other.owner, self.owner = object(), object()
        other.shelf = None if self.shelf is None else self.shelf.copy(other)
        return other

    # -- catching up

    def refresh(self) -> "Family":
        """Brings the family up to date and returns it. O(1) when nothing was written."""
        table, dimension = self._table, self.dimension
        behind = (
            self.born != table.size
            or self._died != len(table.deaths)
            or self._moved != len(dimension.moves)
            or self._busy
            or self._epoch != dimension.epoch
        )
        if behind:
            if self._busy or self._epoch != dimension.epoch or self.born > table.size:
                self._start_again()
            self._busy = True  # stays so where an exception cuts this short: then start again
            self._move(dimension.moves[self._moved :])
            self._bury(table.deaths[self._died :])
            self._bear(table.size - self.born)
            self._moved, self._died = len(dimension.moves), len(table.deaths)
            self.born = table.size
            self._busy = False
        return self

    def _move(self, moves: Sequence[Move]) -> None:
        for move in moves:
            old, new = self.dimension.change(move)
            rows = self._rows_of(move.side, old[0]) if old != new else []
            if not rows:
                continue
            for label in old:
                if label not in new:
                    self._leave(label, rows)
            for label in new:
                if label not in old:
                    self._join(label, rows)

    def _rows_of(self, side: int, label: Label) -> list[int]:
        run = self.runs.get(label)
        if run is None:
            return []
        column = getattr(self._table, self.dimension.side or "")
        return [row for row in run if column[row] == side]

    def _leave(self, label: Label, rows: list[int]) -> None:
        run = self.runs[label]
        if len(rows) == len(run):
            self._resized(label, -len(rows))
            self._remove(label)
        elif len(rows) * 4 > len(run):
            gone = set(rows)
            self.runs[label] = Run([row for row in run if row not in gone], self.owner)
            self._resized(label, -len(rows))
        else:
            run = self._own(label)
            for row in rows:
                run.discard(self.order, row)
            self._resized(label, -len(rows))

    def _join(self, label: Label, rows: list[int]) -> None:
        self._own(label).extend(self.order, rows[:])
        self._resized(label, len(rows))

    def _bury(self, deaths: Sequence[int]) -> None:
        table, dimension = self._table, self.dimension
        if len(deaths) * 8 > self.born:
            self._start_again()
            return
        for row in dict.fromkeys(deaths):
            if row >= self.born or table.alive[row]:
                continue
            for label in dimension.labels(dimension.side_of(table, row)):
                run = self._own(label)
                run.discard(self.order, row)
                self._resized(label, -1)
                if not run:
                    self._remove(label)

    def _bear(self, count: int) -> None:
        table, dimension = self._table, self.dimension
        if count > _BULK:
            self._bear_many()
            return
        for row in table.rows(self.born):
            for label in dimension.labels(dimension.side_of(table, row)):
                self._own(label).add(self.order, row)
                self._resized(label, 1)

    def _bear_many(self) -> None:
        self.shelf = None
        self.labels_version += 1
        for (label,), rows in self._grouped().items():
            if label in self.runs:
                self._own(label).extend(self.order, rows)
            elif rows:
                self.order.sort(rows)
                self.runs[label] = Run(rows, self.owner)

    def _grouped(self) -> dict[tuple[Label, ...], list[int]]:
        """The rows born since, by label; each list in order of arrival."""
        table, labels = self._table, self.dimension.labels
        if self.dimension.name == EVERYTHING:
            return {(0,): list(table.rows(self.born))}
        if self._base is not None and not self.born:
            return self._merged(self._base())
        sides: Iterable[int] = self.dimension.sides(table, self.born)
        if table.live != table.size:
            sides = compress(sides, table.alive[self.born : table.size])
        groups: dict[tuple[Label, ...], list[int]] = defaultdict(list)
        append_of: dict[int, Callable[[int], None]] = {}
        for row, side in zip(table.rows(self.born), sides, strict=True):
            try:
                append_of[side](row)
            except KeyError:
                append_of[side] = groups[labels(side)].append
                append_of[side](row)
        return _by_single_label(groups)

    def _merged(self, base: "Family") -> dict[tuple[Label, ...], list[int]]:
        parts: dict[Label, list[Run]] = defaultdict(list)
        for side, run in base.runs.items():
            for label in self.dimension.labels(side):
                parts[label].append(run)
        size = self._table.size
        return {(label,): merged(runs, sum(map(len, runs)), size) for label, runs in parts.items()}

    def _own(self, label: Label) -> Run:
        """The run of `label`, to write to: copied first where a fork may read it."""
        run = self.runs.get(label)
        if run is None:
            run = self.runs[label] = Run(owner=self.owner)
            self.labels_version += 1
            if self.shelf is not None:
                self.shelf.insert(label)
        elif run.owner is not self.owner:
            run = self.runs[label] = run.copy(self.owner)
        return run

    def _remove(self, label: Label) -> None:
        del self.runs[label]
        self.labels_version += 1
        if self.shelf is not None:
            self.shelf.remove(label)

    def _resized(self, label: Label, by: int) -> None:
        if self.shelf is not None:
            self.shelf.resized(label, by)


def _by_single_label(
    groups: dict[tuple[Label, ...], list[int]],
) -> dict[tuple[Label, ...], list[int]]:
    """Rows that have several labels go under each of them."""
    if all(len(labels) == 1 for labels in groups):
        return groups
    parts: dict[Label, list[list[int]]] = defaultdict(list)
    for labels, rows in groups.items():
        for label in labels:
            parts[label].append(rows)
    return {(label,): sorted(chain.from_iterable(rows)) for label, rows in parts.items()}


class Aside:
    """The long runs of a family that were asked for in another order than by id.

    Held runs catch up with births and deaths; a label that a move touches is dropped, and sorted
    anew when it is asked for again. O(m log m) for m rows, O(m) where they are nearly in order.
    """

    def __init__(self, family: Family, order: Order) -> None:
        self._family = family
        self.order = order
        self.runs: dict[Label, Run] = {}
        self._owner = object()
        self._level()

    def _level(self) -> None:
        """Notes how far the family's sources have got."""
        table, dimension = self.order.table, self._family.dimension
        self.born, self._died = table.size, len(table.deaths)
        self._moved, self._epoch = len(dimension.moves), dimension.epoch

    def run(self, label: Label) -> Run:
        """The run of `label` in this order, up to date. The family must be, and hold it."""
        self._refresh()
        run = self.runs.get(label)
        if run is None:
            rows = list(self._family.runs[label])
            self.order.sort(rows)
            run = self.runs[label] = Run(rows, self._owner)
        return run

    def _refresh(self) -> None:
        table, dimension = self.order.table, self._family.dimension
        births, deaths = table.size - self.born, table.deaths[self._died :]
        if not (births or deaths or self._moved != len(dimension.moves)):
            return
        held, self.runs = self.runs, {}  # an exception below leaves nothing held
        if births + len(deaths) > _BULK or births < 0 or self._epoch != dimension.epoch:
            self._level()
            return
        for move in dimension.moves[self._moved :]:
            old, new = dimension.change(move)
            for label in (*old, *new) if old != new else ():
                held.pop(label, None)
        dead = [row for row in dict.fromkeys(deaths) if row < self.born and not table.alive[row]]
        for row, run in self._held_runs(held, dead):
            run.discard(self.order, row)
        for row, run in self._held_runs(held, table.rows(self.born)):
            run.add(self.order, row)
        self._level()
        self.runs = held

    def _held_runs(self, held: dict[Label, Run], rows: Iterable[int]) -> Iterable[tuple[int, Run]]:
        table, dimension = self.order.table, self._family.dimension
        for row in rows:
            for label in dimension.labels(dimension.side_of(table, row)):
                run = held.get(label)
                if run is not None and run.owner is not self._owner:
                    run = held[label] = run.copy(self._owner)
                if run is not None:
                    yield row, run

    def copy(self, family: Family, order: Order) -> "Aside":
        """An independent copy that shares runs until either side writes to one. O(labels)."""
        other = Aside.__new__(Aside)
        other.__dict__.update(self.__dict__)
        other._family, other.order, other.runs = family, order, self.runs.copy()
        other._owner, self._owner = object(), object()
        return other


class Shelf:
    """The runs of a family one after the other, by label. Positions count from 0, ascending."""

    def __init__(self, family: Family) -> None:
        self._family = family
        self._blocks: list[list[Label]] = []
        self._sizes: list[int] = []
        self._fill(sorted(family.runs))

    def _fill(self, labels: list[Label]) -> None:
        runs, size = self._family.runs, 0
        block: list[Label] = []
        for label in labels:
            if block and (size + len(runs[label]) > Limits.piece or len(block) >= _LABELS):
                self._blocks.append(block)
                self._sizes.append(size)
                block, size = [], 0
            block.append(label)
            size += len(runs[label])
        if block:
            self._blocks.append(block)
            self._sizes.append(size)
        self._starts: list[int] | None = None
        self._zones: dict[str, list[Any]] = {}

    def copy(self, family: Family) -> "Shelf":
        """An independent copy for a copy of the family. O(labels)."""
        other = Shelf.__new__(Shelf)
        other._family = family
        other._blocks = [block[:] for block in self._blocks]
        other._sizes = self._sizes[:]
        other._starts = None
        other._zones = {name: zones[:] for name, zones in self._zones.items()}
        return other

    # -- writing

    def _place(self, label: Label) -> int:
        return max(0, bisect_right(self._blocks, label, key=lambda block: block[0]) - 1)

    def insert(self, label: Label) -> None:
        """A label has come, with no rows yet. O(labels in a block)."""
        if not self._blocks:
            self._blocks, self._sizes, self._zones = [[label]], [0], {}
            return
        place = self._place(label)
        insort(self._blocks[place], label)
        if len(self._blocks[place]) > 2 * _LABELS:
            self._split(place)

    def resized(self, label: Label, by: int) -> None:
        """The label's run has `by` rows more. O(log labels)."""
        place = self._place(label)
        self._sizes[place] += by
        self._starts = None
        for zones in self._zones.values():
            zones[place] = None
        if self._sizes[place] > 2 * Limits.piece and len(self._blocks[place]) > 1:
            self._split(place)

    def remove(self, label: Label) -> None:
        """A label has gone; its run was empty. O(labels in a block)."""
        place = self._place(label)
        block = self._blocks[place]
        del block[bisect_left(block, label)]
        if not block:
            del self._blocks[place], self._sizes[place]
            self._starts = None
            for zones in self._zones.values():
                del zones[place]

    def _split(self, place: int) -> None:
        runs, block = self._family.runs, self._blocks[place]
        sums = list(accumulate(len(runs[label]) for label in block))
        if len(block) > 2 * _LABELS:
            half = len(block) // 2
        else:
            half = min(len(block) - 1, bisect_left(sums, sums[-1] / 2) + 1)
        self._blocks[place : place + 1] = [block[:half], block[half:]]
        self._sizes[place : place + 1] = [sums[half - 1], sums[-1] - sums[half - 1]]
        self._starts = None
        for zones in self._zones.values():
            zones[place : place + 1] = [None, None]

    # -- reading

    @property
    def starts(self) -> list[int]:
        """The position of each block's first row, and the number of rows."""
        if self._starts is None:
            self._starts = list(accumulate(self._sizes, initial=0))
        return self._starts

    def slice(self, start: int, stop: int) -> list[int]:
        """The rows at these positions. O(log blocks + labels in a block + rows)."""
        starts, runs = self.starts, self._family.runs
        stop = min(stop, starts[-1])
        if start >= stop:
            return []
        place = bisect_right(starts, start) - 1
        skip, wanted = start - starts[place], stop - start
        found: list[int] = []
        for label in chain.from_iterable(self._blocks[place:]):
            run = runs[label]
            if skip >= run.size:
                skip -= run.size
                continue
            found += run.slice(skip, skip + wanted - len(found))
            skip = 0
            if len(found) == wanted:
                break
        return found

    def zones(self, name: str, column: Column) -> Sequence["array[int] | Run"]:
        """For each block its rows in order of `column`; a long run stands for itself."""
        zones = self._zones.setdefault(name, [None] * len(self._blocks))
        if None in zones:
            for place, zone in enumerate(zones):
                if zone is None:
                    rows = self.long_run(place)
                    zones[place] = (
                        sorted_by(column, self.block_rows(place)) if rows is None else rows
                    )
        return zones

    @property
    def blocks(self) -> int:
        """How many blocks there are."""
        return len(self._blocks)

    def long_run(self, place: int) -> Run | None:
        """The run that is this block, where it is longer than a piece."""
        block = self._blocks[place]
        one_long_run = len(block) == 1 and self._sizes[place] > Limits.piece
        return self._family.runs[block[0]] if one_long_run else None

    def block_rows(self, place: int) -> Sequence[int]:
        """All rows of a block in order."""
        runs = self._family.runs
        return list(chain.from_iterable(runs[label] for label in self._blocks[place]))

    def check(self, name: str, table: Table) -> None:
        """Proves the shelf against its family, or raises CorruptStore."""
        runs = self._family.runs
        if list(chain.from_iterable(self._blocks)) != sorted(runs):
            raise CorruptStore(f"{name}: its labels differ from the family's")
        if self._sizes != [sum(len(runs[label]) for label in block) for block in self._blocks]:
            raise CorruptStore(f"{name}: its blocks' sizes are wrong")
        for column, zones in self._zones.items():
            for place, zone in enumerate(zones):
                rows = self.block_rows(place)
                if isinstance(zone, array) and zone != sorted_by(getattr(table, column), rows):
                    raise CorruptStore(f"{name}: the values of {column} are wrong")


_LABELS = 128
