"""What to tell somebody who lacks the extra that a module needs."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def needs_hypothesis() -> Iterator[None]:
    """Turns a missing hypothesis into an ImportError that says what to install."""
    try:
        yield
    except ModuleNotFoundError as missing:
        if missing.name != "hypothesis":
            raise
        raise ImportError(
            "this part of coursetrack.testing needs hypothesis: pip install 'coursetrack[testing]'",
            name="hypothesis",
        ) from missing
