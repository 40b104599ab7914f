"""Fault injection: a call that is cut off at its n-th place, for each n in turn.

What a call leaves behind when it is cut off anywhere shows whether it either happens or does not::

    for place, tracker in cut_off_everywhere(make_tracker, lambda tracker: tracker.add(lesson)):
        assert tracker in (before, after), place

A place is the start of an executed line; with `finely`, also the point after each store and each
call within a line, since ``a.x, a.y = 1, 2`` can be cut between its two stores. `cut_off_twice`
cuts the clean-up off as well, as a host does that is told to stop twice.

Places are counted by ``sys.settrace`` in the files of the package alone, its testing kit left out.
A debugger or a coverage measurement that traces as well is put back afterwards.
"""

import dis
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
_CHANGING = frozenset(
    number
    for name, number in dis.opmap.items()
    if name.startswith(("CALL", "STORE_ATTR", "STORE_SUBSCR", "STORE_SLICE", "DELETE_"))
)
"""The instructions after which something may be different."""

_CO_GENERATOR = 0x20
_SIGNALLED = frozenset({"call", "c_return"})
"""Where Python looks for signals, as ``sys.setprofile`` names it: at a call, and after one in C."""


class InjectedFault(BaseException):
    """Raised at the chosen place. No Exception, so that only a full clean-up catches it."""


def executed_lines(call: Callable[[], object], *, within: Path = PACKAGE) -> int:
    """How many lines of the files in `within` one `call` executes."""
    return executed_places(call, within=within)


def executed_places(
    call: Callable[[], object], *, finely: bool = False, within: Path = PACKAGE
) -> int:
    """How many places of the files in `within` one `call` passes."""
    seen = 0

    def count() -> None:
        nonlocal seen
        seen += 1

    with _each_place(count, within, finely=finely):
        call()
    return seen


def cut_off(
    call: Callable[[], object], *, at: int, finely: bool = False, within: Path = PACKAGE
) -> bool:
    """Calls, raising a fault at the place with number `at` (from 1). Whether that was reached.

    Anything else that the call raises is raised here too.
    """
    left = _as_number("at", at)

    def count() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise InjectedFault(f"at place {at}")

    try:
        with _each_place(count, within, finely=finely):
            call()
    except InjectedFault:
        return True
    return left <= 0


def cut_off_twice(
    call: Callable[[], object],
    *,
    at: int,
    again: int,
    finely: bool = False,
    within: Path = PACKAGE,
) -> bool:
    """As :func:`cut_off`, and raises a second fault later. Whether that one was reached.

    `again` counts, from 1, the points after the first fault at which Python looks for signals.
    """
    left = _as_number("again", again)
    folder = str(within.resolve())
    is_cut = False

    def count(frame: FrameType, event: str, _: Any) -> None:
        nonlocal left
        if is_cut and event in _SIGNALLED and _is_within(frame, folder) and not _closes(frame):
            left -= 1
            if left == 0:
                raise InjectedFault(f"at place {at}, and at point {again} of the clean-up")

    def cut() -> None:
        nonlocal is_cut
        places.append(None)
        if len(places) == at:
            is_cut = True
            raise InjectedFault(f"at place {at}")

    places: list[None] = []
    usual = sys.getprofile()
    try:
        with _each_place(cut, within, finely=finely):
            sys.setprofile(count)
            try:
                call()
            finally:
                sys.setprofile(usual)
    except InjectedFault:
        pass
    return left <= 0


def cut_off_everywhere(
    make: Callable[[], T],
    call: Callable[[T], object],
    *,
    finely: bool = False,
    within: Path = PACKAGE,
) -> Iterator[tuple[int, T]]:
    """What is left of each cut-off call: the place's number, and the subject that `make` made.

    One subject is made per place that `call` passes, and one more to count them. ValueError where
    there is no such place: nothing would be tested.
    """
    whole = make()
    count = executed_places(partial(call, whole), finely=finely, within=within)
    if not count:
        raise ValueError(f"within: no line of a file in {str(within)!r} is executed by the call")
    for place in range(1, count + 1):
        subject = make()
        cut_off(partial(call, subject), at=place, finely=finely, within=within)
        yield place, subject


def _as_number(field: str, value: int) -> int:
    if value < 1:
        raise ValueError(f"{field} is {value!r}; expected a place's number, from 1")
    return value


@contextmanager
def _each_place(seen: Callable[[], None], within: Path, *, finely: bool) -> Iterator[None]:
    folder = str(within.resolve())

    def enter(frame: FrameType, event: str, _: Any) -> Any:
        if not _is_within(frame, folder):
            return None
        local = _watching(seen, frame)
        frame.f_trace = local  # before the next line: Python 3.13 overlooks that one otherwise
        frame.f_trace_opcodes = finely
        return local

    usual = sys.gettrace()
    sys.settrace(enter)
    try:
        yield
    finally:
        sys.settrace(usual)


def _is_within(frame: FrameType, folder: str) -> bool:
    name = frame.f_code.co_filename
    return name.startswith(folder) and not name.startswith(_KIT)


def _closes(frame: FrameType) -> bool:
    """Whether this could be a generator that is being closed, which loses what is raised in it."""
    return bool(frame.f_code.co_flags & _CO_GENERATOR)


def _watching(seen: Callable[[], None], frame: FrameType) -> Callable[[FrameType, str, Any], Any]:
    """What one frame is traced with: `seen` is called at each of its places."""
    code, last = frame.f_code.co_code, -1

    def local(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal last
        if event == "line":
            last = -1
            seen()
        elif event == "opcode":
            before, last = last, frame.f_lasti
            # What has no line is Python's own clean-up: of a generator that is closed, where what
            # is raised is lost (seen from Python 3.14 on).
            if before >= 0 and code[before] in _CHANGING and frame.f_lineno is not None:
                seen()
        return local

    return local
