"""The runs of a family in another order than by id, kept beside them.

While ids and instants ascend together ("in step"), the runs in order of id are in order of
CreatedOn as well. Where another order of a long run is asked for, it is kept in an aside.
"""

from collections import defaultdict
from collections.abc import Iterable

from coursetrack.repository.directory import Label
from coursetrack.repository.families import Family
from coursetrack.repository.runs import Order, Run

_FEW = 8
"""A run of which more than one row in so many died is sorted anew."""


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
        if births < 0 or self._epoch != dimension.epoch:
            self._level()
            return
        for move in dimension.moves[self._moved :]:
            old, new = dimension.change(move)
            for label in (*old, *new) if old != new else ():
                held.pop(label, None)
        dead = [row for row in dict.fromkeys(deaths) if row < self.born and not table.alive[row]]
        for label, rows in self._by_label(held, dead).items():
            if len(rows) * _FEW > len(held[label]):
                del held[label]
            else:
                run = self._own(held, label)
                for row in rows:
                    run.discard(self.order, row)
        for label, rows in self._by_label(held, table.rows(self.born)).items():
            self._own(held, label).extend(self.order, rows)
        self._level()
        self.runs = held

    def _by_label(self, held: dict[Label, Run], rows: Iterable[int]) -> dict[Label, list[int]]:
        """Those of `rows` that belong into a held run, by its label."""
        table, dimension = self.order.table, self._family.dimension
        found: dict[Label, list[int]] = defaultdict(list)
        for row in rows:
            for label in dimension.labels(dimension.side_of(table, row)):
                if label in held:
                    found[label].append(row)
        return found

    def _own(self, held: dict[Label, Run], label: Label) -> Run:
        run = held[label]
        if run.owner is not self._owner:
            run = held[label] = run.copy(self._owner)
        return run

    def copy(self, family: Family, order: Order) -> "Aside":
        """An independent copy that shares runs until either side writes to one. O(labels)."""
        other = Aside.__new__(Aside)
        other.__dict__.update(self.__dict__)
        other._family, other.order, other.runs = family, order, self.runs.copy()
        other._owner, self._owner = object(), object()
        return other
