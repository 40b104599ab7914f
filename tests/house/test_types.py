"""Type checkers other than ours, on what a new user writes first: the README's quick start."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.readme import readme
from tests.house.source import ROOT

CHECKERS = {
    # Silent on the package itself, as for users: there it is installed, and here it is beside.
    "mypy": [sys.executable, "-m", "mypy", "--strict", "--follow-imports=silent", "quick_start.py"],
    "pyright": [sys.executable, "-m", "pyright", "-p", "pyrightconfig.json"],
    "ty": [str(Path(sys.executable).with_name("ty")), "check", "--error", "all", "quick_start.py"],
}
PYRIGHT = '{"typeCheckingMode": "strict", "include": ["quick_start.py"], "extraPaths": ["%s"]}'


@pytest.mark.slow
@pytest.mark.parametrize("checker", CHECKERS)
def test_the_quick_start_is_well_typed(checker: str, tmp_path: Path) -> None:
    if importlib.util.find_spec(checker) is None:
        pytest.skip(f"{checker} is not installed")
    text = next(block.text for block in readme() if block.section == "Quick start")
    (tmp_path / "quick_start.py").write_text(text)
    (tmp_path / "pyrightconfig.json").write_text(PYRIGHT % ROOT)
    (tmp_path / "ty.toml").write_text(f'[environment]\nextra-paths = ["{ROOT}"]\n')
    done = subprocess.run(
        [*CHECKERS[checker]],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "MYPYPATH": str(ROOT), "MYPY_CACHE_DIR": str(tmp_path / "cache")},
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
