"""``python -m benchmarks.simulate [PATH]``: simulated course runs beside real ones not seen before.

With a folder that holds a FutureLearn export (see ``benchmarks.futurelearn``): habits are counted
in runs 3 to 5, runs 6 and 7 are simulated, and the distance to the real ones is printed beside that
of the earlier runs (the yardstick) and of two replications (the floor). Then each run is left out
once and the finishers at six dates are forecast by the others. Without a path the same is done with
a seeded academy, whose members are all alike: a check of the machinery, no measure of closeness.

``--speed MEMBERS`` measures streams instead: what they cost beside making the bare events. As that
holds all events, ``--memory MEMBERS`` is for more of them: it streams member by member.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import attrs
from rich.console import Console
from rich.table import Table

from benchmarks.academy import make_academy
from benchmarks.closeness import (
    DAYS,
    KNOWN,
    PREDICTED,
    TRAINED,
    Closeness,
    Dated,
    Run,
    Track,
    closeness,
    earlier_facts,
    habits_of,
    left_out,
    runs_of,
)
from benchmarks.futurelearn import read_futurelearn
from benchmarks.progress import progress_bar
from benchmarks.source import Source, SourceError
from benchmarks.streaming import kib_over_base, measure, show_speed, stream_alone
from coursetrack.domain.entities import CompletionType
from coursetrack.simulation.facts import Distance

GOALS = {"ks_lessons": 1.2}
"""How many times the yardstick a distance may be; 1 where it is not told."""


def read(path: Path | None) -> Source:
    """The source at `path`, or a seeded academy."""
    if path is None:
        return make_academy(members=3_000)
    return read_futurelearn(path, CompletionType.BUTTON)


def compare(runs: Mapping[int, Run], replications: Sequence[int], track: Track) -> list[Closeness]:
    """The predicted runs, each simulated so often by what was counted in the trained ones."""
    trained = [runs[id_] for id_ in TRAINED]
    habits, earlier = habits_of(trained), earlier_facts(trained)
    return [closeness(runs[id_], habits, earlier, replications, track) for id_ in PREDICTED]


def as_json(found: Sequence[Closeness], dated: Sequence[Dated]) -> dict[str, object]:
    """The figures as plain values."""
    told = [each for each in dated if each.known]
    return {
        **{
            name: {f"run {each.run.id}": attrs.asdict(getattr(each, name)) for each in found}
            for name in ("distance", "yardstick", "floor")
        },
        "intervals": {"covered": sum(each.covered for each in told), "of": len(told)},
    }


def show(found: Sequence[Closeness], dated: Sequence[Dated], console: Console) -> None:
    """Prints the tables."""
    for each in found:
        console.print(_distances(each))
        console.print(f"simulated: {each.simulated}\nreal: {each.run.facts}\n", highlight=False)
    console.print(_forecasts(dated))
    for known, told in ((True, f"the first {KNOWN.days} days known"), (False, "nothing known")):
        covered = [each.covered for each in dated if each.known is known]
        console.print(f"ranges that held the truth, {told}: {sum(covered)} of {len(covered)}")


def _distances(each: Closeness) -> Table:
    table = Table(title=f"Distance to run {each.run.id}, which was not seen", title_justify="left")
    heads = ("", "simulated", "one replication", "first week known", "earlier runs", "two seeds")
    for head in heads:
        table.add_column(head, justify="left" if not head else "right")
    columns = (each.distance, each.single, each.after_known_days, each.yardstick, each.floor)
    for field in attrs.fields(Distance):
        numbers = [getattr(column, field.name) for column in columns]
        reached = numbers[0] <= numbers[3] * GOALS.get(field.name, 1)
        table.add_row(
            field.name.replace("_", " "),
            *(f"{number:.3f}" for number in numbers),
            style="green" if reached else "yellow",
        )
    return table


def _forecasts(dated: Sequence[Dated]) -> Table:
    table = Table(
        title="Members with 90 % of the lessons: forecast (range), real", title_justify="left"
    )
    table.add_column("run")
    for days in DAYS:
        table.add_column(f"day {days}", justify="right")
    for known in (False, True):
        for run_id in dict.fromkeys(each.run_id for each in dated):
            cells = [
                f"{each.forecast.value:.0f} ({each.forecast.low:.0f}-{each.forecast.high:.0f}), "
                + (f"{each.truth}" if each.covered else f"[red]{each.truth}[/red]")
                for each in dated
                if each.run_id == run_id and each.known is known
            ]
            table.add_row(f"{run_id}{', first week known' if known else ''}", *cells)
    return table


def plot(found: Sequence[Closeness], dated: Sequence[Dated], file: Path) -> None:
    """Draws funnels and finishers of each predicted run into `file`."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, rows = pyplot.subplots(
        len(found), 3, figsize=(15, 4 * len(found)), layout="constrained", squeeze=False
    )
    for each, (visits, completions, finishers) in zip(found, rows, strict=True):
        for axes, name in ((visits, "visit_funnel"), (completions, "completion_funnel")):
            for told, label in ((each.run.facts, "real"), (each.simulated, "simulated")):
                axes.plot(list(getattr(told, name).values()), label=label)
            axes.plot(list(getattr(each.earlier, name).values()), label="earlier runs", ls=":")
            axes.set(title=f"run {each.run.id}: {name.replace('_', ' ')}", ylim=(0, 1))
            axes.set(xlabel="lessons in reading order", ylabel="share of learners")
            axes.legend()
        mine = [one for one in dated if one.run_id == each.run.id and one.known]
        finishers.plot(DAYS, [one.truth for one in mine], "o-", label="real")
        finishers.plot(DAYS, [one.forecast.value for one in mine], label="forecast on day 7")
        finishers.fill_between(
            DAYS,
            [one.forecast.low for one in mine],
            [one.forecast.high for one in mine],
            alpha=0.2,
            label="range, nine in ten",
        )
        finishers.set(title=f"run {each.run.id}: finishers", xlabel="days after the opening")
        finishers.legend()
    figure.savefig(file, dpi=110)
    pyplot.close(figure)


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.simulate",
        description="Simulate course runs and compare them with real ones that were not seen.",
    )
    parser.add_argument("path", nargs="?", type=Path, help="a FutureLearn export; else an academy")
    parser.add_argument("--replications", type=int, default=10, help="of each run (default: 10)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="the figures")
    parser.add_argument("--plot", type=Path, metavar="FILE.png", help="funnels and finishers")
    parser.add_argument("--speed", type=int, metavar="MEMBERS", help="measure streams instead")
    parser.add_argument(
        "--memory", type=int, metavar="MEMBERS", help="measure what streaming so many takes instead"
    )
    parser.add_argument("--stream-alone", type=int, metavar="MEMBERS", help=argparse.SUPPRESS)
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command; the exit code is 2 for input that cannot be read."""
    arguments = _arguments(argv)
    console = Console()
    if arguments.stream_alone:
        stream_alone(arguments.stream_alone)
        return 0
    if arguments.memory:
        with console.status("Streaming"):
            over = kib_over_base(arguments.memory)
        console.print(f"{arguments.memory:,} members: {over:,} KiB over a hundredth of them")
        return 0
    if arguments.speed:
        with console.status("Streaming"):
            speed = measure(arguments.speed)
        show_speed(speed, console)
        return 0
    try:
        with console.status("Reading"):
            runs = runs_of(read(arguments.path))
    except SourceError as error:
        Console(stderr=True).print(str(error), style="red", highlight=False, soft_wrap=True)
        return 2
    with progress_bar(console) as progress:
        numbers = range(max(2, arguments.replications))
        found = compare(runs, numbers, partial(progress.track, description="Simulating"))
        dated = left_out(runs, partial(progress.track, description="Leaving one run out"))
    show(found, dated, console)
    if arguments.json:
        arguments.json.write_text(json.dumps(as_json(found, dated), indent=2) + "\n")
    if arguments.plot:
        plot(found, dated, arguments.plot)
        console.print(f"\nDrawn: {arguments.plot}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
