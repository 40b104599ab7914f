"""Every test of the listing runs with pieces of a few rows too, so that all splits happen."""

import pytest

from coursetrack.listing import (
    answer_cache,
    dimensions,
    index_set,
    indexes,
    label_order,
    planner,
    postings,
    store,
)


@pytest.fixture(params=["usual pieces", "tiny pieces"])
def pieces(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Runs the test twice: as shipped, and with every limit so low that nothing stays in one."""
    if request.param == "tiny pieces":
        monkeypatch.setattr(postings.PieceLimit, "piece", 4)
        monkeypatch.setattr(postings, "_SPARSE", 3)
        monkeypatch.setattr(label_order, "_LABELS", 3)
        monkeypatch.setattr(indexes, "BULK", 6)
        monkeypatch.setattr(planner, "LONG", 3)
        monkeypatch.setattr(index_set, "LONG", 3)
        monkeypatch.setattr(store, "_VACUUM_FROM", 5)
        monkeypatch.setattr(answer_cache, "_LATE", 4)
        monkeypatch.setattr(dimensions, "_LONGEST_LOG", 7)
    return request.param
