"""``python -m benchmarks.sweep``: random combinations of every filter, range, order and page.

What a table of chosen queries cannot show: the planner's worst mistakes. Each query is asked of
coursetrack for the first time and again, and of SQLite in both forms, of which the faster counts.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import attrs
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from benchmarks.cases import page_numbers
from benchmarks.measuring import built, compared, timed, unhurried_memory
from benchmarks.peers.coded import COLUMN_OF_ORDER
from benchmarks.peers.sql import FORMS
from benchmarks.peers.sqlite import Sqlite
from benchmarks.peers.store import Coursetrack
from benchmarks.queries import usual_queries, write_json
from benchmarks.workload import SHARED_TITLES, SPAN, START, Workload, make_workload
from coursetrack.listing.query import CompletedLessonQuery

WARM_P99, COLD_P99 = 2_000.0, 40_000.0
"""The goals, in microseconds."""

SLOWER = 0.01
"""The share of queries that may be slower than SQLite."""

Fields = dict[str, Any]


@attrs.frozen
class Asked:
    """One query with the microseconds it took."""

    query: CompletedLessonQuery
    total: int
    cold: float
    warm: float
    sqlite: float


def random_queries(workload: Workload, count: int, seed: int) -> Iterator[CompletedLessonQuery]:
    """So many queries with none to four filters; page 1 of each."""
    random = Random(seed)
    for _ in range(count):
        fields: Fields = {
            "order_by": random.choice(list(COLUMN_OF_ORDER)),
            "direction": random.choice((1, -1)),
            "size": random.choice((15, 25, 100)),
            "text_match": random.choice(("contains", "contains", "exact")),
        }
        for share, make in _FILTERS:
            if random.random() < share:
                fields |= make(workload, random)
        yield CompletedLessonQuery(**fields)


def _lesson(workload: Workload, random: Random) -> Fields:
    return {"lesson_id": workload.popular[int(len(workload.popular) * random.random() ** 3)]}


def _member(workload: Workload, random: Random) -> Fields:
    return {"member_id": random.randint(1, len(workload.members))}


def _title(workload: Workload, random: Random) -> Fields:
    title = random.choice((*SHARED_TITLES, random.choice(workload.lessons).title))
    return {"lesson_title": _part(title, random)}


def _name(workload: Workload, random: Random) -> Fields:
    return {"full_name": _part(random.choice(workload.coworkers).full_name, random)}


def _company(workload: Workload, random: Random) -> Fields:
    return {"company_name": _part(random.choice(workload.company_names), random)}


def _teams(workload: Workload, random: Random) -> Fields:
    who = random.choice([each for each in workload.coworkers[:500] if each.team_names])
    return {"team_names": random.choice((who.team_names[0], who.teams_text, "team 0"))}


def _created(_: Workload, random: Random) -> Fields:
    return _range("created", random)


def _updated(_: Workload, random: Random) -> Fields:
    return _range("updated", random)


def _range(name: str, random: Random) -> Fields:
    low = START + SPAN * random.random()
    high = low + SPAN * random.random() ** 2
    either = {f"{name}_from": low, f"{name}_to": high + timedelta(minutes=1)}
    for dropped in list(either):
        if random.random() < 0.2:
            del either[dropped]
    return either


def _part(text: str, random: Random) -> str:
    """The text, or now and then a piece of it."""
    if random.random() < 0.7:
        return text
    start = random.randrange(max(1, len(text) - 3))
    return text[start : start + random.randint(3, 8)]


_FILTERS = (
    (0.20, _lesson),
    (0.06, _member),
    (0.15, _title),
    (0.12, _name),
    (0.15, _company),
    (0.15, _teams),
    (0.30, _created),
    (0.20, _updated),
)


def sweep(size: int, count: int, seed: int, progress: Progress) -> list[Asked]:
    """All queries asked at one size; every answer is compared."""
    task = progress.add_task(f"{size:,}: building", total=count)
    workload = make_workload(size)
    ours = Coursetrack()
    first = Sqlite(FORMS[0])
    peers = [first, *(Sqlite(form, first) for form in FORMS[1:])]
    built([ours, *peers], workload, lambda name: None)
    progress.update(task, description=f"{size:,}: asking")
    random, usual = Random(seed), usual_queries(workload)
    asked = []
    with unhurried_memory():
        for query in random_queries(workload, count, seed):
            total = first.ask(first.prepare(query))[0]
            page = random.choice(page_numbers(total, query.size))
            asked.append(_ask(ours, peers, attrs.evolve(query, page=page), usual))
            progress.advance(task)
    return asked


def _ask(
    ours: Coursetrack,
    peers: Sequence[Sqlite],
    query: CompletedLessonQuery,
    usual: Iterator[CompletedLessonQuery],
) -> Asked:
    for other in islice(usual, 4):
        ours.ask(other)
    cold, found = timed(ours.ask, ours.prepare(query))
    warm, again = min((timed(ours.ask, ours.prepare(query)) for _ in range(3)), key=_micros)
    sqlite = []
    right = None
    for peer in peers:
        micros, answer = timed(peer.ask, peer.prepare(query))
        right = compared(peer, query, answer, right)
        sqlite.append(micros)
    for each in (found, again):
        right = compared(ours, query, ours.answer(each), right)
    total = right[0] if right else 0
    return Asked(query, total, cold, warm, min(sqlite))


def _micros(pair: tuple[float, object]) -> float:
    return pair[0]


def shown(size: int, asked: Sequence[Asked]) -> Table:
    """Percentiles of the three columns."""
    table = Table(title=f"{len(asked)} random queries, {size:,} completions, µs")
    for heading in ("", "p50", "p90", "p99", "max"):
        table.add_column(heading, justify="right" if heading else "left")
    for name, times in (
        ("coursetrack, first ask", [each.cold for each in asked]),
        ("coursetrack, asked again", [each.warm for each in asked]),
        ("SQLite, better form", [each.sqlite for each in asked]),
    ):
        marks = [percentile(times, share) for share in (0.5, 0.9, 0.99, 1.0)]
        table.add_row(name, *(f"{mark:,.0f}" for mark in marks))
    return table


def percentile(times: Sequence[float], share: float) -> float:
    """The time that this share of all does not exceed."""
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def verdicts(asked: Sequence[Asked]) -> Iterator[str]:
    """Each goal with what was measured, and the queries that were slower than SQLite's."""
    warm = percentile([each.warm for each in asked], 0.99)
    cold = percentile([each.cold for each in asked], 0.99)
    yield f"asked again, p99 under {WARM_P99:,.0f} µs: {_verdict(warm < WARM_P99)}, {warm:,.0f}"
    yield f"first asks, p99 under {COLD_P99:,.0f} µs: {_verdict(cold < COLD_P99)}, {cold:,.0f}"
    for name, times in (
        ("first ask", [each.cold for each in asked]),
        ("asked again", [each.warm for each in asked]),
    ):
        pairs = zip(times, asked, strict=True)
        over = sorted(
            ((time / each.sqlite, time, each) for time, each in pairs if time > each.sqlite),
            key=_ratio,
            reverse=True,
        )
        share, cliffs = len(over) / len(asked), [each for each in over if _is_a_cliff(each)]
        yield (
            f"{name}: at most 1 in 100 slower than SQLite: {_verdict(share <= SLOWER)},"
            f" {len(over)} of {len(asked)}; none by 2 times and 1 ms:"
            f" {_verdict(not cliffs)}, {len(cliffs)}"
        )
        for ratio, time, each in over[:10]:
            yield f"  {ratio:5.1f} times ({time:,.0f} µs), {each.total:,} items: {told(each.query)}"


def _is_a_cliff(each: tuple[float, float, Asked]) -> bool:
    ratio, time, asked = each
    return ratio > 2 and time - asked.sqlite > 1_000


def _ratio(each: tuple[float, float, Asked]) -> float:
    return each[0]


def _verdict(reached: bool) -> str:
    return "yes" if reached else "no"


def told(query: CompletedLessonQuery) -> str:
    """The query's fields that are not their defaults."""
    fields = attrs.asdict(query, filter=lambda field, value: value != field.default)
    return ", ".join(f"{name}={value}" for name, value in fields.items())


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sweep", description=__doc__)
    parser.add_argument("--size", type=int, action="append", help="completions (repeatable)")
    parser.add_argument("--count", type=int, default=400, help="queries (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results as JSON")
    arguments = parser.parse_args(argv)
    console = Console()
    results = {}
    for size in arguments.size or (100_000, 1_000_000):
        with Progress(console=console) as progress:
            asked = sweep(size, arguments.count, arguments.seed, progress)
        console.print(shown(size, asked))
        for line in verdicts(asked):
            console.print(line, highlight=False)
        results[size] = [
            {**attrs.asdict(each, recurse=False), "query": told(each.query)} for each in asked
        ]
    if arguments.json:
        write_json(arguments.json, results)
    return 0


if __name__ == "__main__":
    sys.exit(main())
