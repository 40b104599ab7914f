"""Every test of the listing runs with pieces of a few rows too, so that all splits happen."""

from collections.abc import Iterator

import pytest

from tests.limits import low_limits


@pytest.fixture(params=["usual pieces", "tiny pieces"])
def pieces(request: pytest.FixtureRequest) -> Iterator[str]:
    """Runs the test twice: as shipped, and with every limit so low that nothing stays in one."""
    if request.param == "usual pieces":
        yield request.param
        return
    with low_limits():
        yield request.param
