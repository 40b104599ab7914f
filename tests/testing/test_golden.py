"""Same facts, same answers: one digest of a long run, whatever the hash seed and the Python."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import attrs
import pytest
import sortedcontainers

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = Path(__file__).with_name("scripted_run.py")

GOLDEN = "ac2bb53f15e8b6b590108ed712c41dd8df55956061f6dd68be26075b42b1af6b"
"""What the script answers. A change of it is a change of what callers see: say so, then renew it
with ``python -m tests.testing.scripted_run``."""

# attrs and sortedcontainers are pure, so another Python can use the ones that are here.
_PATHS = {str(Path(found.__file__).parents[1]) for found in (attrs, sortedcontainers)}
_PYENV = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"


def digest(python: str, seed: str) -> str:
    """What the script prints under this Python and hash seed."""
    path = os.pathsep.join([str(ROOT), *sorted(_PATHS)])
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": path}
    command = [python, "-B", str(SCRIPT)]
    found = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
    return found.stdout.strip()


def python_of(version: str) -> str | None:
    """A Python of this version that starts, or None."""
    named = [shutil.which(f"python{version}"), *_PYENV.glob(f"{version}.*/bin/python")]
    ask = "import sys; print('%d.%d' % sys.version_info[:2])"
    for python in filter(None, named):
        found = subprocess.run([python, "-c", ask], capture_output=True, text=True, check=False)
        if found.stdout.strip() == version:
            return str(python)
    return None


@pytest.mark.parametrize("seed", ["0", "1", "4242", "random"])
def test_the_digest_does_not_depend_on_hashing(seed: str) -> None:
    assert digest(sys.executable, seed) == GOLDEN


@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13", "3.14"])
def test_the_digest_does_not_depend_on_the_python(version: str) -> None:
    python = python_of(version)
    if python is None:
        pytest.skip(f"there is no Python {version} here")
    assert digest(python, "7") == GOLDEN
