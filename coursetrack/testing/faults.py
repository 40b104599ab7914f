"""Fault injection: a call that is cut off at its n-th executed line, for each n in turn.

What a call leaves behind when it is cut off anywhere shows whether it either happens or does not::

    for line, tracker in cut_off_everywhere(make_tracker, lambda tracker: tracker.add(lesson)):
        assert tracker in (before, after), line

Lines are counted by ``sys.settrace`` in the files of the package alone, its testing kit left out.
A debugger or a coverage measurement that traces as well is put back afterwards.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any, TypeVar

T = TypeVar("T")

PACKAGE = Path(__file__).resolve().parent.parent
_KIT = str(Path(__file__).resolve().parent)


class InjectedFault(BaseException):
    """Raised at the chosen line. No Exception, so that nothing but a full clean-up catches it."""


def executed_lines(call: Callable[[], object], *, within: Path = PACKAGE) -> int:
    """How many lines of the files in `within` one `call` executes."""
    seen = 0

    def count() -> None:
        nonlocal seen
        seen += 1

    with _each_line(count, within):
        call()
    return seen


def cut_off(call: Callable[[], object], *, at: int, within: Path = PACKAGE) -> bool:
    """Calls, raising a fault before the line with number `at` (from 1). Whether that was reached.

    Anything else that the call raises is raised here too.
    """
    if at < 1:
        raise ValueError(f"at is {at!r}; expected a line's number, from 1")
    left = at

    def count() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise InjectedFault(f"at executed line {at}")

    try:
        with _each_line(count, within):
            call()
    except InjectedFault:
        return True
    return left <= 0


def cut_off_everywhere(
    make: Callable[[], T], call: Callable[[T], object], *, within: Path = PACKAGE
) -> Iterator[tuple[int, T]]:
    """What is left of each cut-off call: the line's number, and the subject that `make` made.

    One subject is made per executed line of `call`, and one more to count them. ValueError where
    there is no such line: nothing would be tested.
    """
    whole = make()
    lines = executed_lines(lambda: call(whole), within=within)
    if not lines:
        raise ValueError(f"within: no line of a file in {str(within)!r} is executed by the call")
    for line in range(1, lines + 1):
        subject = make()
        cut_off(partial(call, subject), at=line, within=within)
        yield line, subject


@contextmanager
def _each_line(seen: Callable[[], None], within: Path) -> Iterator[None]:
    folder = str(within.resolve())

    def local(frame: FrameType, event: str, _: Any) -> Any:
        if event == "line":
            seen()
        return local

    def enter(frame: FrameType, event: str, _: Any) -> Any:
        name = frame.f_code.co_filename
        return local if name.startswith(folder) and not name.startswith(_KIT) else None

    usual = sys.gettrace()
    sys.settrace(enter)
    try:
        yield
    finally:
        sys.settrace(usual)
