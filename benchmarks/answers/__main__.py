"""``python -m benchmarks.answers``: from request text to JSON bytes, beside what one would use.

sqlite3 with ``json.dumps``, SQLAlchemy, Django's ORM and Django REST framework answer the same
query strings in the same process, each in its quickest reasonable form, with exact totals and names
joined live. All answers are compared as parsed JSON first. Cold is an answer of which nothing is
remembered, warm has been given before, written comes after one write each (which is not counted).
Times are processor time. A peer that is not installed is left out; all of them come with
``pip install 'coursetrack[peers]'``.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks.answers.goals import goals
from benchmarks.answers.measuring import Measuring
from benchmarks.answers.peer import Peer
from benchmarks.measuring import COLUMNS, Pace, unhurried_memory
from benchmarks.progress import progress_bar
from benchmarks.queries import keep
from benchmarks.report import Report, goal_table, result_table, summary_table
from benchmarks.workload import make_workload

SIZES = (10_000, 100_000, 1_000_000)
PEERS = {
    "sqlalchemy": "benchmarks.answers.sqlalchemy_core",
    "django": "benchmarks.answers.django_orm",
}
"""The peers of the extra ``peers``: each module has a function ``peers(database)``."""

QUICK = Pace(fresh=2, warm=5, warm_seconds=0.02, written=2)
_USUAL = Pace(fresh=3, warm=25, warm_seconds=0.15, written=5)


def measure(size: int, names: Sequence[str], *, pace: Pace, console: Console) -> Report:
    """All lists at one size."""
    with progress_bar(console, width=64) as progress:
        task = progress.add_task(f"{size:,}: making the workload")
        workload = make_workload(size)
        progress.update(task, description=f"{size:,}: building")
        note = lambda text: progress.console.print(text, style="yellow")  # noqa: E731
        measuring = Measuring(workload, pace, lambda database: _others(names, database, note))
        progress.update(task, total=measuring.steps(), completed=0)

        def done(what: str) -> None:
            progress.update(task, description=f"{size:,}: {what}", advance=1)

        with unhurried_memory():
            measuring.run(done)
    return Report(size, measuring.build_seconds, measuring.cells, {})


def _others(names: Sequence[str], database: Any, note: Callable[[str], None]) -> list[Peer]:
    found: list[Peer] = []
    for name in names:
        try:
            found += import_module(PEERS[name]).peers(database)
        except ImportError as error:
            note(f"{name} is left out: {error} (pip install 'coursetrack[peers]')")
    return found


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.answers", description=__doc__)
    parser.add_argument("--size", type=int, action="append", help="completions (repeatable)")
    parser.add_argument(
        "--only", default=",".join(PEERS), help="peers beside sqlite3 (default: %(default)s)"
    )
    parser.add_argument("--quick", action="store_true", help="fewer repetitions")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results as JSON")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write a short table")
    parser.add_argument("--plot", type=Path, metavar="FILE.png", help="draw the results")
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command."""
    arguments = _arguments(argv)
    console = Console()
    names = [name for name in arguments.only.split(",") if name]
    if unknown := set(names) - set(PEERS):
        Console(stderr=True).print(f"no peer {', '.join(unknown)}; there are {', '.join(PEERS)}")
        return 2
    reports = []
    for size in arguments.size or SIZES:
        pace = QUICK if arguments.quick else _USUAL
        report = measure(size, names, pace=pace, console=console)
        reports.append(report)
        for column in COLUMNS:
            console.print(result_table(report, column))
    console.print(summary_table(reports))
    console.print(goal_table(goals(reports)))
    keep(reports, arguments, what="The whole answer")
    return 0


if __name__ == "__main__":
    sys.exit(main())
