"""What all tests share: how hard hypothesis searches, and where the course data lies."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings

ROOT = Path(__file__).resolve().parent.parent

# A busy machine makes examples slow and proves nothing: neither a deadline nor `too_slow` applies.
_CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("default", _CALM, max_examples=50, stateful_step_count=30)
settings.register_profile("quick", _CALM, max_examples=10, stateful_step_count=15)
settings.register_profile("ci", _CALM, max_examples=50, derandomize=True, print_blob=True)
# For mutants: the same examples every time, and no pains taken to show what is wrong.
settings.register_profile(
    "mutants",
    settings.get_profile("quick"),
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),
)
settings.register_profile("long", _CALM, max_examples=2_000, stateful_step_count=100)
_USUAL = "ci" if "CI" in os.environ else "default"
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", _USUAL))


def pytest_configure(config: pytest.Config) -> None:
    """The quick suite also searches less hard, unless somebody says how hard."""
    if "not slow" in config.option.markexpr and "HYPOTHESIS_PROFILE" not in os.environ:
        settings.load_profile("quick")


@pytest.fixture(scope="session")
def course_data() -> Path:
    """The folder of real course data; a test that needs it is skipped where there is none."""
    folder = Path(os.environ.get("COURSETRACK_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no course data at {folder}; set COURSETRACK_DATA to the folder that holds it")
    return folder
