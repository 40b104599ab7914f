"""Families: the runs of one dimension, each by itself.

A family holds one run for each label of a dimension. It is a memo: a write touches no family, and
`refresh` brings one up to date when it is asked next. In this order, so that each step finds rows
under the labels that they have at that moment:

    moves    a lesson or coworker was renamed: its rows go from the old label's run to the new one
    deaths   rows that are not in force any more leave their runs
    births   rows that have come since join their runs

Runs of a family are in order of id.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import chain, compress

from sortedcontainers import SortedList

from coursetrack.repository.directory import Dimension, Label, Move
from coursetrack.repository.runs import Order, Run, merged
from coursetrack.repository.shelves import Shelf
from coursetrack.repository.table import Table

EVERYTHING = "everything"

Base = Callable[[], "Family"]
"""The family by side id, up to date: a dimension's runs are first merged from its runs."""

BULK = 512


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
        self.labels = SortedList()  # those of the runs, in order
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
            self.shelf = Shelf(self.runs, self.labels)
        return self.shelf

    def copy(self, dimension: Dimension, order: Order, base: Base | None) -> "Family":
        """An independent copy that shares runs until either side writes to one. O(labels)."""
        other = Family.__new__(Family)
        other.__dict__.update(self.__dict__)
        other.dimension, other.order, other._base = dimension, order, base
        other.runs = self.runs.copy()
        other.labels = self.labels.copy()
        other.owner, self.owner = object(), object()
        other.shelf = None if self.shelf is None else self.shelf.copy(other.runs)
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
                    self._join(label, rows[:])

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
        self._own(label).extend(self.order, rows)
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
        if count > BULK:
            self._bear_many()
            return
        for row in table.rows(self.born):
            for label in dimension.labels(dimension.side_of(table, row)):
                self._own(label).add(self.order, row)
                self._resized(label, 1)

    def _bear_many(self) -> None:
        self.labels_version += 1
        if not self.born:
            self.shelf = None
        for label, rows in self._grouped().items():
            if not self.born and rows:  # the first rows ever: nothing to fit them into
                self.order.sort(rows)
                self.runs[label] = Run(rows, self.owner)
            elif rows:
                self._join(label, rows)
        if not self.born:
            self.labels = SortedList(self.runs)

    def _grouped(self) -> dict[Label, list[int]]:
        """The rows born since, by label; each list in order of arrival."""
        table, labels = self._table, self.dimension.labels
        if self.dimension.name == EVERYTHING:
            return {0: list(table.rows(self.born))}
        if self._base is not None and not self.born:
            return self._merged(self._base())
        sides: Iterable[int] = self.dimension.sides(table, self.born)
        if table.live != table.size:
            sides = compress(sides, table.alive[self.born : table.size])
        by_side: dict[int, list[int]] = defaultdict(list)
        for row, side in zip(table.rows(self.born), sides, strict=True):
            by_side[side].append(row)
        parts: dict[Label, list[list[int]]] = defaultdict(list)
        for side, rows in by_side.items():
            for label in labels(side):
                parts[label].append(rows)
        return {
            label: rows[0] if len(rows) == 1 else sorted(chain.from_iterable(rows))
            for label, rows in parts.items()
        }

    def _merged(self, base: "Family") -> dict[Label, list[int]]:
        parts: dict[Label, list[Run]] = defaultdict(list)
        for side, run in base.runs.items():
            for label in self.dimension.labels(side):
                parts[label].append(run)
        size = self._table.size
        return {label: merged(runs, sum(map(len, runs)), size) for label, runs in parts.items()}

    def _own(self, label: Label) -> Run:
        """The run of `label`, to write to: copied first where a fork may read it."""
        run = self.runs.get(label)
        if run is None:
            run = self.runs[label] = Run(owner=self.owner)
            self.labels.add(label)
            self.labels_version += 1
            if self.shelf is not None:
                self.shelf.insert(label)
        elif run.owner is not self.owner:
            run = self.runs[label] = run.copy(self.owner)
        return run

    def _remove(self, label: Label) -> None:
        del self.runs[label]
        self.labels.remove(label)
        self.labels_version += 1
        if self.shelf is not None:
            self.shelf.remove(label)

    def _resized(self, label: Label, by: int) -> None:
        if self.shelf is not None:
            self.shelf.resized(label, by)
