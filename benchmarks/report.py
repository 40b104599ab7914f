"""What a run of the query benchmark says: tables, ratios to SQLite, and the goals."""

from collections.abc import Iterable, Iterator, Sequence
from math import exp, log
from typing import Any

import attrs
from rich.table import Table

from benchmarks.measuring import COLUMNS, Cell, Column

OURS = "coursetrack"
STATIC = ("pandas",)
"""Engines that are reported beside the others and not counted: they cannot take a write."""

RATIOS: dict[int, dict[Column, float]] = {
    100_000: {"cold": 5.0, "warm": 25.0, "written": 6.0},
    1_000_000: {"cold": 12.0, "warm": 80.0, "written": 25.0},
}
"""How many times faster than SQLite the geometric mean over all cells is to be, by size."""

DEEP_PAGE, GROWTH, OVER_FLOOR = 1.2, 1.3, 2.0
_SHOWN = 12


@attrs.frozen
class Row:
    """One case and page: each engine's median in microseconds; SQLite is its better form."""

    case: str
    plain: bool
    page: str
    medians: dict[str, float]

    @property
    def ours(self) -> float | None:
        """coursetrack's median."""
        return self.medians.get(OURS)

    @property
    def ratio(self) -> float | None:
        """SQLite's median over coursetrack's: how many times faster coursetrack is."""
        sqlite = self.medians.get("SQLite")
        return sqlite / self.ours if sqlite and self.ours else None

    @property
    def best_peer(self) -> tuple[float, str] | None:
        """The fastest peer that is not static."""
        peers = [
            (micros, name)
            for name, micros in self.medians.items()
            if name != OURS and not name.startswith(STATIC)
        ]
        return min(peers, default=None)


@attrs.frozen
class Report:
    """One size: what building took, all cells, and what the rows of a page cost at least."""

    size: int
    build_seconds: dict[str, float]
    cells: Sequence[Cell]
    floors: dict[int, float]
    """Microseconds for making a page from ready row numbers, by how many rows it has."""

    def rows(self, column: Column) -> Iterator[Row]:
        """The rows of the table for one column of times."""
        places = dict.fromkeys((cell.case, cell.plain, cell.page) for cell in self.cells)
        for case, plain, page in places:
            cells = [cell for cell in self.cells if (cell.case, cell.page) == (case, page)]
            yield Row(case, plain, page, _medians(cells, column))

    def ratio(self, column: Column) -> float | None:
        """The geometric mean over all cells of how many times faster than SQLite we are."""
        return geometric_mean(row.ratio for row in self.rows(column))

    def to_dict(self) -> dict[str, Any]:
        """Everything measured, ready for ``json.dumps``."""
        return {
            "size": self.size,
            "build_seconds": self.build_seconds,
            "floor_by_rows": self.floors,
            "faster_than_sqlite": {column: self.ratio(column) for column in COLUMNS},
            "cells": [attrs.asdict(cell) for cell in self.cells],
        }


def _medians(cells: Iterable[Cell], column: Column) -> dict[str, float]:
    medians: dict[str, float] = {}
    for cell in cells:
        micros = cell.median(column)
        if micros is not None:
            name = cell.engine.partition(",")[0]
            medians[name] = min(micros, medians.get(name, micros))
    return medians


def geometric_mean(values: Iterable[float | None]) -> float | None:
    """The geometric mean of those that are there, or None."""
    logs = [log(value) for value in values if value]
    return exp(sum(logs) / len(logs)) if logs else None


def result_table(report: Report, column: Column) -> Table:
    """All cells of one column, in microseconds, the fastest of each row bold."""
    table = Table(title=f"{report.size:,} completions, {column}, µs (median)")
    rows = list(report.rows(column))
    names = list(dict.fromkeys(name for row in rows for name in row.medians))
    for heading in ("query", "page"):
        table.add_column(heading, no_wrap=heading == "page")
    for heading in (*names, "SQLite / ours"):
        table.add_column(heading, justify="right")
    for row in rows:
        table.add_row(
            row.case if row.page == "first" else "",
            row.page,
            *(_micros(row, name) for name in names),
            _times(row.ratio),
            end_section=row.page == "last",
        )
    return table


def _micros(row: Row, name: str) -> str:
    micros = row.medians.get(name)
    if micros is None:
        return "–"
    text = f"{micros:,.0f}" if micros >= 20 else f"{micros:.1f}"
    return f"[bold]{text}[/]" if micros == min(row.medians.values()) else text


def _times(ratio: float | None) -> str:
    return "–" if ratio is None else f"{ratio:,.1f}×"


def summary_table(reports: Sequence[Report]) -> Table:
    """Per size: how many times faster than each peer, geometric mean over the shared cells."""
    table = Table(title="how many times faster coursetrack is, geometric mean over all cells")
    names = dict.fromkeys(
        name for report in reports for row in report.rows("warm") for name in row.medians
    )
    for heading in ("completions", "column", *(name for name in names if name != OURS)):
        table.add_column(heading, justify="right")
    for report in reports:
        for column in COLUMNS:
            ratios = [_against(report, column, name) for name in names if name != OURS]
            table.add_row(f"{report.size:,}", column, *map(_times, ratios))
    return table


def _against(report: Report, column: Column, name: str) -> float | None:
    return geometric_mean(
        row.medians[name] / row.ours
        for row in report.rows(column)
        if row.ours and name in row.medians
    )


def markdown(report: Report) -> str:
    """A table for a document: microseconds for each query, geometric mean over its pages."""
    columns: list[tuple[str, Column, str]] = [
        (f"{OURS}, asked before", "warm", OURS),
        (f"{OURS}, first ask", "cold", OURS),
        (f"{OURS}, after a write", "written", OURS),
    ]
    peers = dict.fromkeys(name for row in report.rows("warm") for name in row.medians)
    columns += [(name, "warm", name) for name in peers if name != OURS]
    lines = [
        f"| {report.size:,} completions, µs | "
        + " | ".join(title for title, _, _ in columns)
        + " |",
        "|---|" + "---:|" * len(columns),
    ]
    for case in dict.fromkeys(cell.case for cell in report.cells):
        means = [_mean_of(report, case, column, name) for _, column, name in columns]
        shown = [f"{mean:,.0f}" if mean else "–" for mean in means]
        lines.append(f"| {case} | " + " | ".join(shown) + " |")
    return "\n".join(lines) + "\n"


def _mean_of(report: Report, case: str, column: Column, name: str) -> float | None:
    return geometric_mean(row.medians.get(name) for row in report.rows(column) if row.case == case)


@attrs.frozen
class Goal:
    """One goal: what was to be reached, what was measured, and whether that is enough."""

    text: str
    measured: str
    reached: bool


def goals(reports: Sequence[Report]) -> Iterator[Goal]:
    """The goals that the query table can judge, for each size."""
    for report in reports:
        at = f"at {report.size:,}"
        for column, wanted in RATIOS.get(report.size, {}).items():
            if ratio := report.ratio(column):
                yield Goal(
                    f"{at}, {column}: {wanted:.0f} times faster than SQLite",
                    _times(ratio),
                    ratio >= wanted,
                )
        for column in ("cold", "warm"):
            yield _no_cell_behind(report, column)
        yield from _deep_pages(report)
        yield from _near_the_floor(report)
    yield from _growth(reports)


def _no_cell_behind(report: Report, column: Column) -> Goal:
    rows = [row for row in report.rows(column) if row.ours and row.best_peer]
    behind = sorted(
        (
            (row.ours / row.best_peer[0], row)
            for row in rows
            if row.ours and row.best_peer and row.ours > row.best_peer[0]
        ),
        key=lambda each: -each[0],
    )
    text = f"at {report.size:,}, {column}: no cell behind the fastest peer"
    if not behind:
        return Goal(text, f"all of {len(rows)}", bool(rows))
    worst = "; ".join(_behind(row, ratio) for ratio, row in behind[:_SHOWN])
    return Goal(text, f"{len(behind)} of {len(rows)} behind: {worst}", False)


def _behind(row: Row, ratio: float) -> str:
    peer = row.best_peer[1] if row.best_peer else ""
    return f"{row.case}, {row.page} page ({ratio:.1f} times {peer})"


def _deep_pages(report: Report) -> Iterator[Goal]:
    ours: dict[str, dict[str, float]] = {}
    for row in report.rows("warm"):
        if row.ours:
            ours.setdefault(row.case, {})[row.page] = row.ours
    deep = {
        case: max(pages["middle"], pages["last"]) / pages["first"]
        for case, pages in ours.items()
        if len(pages) == 3
    }
    if not deep:
        return
    over = {case: ratio for case, ratio in deep.items() if ratio > DEEP_PAGE}
    shown = "; ".join(f"{case} {ratio:.2f}" for case, ratio in over.items())
    yield Goal(
        f"at {report.size:,}, warm: a deep page at most {DEEP_PAGE} times the first",
        shown or f"at most {max(deep.values()):.2f}",
        not over,
    )


def _near_the_floor(report: Report) -> Iterator[Goal]:
    full = {cell.case: cell.rows for cell in reversed(report.cells) if cell.engine == OURS}
    ratios = [
        (micros / report.floors[cell.rows], cell)
        for cell in report.cells
        if cell.engine == OURS and cell.plain and cell.rows == full[cell.case]
        if cell.rows in report.floors
        if (micros := cell.median("warm"))
    ]
    over = [
        f"{cell.case} ({cell.page}) {ratio:.1f}" for ratio, cell in ratios if ratio > OVER_FLOOR
    ]
    if ratios:
        highest = max(ratio for ratio, _ in ratios)
        yield Goal(
            f"at {report.size:,}, warm: plain full pages at most {OVER_FLOOR:.0f} times the floor",
            "; ".join(over) or f"at most {highest:.2f}",
            not over,
        )


def _growth(reports: Sequence[Report]) -> Iterator[Goal]:
    if len(reports) < 2:
        return
    small, large = reports[0], reports[-1]
    before = {(row.case, row.page): row.ours for row in small.rows("warm")}
    grown = [
        (row.ours / then, row.case, row.page)
        for row in large.rows("warm")
        if row.plain and row.ours and (then := before.get((row.case, row.page)))
    ]
    over = [f"{case} ({page}) {ratio:.2f}" for ratio, case, page in grown if ratio > GROWTH]
    if grown:
        yield Goal(
            f"plain queries, warm, from {small.size:,} to {large.size:,}: under {GROWTH} times",
            "; ".join(over) or f"at most {max(grown)[0]:.2f}",
            not over,
        )


def goals_table(reports: Sequence[Report]) -> Table:
    """Each goal of the query table with what was measured."""
    return goal_table(goals(reports))


def goal_table(goals: Iterable[Goal]) -> Table:
    """Each goal with what was measured."""
    table = Table(title="goals", show_lines=True)
    for heading in ("goal", "measured", "reached"):
        table.add_column(heading)
    for goal in goals:
        verdict = "[green]yes[/]" if goal.reached else "[red]no[/]"
        table.add_row(goal.text, goal.measured, verdict)
    return table
