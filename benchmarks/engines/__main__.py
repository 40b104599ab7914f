"""``python -m benchmarks.engines [ENGINE …]``: the same work on engines, equal to one tracker.

Each engine loses a process on the way and goes on. Without ENGINE, all that are installed. Without
``--data``, an academy made up for ``--members``. The exit code is 1 where anything differs from one
tracker. ``--costs`` measures instead what an event costs in each form that it may travel in, and
``--rounds`` counts what searches over made-up shards take.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import attrs
from rich.console import Console
from rich.table import Table

from benchmarks.engines.costs import costs, sizes
from benchmarks.engines.runs import MODULES, RUNS, Line, alone
from benchmarks.engines.simulated_keys import SHAPES, counted, proven_start
from benchmarks.engines.sockets import beyond_loopback, watched_sockets
from benchmarks.engines.work import OneProcess, Work, one_process, read_work
from coursetrack.listing.query import CompletedLessonQuery


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    options = _parser().parse_args(arguments)
    console = Console()
    if options.rounds:
        return _rounds(console, options.records, options.shards)
    if options.costs and options.engines:
        console.print("--costs looks at one process; leave the engines out")
        return 2
    missing = [name for name in options.engines if find_spec(MODULES[name]) is None]
    if missing:
        console.print(f"not installed: {', '.join(missing)}; see CONTRIBUTING.md")
        return 2
    names = options.engines or [name for name in RUNS if find_spec(MODULES[name]) is not None]
    work = read_work(options.data, members=options.members)
    one = one_process(work)
    lines = [alone(work, one)]
    console.print(f"{work.name}: {len(work.events):,} events, {len(one.records):,} completions")
    if options.costs:
        return _costs(console, work, one)
    for name in names:
        with watched_sockets() as addresses:
            line = RUNS[name](work, one)
        beyond = beyond_loopback(addresses)
        checks = {**line.checks, "all sockets on the loopback": not beyond}
        lines.append(attrs.evolve(line, checks=checks))
        for told, holds in checks.items():
            console.print(f"{line.engine}: {told}: {'yes' if holds else 'NO'}")
        if beyond:
            console.print(f"{line.engine}: sockets beyond the loopback: {', '.join(beyond)}")
    if options.table:
        _print_table(lines)
    if options.json is not None:
        options.json.write_text(json.dumps([attrs.asdict(line) for line in lines]))
    return 0 if all(line.equal for line in lines) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.engines", description=__doc__)
    parser.add_argument("engines", nargs="*", choices=[*RUNS, []], metavar="ENGINE")
    parser.add_argument("--data", type=Path, help="a folder that holds a FutureLearn export")
    parser.add_argument("--members", type=int, default=300, help="(default: %(default)s)")
    parser.add_argument("--table", action="store_true", help="what each run took, in a table")
    parser.add_argument("--json", type=Path, help="write the same as JSON")
    parser.add_argument("--costs", action="store_true", help="what an event costs in each form")
    parser.add_argument("--rounds", action="store_true", help="count searches on made-up keys")
    parser.add_argument("--records", type=int, default=10**9, help="(default: %(default)s)")
    parser.add_argument("--shards", type=int, default=1000, help="(default: %(default)s)")
    return parser


def _print_table(lines: Sequence[Line]) -> None:
    table = Table("engine", "completions", "events/s", "recovery s", "MB sent", "MB kept")
    for column in ("rounds", "ms"):
        table.add_column(f"{column}, of three pages")
    for line in lines:
        table.add_row(
            line.engine,
            f"{line.completed:,}",
            f"{line.events_per_second:,.0f}",
            f"{line.recovery:.1f}",
            f"{line.sent / 1e6:.1f}",
            f"{line.kept / 1e6:.1f}",
            ", ".join(map(str, line.rounds)),
            ", ".join(f"{each:.1f}" for each in line.page_ms),
        )
    wide = Console(width=110)  # as wide as it needs to be, also in a file
    wide.print(table)
    one, *others = lines
    if others:
        best = max(others, key=lambda line: line.events_per_second)
        ratio = one.events_per_second / best.events_per_second
        told = f"{ratio:.1f} times as fast as" if ratio >= 1 else f"slower ({ratio:.2f}) than"
        wide.print(f"one process records {told} the fastest engine here, {best.engine}")


def _costs(console: Console, work: Work, one: OneProcess) -> int:
    """What to move and what not, in figures."""
    table = Table("for one event", "µs", "bytes")
    for cost in costs(work):
        size = "" if cost.size is None else f"{cost.size:,.0f}"
        table.add_row(cost.what, f"{cost.microseconds:.1f}", size)
    console.print(table)
    kept = sizes(one.tracker.snapshot())
    console.print(
        f"a member's state: {kept.state_mean:,.0f} bytes on average, {kept.state_largest:,} at "
        f"most; the snapshot of all: {kept.snapshot:,}"
    )
    return 0


def _rounds(console: Console, records: int, shards: int) -> int:
    """Counts searches over shards that hold no record; every page is proved by ranks."""
    table = Table("keys", "page", "rounds", "MB asked", "MB replied")
    wrong = 0
    for shape, make in SHAPES.items():
        made = make(records, shards)
        for page in (1, 2, records // 50, records // 25):
            query = CompletedLessonQuery(order_by="CreatedOn", page=page, size=25)
            count = counted(query, made)
            wrong += proven_start(count.found, made) != (page - 1) * 25
            megabytes = (f"{many / 1e6:.1f}" for many in (count.asked_bytes, count.replied_bytes))
            table.add_row(shape, f"{page:,}", str(count.rounds), *megabytes)
    console.print(table)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
