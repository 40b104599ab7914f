"""``python -m benchmarks.queries``: the list query, coursetrack beside its peers in one run.

Every answer is compared with SQLite's. Cold is the first ask of a combination, warm has asked the
same before, written has one write before each read (the write itself is not counted). A peer that
is not installed is left out; all of them come with ``pip install 'coursetrack[peers]'``.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import cycle
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console

from benchmarks.cases import PAGES, cases
from benchmarks.measuring import COLUMNS, Measuring, Pace, built, timed, unhurried_memory
from benchmarks.peers.choice import NAMES, chosen
from benchmarks.peers.engine import Engine
from benchmarks.peers.store import Coursetrack
from benchmarks.progress import progress_bar
from benchmarks.report import Report, goals_table, markdown, result_table, summary_table
from benchmarks.workload import Workload, make_workload
from coursetrack.listing.query import CompletedLessonQuery

SIZES = (10_000, 100_000, 1_000_000)
QUICK = Pace(warm=7, warm_seconds=0.005, written=3, patience=0.5)


def measure(
    size: int, names: Sequence[str], *, pace: Pace, matching: str = "", console: Console
) -> Report:
    """The whole table at one size; only cases whose name has `matching` in it."""
    with progress_bar(console, width=60) as progress:
        task = progress.add_task(f"{size:,}: making the workload")
        workload = make_workload(size)
        engines = chosen(names, lambda text: progress.console.print(text, style="yellow"))
        seconds = built(
            engines,
            workload,
            lambda name: progress.update(task, description=f"{size:,}: building {name}"),
        )
        wanted = [case for case in cases(workload) if matching in case.name]
        progress.update(task, total=len(wanted) * len(PAGES) * 2, completed=0)
        measuring = Measuring(engines, pace, usual_queries(workload))
        with unhurried_memory():
            for case in wanted:
                progress.update(task, description=f"{size:,}: {case.name}")
                measuring.first_asks(case, lambda: progress.advance(task))
            writes = iter(workload.late_writes)
            for case in wanted:
                progress.update(task, description=f"{size:,}: {case.name}, after writes")
                measuring.after_writes(case, writes, lambda: progress.advance(task))
            floors = measured_floors(engines, size, {cell.rows for cell in measuring.cells})
    return Report(size, seconds, measuring.cells, floors)


def usual_queries(workload: Workload) -> Iterator[CompletedLessonQuery]:
    """Lists of lessons and of members that hardly any case asks for, round and round."""
    for lesson_id, member in zip(
        cycle(workload.popular[50:1_000]), cycle(workload.members[1:]), strict=False
    ):
        yield CompletedLessonQuery(lesson_id=lesson_id, order_by="CreatedOn")
        yield CompletedLessonQuery(member_id=member.id, order_by="CreatedOn")


def measured_floors(engines: Sequence[Engine], size: int, pages: Iterable[int]) -> dict[int, float]:
    """Microseconds for making a page of so many rows out of ready row numbers, by its length."""
    ours = next((engine for engine in engines if isinstance(engine, Coursetrack)), None)
    floors = {}
    for count in sorted(set(pages) - {0}):
        if ours is not None:
            step = max(1, size // (count + 1))
            rows = range(0, size, step)[:count]
            floors[count] = median(timed(ours.make_page, rows)[0] for _ in range(101))
    return floors


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.queries", description=__doc__)
    parser.add_argument("--size", type=int, action="append", help="completions (repeatable)")
    parser.add_argument(
        "--only",
        default=",".join(NAMES),
        help="engines, with commas (default: %(default)s)",
    )
    parser.add_argument("--case", default="", help="only cases with this in their name")
    parser.add_argument("--quick", action="store_true", help="fewer repetitions")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results as JSON")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write a short table")
    parser.add_argument("--plot", type=Path, metavar="FILE.png", help="draw the results")
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command."""
    arguments = _arguments(argv)
    console = Console()
    names = arguments.only.split(",")
    if unknown := set(names) - set(NAMES):
        Console(stderr=True).print(f"no engine {', '.join(unknown)}; there are {', '.join(NAMES)}")
        return 2
    reports = []
    for size in arguments.size or SIZES:
        report = measure(
            size,
            names,
            pace=QUICK if arguments.quick else Pace(),
            matching=arguments.case,
            console=console,
        )
        reports.append(report)
        for column in COLUMNS:
            console.print(result_table(report, column))
    console.print(summary_table(reports))
    console.print(goals_table(reports))
    keep(reports, arguments, what="The list query")
    return 0


def keep(reports: Sequence[Report], arguments: argparse.Namespace, *, what: str) -> None:
    """Writes JSON, a short table and a picture, each into its file where one is named."""
    if arguments.json:
        write_json(arguments.json, [report.to_dict() for report in reports])
    if arguments.markdown:
        arguments.markdown.write_text(markdown(reports[-1]), encoding="utf-8")
    if arguments.plot:
        from benchmarks.drawing import draw_queries

        draw_queries(reports[-1], arguments.plot, what=what)


def write_json(path: Path, value: Any) -> None:
    """Writes a value as JSON into a file."""
    path.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
