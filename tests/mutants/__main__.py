"""Mutation testing: plants small mistakes, one at a time, and sees which no test finds.

    python -m tests.mutants --part domain --sample 40 --seed 7   forty of one floor
    python -m tests.mutants --results mutants.jsonl              all: hours; goes on if stopped
    python -m tests.mutants --suite                              ask the quick suite, too

A mutant is first tried against the test file of its module (or the tests of its part), then those
of the part, then, with ``--suite``, the whole quick suite. The exit code is 1 where one survives
that equivalent.py does not name; each is printed with the line that was changed. In a sample
every module has the same chance, so that small ones are not overlooked. With ``--results`` what was
found is kept in a file and asked no more while the module stays as it is; ``--again`` tries those
anew that survived.
"""

import argparse
import random
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from time import monotonic

from rich.console import Console
from rich.progress import track
from rich.table import Table

from tests.mutants.equivalent import reason
from tests.mutants.operators import Mutant, mutants
from tests.mutants.parts import PARTS, ROOT, Part
from tests.mutants.results import Results
from tests.mutants.trials import Trials

KILLERS = ("own", "part", "suite", "", "equivalent")


def chosen(part: Part, sample: int | None, chance: random.Random) -> list[Mutant]:
    """The mutants to try: all of the part, or a sample."""
    by_path = {path: mutants(path, (ROOT / path).read_text()) for path in part.paths()}
    every = [each for found in by_path.values() for each in found]
    if sample is None or sample >= len(every):
        return every
    for found in by_path.values():
        chance.shuffle(found)
    return list(islice(_in_turn(list(by_path.values()), chance), sample))


def _in_turn(lists: list[list[Mutant]], chance: random.Random) -> Iterator[Mutant]:
    while lists := [each for each in lists if each]:
        chance.shuffle(lists)
        for each in lists:
            yield each.pop()


def lines_of(mutant: Mutant) -> tuple[str, str]:
    """The first line that the mutant changes, as it is and as the mutant has it."""
    right = (ROOT / mutant.path).read_text()
    pairs = zip(right.splitlines(), mutant.source(right).splitlines(), strict=False)
    return next((one, other) for one, other in pairs if one != other)


def tried(
    part: Part, options: argparse.Namespace, trials: Trials, results: Results, console: Console
) -> Counter[str]:
    """How many mutants of a part were killed by what, within the time."""
    found: Counter[str] = Counter()
    chance, start = random.Random(f"{options.seed} {part.name}"), monotonic()
    choice = [
        each
        for each in chosen(part, options.sample, chance)
        if not options.module or options.module in each.path
    ]
    for mutant in track(choice, part.name, console=console, disable=not console.is_terminal):
        if options.seconds and monotonic() - start > options.seconds:
            break
        killed = _killer(mutant, part, options, trials, results)
        found[killed] += 1
        if not killed:
            right, wrong = lines_of(mutant)
            told = f"survived: {mutant}\n    {right.strip()}\n    {wrong.strip()}"
            console.print(told, highlight=False, markup=False, soft_wrap=True)
    return found


def _killer(
    mutant: Mutant, part: Part, options: argparse.Namespace, trials: Trials, results: Results
) -> str:
    if reason(mutant.path, *lines_of(mutant)):
        return "equivalent"
    killed = results.get(mutant)
    if killed is None or (not killed and options.again):
        killed = trials.killer(mutant, part)
        results.put(mutant, killed)
    return killed


def table(counts: dict[str, Counter[str]]) -> Table:
    """The counts, a row a part."""
    shown = Table("part", *(each or "survived" for each in KILLERS), "killed", title="Mutants")
    for name, found in counts.items():
        killed, judged = sum(found[each] for each in KILLERS[:3]), sum(found.values())
        judged -= found["equivalent"]
        share = f"{killed / judged:.0%}" if judged else "-"
        shown.add_row(name, *(str(found[each]) for each in KILLERS), share)
    return shown


def main(arguments: list[str] | None = None) -> int:
    """Tries them; 1 where one survived."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--part", action="append", choices=PARTS, help="a floor; all without it")
    parser.add_argument("--sample", type=int, help="how many mutants of each part; all without it")
    parser.add_argument("--seed", type=int, default=1, help="which sample (1)")
    parser.add_argument("--seconds", type=float, help="stop a part after so many seconds")
    parser.add_argument("--suite", action="store_true", help="ask the whole quick suite, too")
    parser.add_argument("--module", help="only modules whose path has this in it")
    parser.add_argument("--results", type=Path, help="a file that keeps what was found")
    parser.add_argument("--again", action="store_true", help="try anew what survived before")
    options = parser.parse_args(arguments)
    console, results = Console(), Results(options.results)
    parts = [PARTS[name] for name in options.part or PARTS if PARTS[name].paths()]
    trials = Trials(parts, suite=options.suite)
    for test in trials.left_out:
        console.print(f"left out, as it fails without a mutant: {test}", highlight=False)
    try:
        counts = {part.name: tried(part, options, trials, results, console) for part in parts}
    finally:
        trials.close()
    console.print(table(counts))
    return 1 if any(found[""] for found in counts.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
