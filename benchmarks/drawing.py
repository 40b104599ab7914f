"""The picture of the query table: one panel per column, time over query, one mark per engine."""

from pathlib import Path

import matplotlib

matplotlib.use("Agg")

from matplotlib import pyplot
from matplotlib.axes import Axes

from benchmarks.measuring import COLUMNS, Column
from benchmarks.report import OURS, Report, geometric_mean

_TITLES = {"cold": "first ask", "warm": "asked before", "written": "one write before each read"}


def draw_queries(report: Report, file: Path, *, what: str) -> None:
    """Draws the report into `file`: microseconds, logarithmic, geometric mean over the pages."""
    figure, panels = pyplot.subplots(
        1, len(COLUMNS), figsize=(15, 6.5), sharey=True, sharex=True, layout="constrained"
    )
    for axes, column in zip(panels, COLUMNS, strict=True):
        _panel(axes, report, column)
    handles, names = panels[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=len(names))
    figure.suptitle(f"{what} at {report.size:,} completions, microseconds (less is better)")
    figure.savefig(file, dpi=110)
    pyplot.close(figure)


def _panel(axes: Axes, report: Report, column: Column) -> None:
    rows = list(report.rows(column))
    names = list(dict.fromkeys(row.case for row in rows))
    engines = dict.fromkeys(name for row in report.rows("warm") for name in row.medians)
    for engine in engines:
        points = [
            geometric_mean(row.medians.get(engine) for row in rows if row.case == name)
            for name in names
        ]
        shown = [(micros, place) for place, micros in enumerate(points) if micros]
        ours = engine == OURS
        axes.scatter(
            [micros for micros, _ in shown],
            [place for _, place in shown],
            label=engine,
            marker="D" if ours else "o",
            s=55 if ours else 30,
            zorder=3 if ours else 2,
        )
    axes.set(xscale="log", title=_TITLES[column], yticks=range(len(names)), yticklabels=names)
    axes.grid(alpha=0.3)
    if not axes.yaxis_inverted():
        axes.invert_yaxis()
