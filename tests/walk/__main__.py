"""A long random walk: a tracker and an oracle that shares no code with it, told the same.

    python -m tests.walk --operations 1000000 --seed 7
    python -m tests.walk --minutes 3 --seed 8

After each step what the call said is compared; every few steps a list, a progress, a dry run; now
and then everything, with ``check()``. The walk forks, restores, replays and takes back on the way,
and follows up to four trackers at once. A difference prints the seed and the step that show it
again, and the exit code is 1. Where the seed is even, every limit is low, so that small trackers
split, merge, compact and forget.
"""

import argparse
import sys
from contextlib import nullcontext
from time import monotonic

from rich.console import Console
from rich.progress import track

from tests.limits import low_limits
from tests.walk.walk import Difference, Walk


def main(arguments: list[str] | None = None) -> int:
    """Walks; 1 where the tracker and the oracle differ."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--operations", type=int, default=20_000, help="how many steps (20,000)")
    parser.add_argument("--seed", type=int, default=1, help="which walk (1)")
    parser.add_argument("--minutes", type=float, help="stop after so many minutes")
    options = parser.parse_args(arguments)
    with nullcontext() if options.seed % 2 else low_limits():
        return walked(options, Console())


def walked(options: argparse.Namespace, console: Console) -> int:
    """Walks as far as there are operations and time."""
    walk, start = Walk(options.seed), monotonic()
    steps = range(options.operations)
    for step in track(steps, "walk", console=console, disable=not console.is_terminal):
        if options.minutes and monotonic() - start > 60 * options.minutes:
            break
        try:
            walk.step()
        except Difference as found:
            console.print(f"seed {options.seed}, step {step}: {found}", highlight=False)
            console.print(
                f"again: python -m tests.walk --seed {options.seed} --operations {step + 1}"
            )
            return 1
    console.print(f"{walk.steps} steps, no difference: {walk.told()}", highlight=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
