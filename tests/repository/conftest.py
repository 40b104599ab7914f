"""Every test of the repository runs with pieces of a few rows too, so that all splits happen."""

import pytest

from coursetrack.repository import (
    directory,
    families,
    memory,
    planner,
    runs,
    shelves,
    store,
)


@pytest.fixture(params=["usual pieces", "tiny pieces"])
def pieces(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Runs the test twice: as shipped, and with every limit so low that nothing stays in one."""
    if request.param == "tiny pieces":
        monkeypatch.setattr(runs.Limits, "piece", 4)
        monkeypatch.setattr(runs, "_SPARSE", 3)
        monkeypatch.setattr(shelves, "_LABELS", 3)
        monkeypatch.setattr(families, "BULK", 6)
        monkeypatch.setattr(planner, "LONG", 3)
        monkeypatch.setattr(store, "LONG", 3)
        monkeypatch.setattr(store, "_VACUUM_FROM", 5)
        monkeypatch.setattr(memory, "_LATE", 4)
        monkeypatch.setattr(directory, "_LONGEST_LOG", 7)
    return request.param
