"""The kit as something that is shipped: what it imports, what it says when something is missing."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from hypothesis import Phase, find, settings
from hypothesis import strategies as st

from coursetrack.testing.registration import STRATEGIES, register

ROOT = Path(__file__).resolve().parents[2]


def run(code: str) -> subprocess.CompletedProcess[str]:
    """Runs `code` in an interpreter of its own."""
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )


WITHOUT = """
import sys
sys.modules["hypothesis"] = None
"""


@pytest.mark.parametrize("module", ["coursetrack", "coursetrack.testing"])
def test_nothing_needs_hypothesis_unless_asked_for(module: str) -> None:
    assert run(f"import sys, {module}; assert 'hypothesis' not in sys.modules").returncode == 0
    assert run(f"{WITHOUT}import {module}").returncode == 0


@pytest.mark.parametrize("name", ["strategies", "machine"])
def test_a_missing_extra_is_named(name: str) -> None:
    found = run(f"{WITHOUT}import coursetrack.testing.{name}")
    assert "ImportError" in found.stderr
    assert "pip install 'coursetrack[testing]'" in found.stderr


def test_the_entry_point_is_the_function_that_registers() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["entry-points"]["hypothesis"] == {
        "coursetrack": "coursetrack.testing.registration:register"
    }


ORDERS = {
    "hypothesis first": "import hypothesis; {register}; import coursetrack",
    "coursetrack first": "import coursetrack; import hypothesis; {register}",
    "strategies first": "import coursetrack.testing.strategies; {register}; import hypothesis",
}
REGISTER = "from coursetrack.testing.registration import register; register()"
DRAW = """
import warnings
from hypothesis import strategies as st
warnings.simplefilter("ignore")
drawn = st.from_type(coursetrack.PageVisit).example()
assert isinstance(drawn, coursetrack.PageVisit), drawn
"""


@pytest.mark.parametrize("order", ORDERS)
def test_types_are_known_whatever_is_imported_first(order: str) -> None:
    found = run(ORDERS[order].format(register=REGISTER) + DRAW)
    assert found.returncode == 0, found.stderr


def test_strategies_are_imported_only_when_drawn_from() -> None:
    found = run(
        f"import sys; {REGISTER}; assert 'coursetrack.testing.strategies' not in sys.modules"
    )
    assert found.returncode == 0, found.stderr


@pytest.mark.parametrize("kind", STRATEGIES)
def test_each_type_is_made(kind: type) -> None:
    register()
    one = settings(database=None, phases=[Phase.generate])
    assert isinstance(find(st.from_type(kind), lambda _: True, settings=one), kind)
