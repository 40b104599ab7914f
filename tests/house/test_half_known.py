"""What half of the package knows fails type checking or a test, which says what is missing.

Each test makes a copy of the tree, adds a kind in one or two places, and asks.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.house.source import ROOT

pytestmark = pytest.mark.slow

Edit = tuple[str, str, str]
"""A file, what stands in it once, and what is put in its place."""


def copy_with(folder: Path, edits: Sequence[Edit]) -> Path:
    """A copy of the tree in which `edits` were made."""
    tree = folder / "tree"
    for name in ("coursetrack", "tests"):
        shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tree)
    for name, old, new in edits:
        file = tree / name
        text = file.read_text()
        assert text.count(old) == 1, f"{name} has {text.count(old)} times: {old}"
        file.write_text(text.replace(old, new))
    return tree


def said(tree: Path, *command: str) -> tuple[int, str]:
    """The exit code and what a command says in the copy, which is imported and nothing else is."""
    run = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree)},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    return run.returncode, run.stdout + run.stderr


def type_check(tree: Path, *modules: str) -> tuple[int, str]:
    return said(tree, "mypy", "--cache-dir", str(tree / ".cache"), *modules)


def run_test(tree: Path, name: str) -> tuple[int, str]:
    return said(tree, "pytest", "-q", "-x", "-p", "no:cacheprovider", "-n0", name)


UNLOCK: Edit = (
    "coursetrack/domain/entities.py",
    "    TIMED = 3\n",
    "    TIMED = 3\n    BOUGHT = 4\n",
)
EVENT: Edit = (
    "coursetrack/domain/events.py",
    "\n\nEvent = PageVisit |",
    '\n\n@attrs.frozen(kw_only=True)\nclass Downloaded(_Event):\n    """Taken home."""\n'
    "\n\nEvent = Downloaded | PageVisit |",
)
EVENT_EXPORTED: Edit = (
    "coursetrack/__init__.py",
    "from coursetrack.domain.events import (\n",
    "from coursetrack.domain.events import (\n    Downloaded as Downloaded,\n",
)


def test_the_copy_itself_is_whole(tmp_path: Path) -> None:
    tree = copy_with(tmp_path, [])
    code, told = run_test(tree, "tests/domain/test_criteria.py::" + KEPT)
    assert code == 0, told


KEPT = "test_every_kind_of_event_is_kept_by_a_kind_of_evidence_and_drawn_by_a_strategy"


def test_an_unlock_type_that_nobody_handles_fails_type_checking(tmp_path: Path) -> None:
    tree = copy_with(tmp_path, [UNLOCK])
    code, told = type_check(tree, "coursetrack/domain/outline.py")
    assert code != 0
    assert "outline.py" in told
    assert "BOUGHT" in told


def test_a_kind_of_event_that_half_of_the_package_knows_fails_a_test(tmp_path: Path) -> None:
    tree = copy_with(tmp_path, [EVENT, EVENT_EXPORTED])
    code, told = run_test(tree, "tests/domain/test_criteria.py::" + KEPT)
    assert code != 0
    assert "no kind of evidence in domain/evidence keeps {'Downloaded'}" in told
