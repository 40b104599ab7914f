"""Runs tests against a mutant, in a copy of the tree: the checkout is never written to."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.mutants.operators import Mutant
from tests.mutants.parts import ROOT, Part

_COPIED = ("coursetrack", "tests", "benchmarks", ".ci")
_SECONDS = 120
_USUAL = ("-q", "-x", "-m", "not slow", "-p", "no:cacheprovider", "-p", "no:xdist")


class Copy:
    """A copy of the tree in which one module at a time has a mistake."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in _COPIED:
            shutil.copytree(ROOT / name, folder / name)
        for path in ROOT.iterdir():
            if path.is_file():
                shutil.copy(path, folder)

    def killer(self, mutant: Mutant, part: Part, *, suite: bool) -> str:
        """What kills `mutant` first: its own tests, the part's, the suite's; "" where none does."""
        path = self.folder / mutant.path
        right = path.read_text()
        path.write_text(mutant.source(right))
        try:
            return next(
                (name for name, tests in _rounds(part, mutant, suite) if self.fails(tests)), ""
            )
        finally:
            path.write_text(right)

    def fails(self, tests: list[str]) -> bool:
        """Whether one of `tests` fails here. What takes too long has failed."""
        command = [sys.executable, "-m", "pytest", *_USUAL, *tests]
        # No bytecode: two versions of a module within one second would be taken for the same.
        environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "HYPOTHESIS_PROFILE": "ci"}
        try:
            ran = subprocess.run(
                command, cwd=self.folder, env=environment, timeout=_SECONDS, capture_output=True
            )
        except subprocess.TimeoutExpired:
            return True
        return ran.returncode not in (0, 5)  # 5: no test there to fail


def _rounds(part: Part, mutant: Mutant, suite: bool) -> list[tuple[str, list[str]]]:
    own, whole = part.own_tests(mutant.path), part.all_tests()
    rounds = [("own", own)] + ([("part", whole)] if own != whole else [])
    return rounds + ([("suite", ["tests"])] if suite else [])
