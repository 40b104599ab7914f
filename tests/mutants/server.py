"""A process in which every test is collected, and which tries one mutant after the other.

Most mistakes are in the body of a function. Then nothing has to be imported anew: the process
forks, the child gives the function its wrong code and runs the tests that call it, the quickest
first::

    server    coursetrack, the tests' files, pytest's session     made once
    child     one function with another code                      runs tests until one fails
"""

import gc
import os
import signal
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from types import CodeType, FunctionType
from typing import Any, NamedTuple

import pytest

from tests.mutants.forking import forked
from tests.mutants.parts import ROOT
from tests.mutants.watching import PREFIX, Function, Seen, Watch

USUAL = ("-q", "-m", "not slow", "-p", "no:cacheprovider", "-p", "no:xdist", "--no-header")
LOADED = ("-W", "ignore:Module already imported")  # said of hypothesis, which the parent has


class Trial(NamedTuple):
    """One function with a mistake, and the tests to run against it, in this order.

    With each test how many seconds of processor time it may take: what takes longer has failed.
    """

    function: Function
    source: str
    tests: tuple[tuple[str, float], ...]


class Server:
    """The process, as its parent sees it."""

    def __init__(self, folders: list[str]) -> None:
        self._here, there = Pipe()
        self._child = os.fork()
        if self._child == 0:
            try:
                self._here.close()
                _serve(folders, there)
            finally:
                os._exit(0)
        there.close()

    def seen(self) -> Seen:
        """What every test calls where all is right; those that fail there are left out."""
        self._here.send(None)
        found: Seen = self._here.recv()
        return found

    def fails(self, trial: Trial) -> bool | None:
        """Whether a test fails; None where the function cannot be given another code."""
        self._here.send(trial)
        failed: bool | None = self._here.recv()
        return failed

    def close(self) -> None:
        """Ends it."""
        self._here.close()
        os.waitpid(self._child, 0)


def _serve(folders: list[str], parent: Connection) -> None:
    from coursetrack.testing.registration import register

    register()
    os.chdir(ROOT)
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 1)
    pytest.main([*USUAL, *LOADED, "-s", *folders], plugins=[_Loop(parent)])


class _Loop:
    """A plugin that takes trials in the place of running the tests."""

    def __init__(self, parent: Connection) -> None:
        self._parent = parent

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: Any) -> bool:
        """Until nobody asks any more."""
        functions = _functions()
        items = {item.nodeid: item for item in session.items}
        gc.freeze()  # so that children do not copy what they only look through
        while True:
            try:
                asked = self._parent.recv()
            except EOFError:
                return True
            self._parent.send(
                _seen(session) if asked is None else _tried(session, asked, items, functions)
            )


def _functions() -> dict[Function, list[FunctionType]]:
    """The package's functions."""
    found: dict[Function, list[FunctionType]] = {}
    for each in gc.get_objects():
        if type(each) is FunctionType and each.__code__.co_filename.startswith(PREFIX):
            path = each.__code__.co_filename.removeprefix(f"{ROOT}/")
            found.setdefault((path, each.__code__.co_firstlineno), []).append(each)
    return found


def _seen(session: Any) -> Seen:
    reading, writing = Pipe(duplex=False)

    def run() -> int:
        watch = Watch()
        session.config.pluginmanager.register(watch)
        items = session.items
        while failed := _run(session, items, [600.0] * len(items)):
            watch.leave_out(failed)
            session.testsfailed = 0
            items = items[[each.nodeid for each in items].index(failed) + 1 :]
        writing.send(watch.seen)
        return 0

    # What is told is more than fits into a pipe: it is taken while the child still runs.
    told: list[Seen] = []
    forked(run, 3_600.0, lambda: told.append(reading.recv()) if reading.poll() else None)
    return told[0]


def _tried(
    session: Any, trial: Trial, items: dict[str, Any], functions: dict[Function, list[FunctionType]]
) -> bool | None:
    wanted = functions.get(trial.function, [])
    if not wanted:
        return None

    def run() -> int:
        path, line = trial.function
        code = compile(trial.source, str(ROOT / path), "exec")
        for each in wanted:
            each.__code__ = _found(code, line, each.__code__.co_name)
        limits = [seconds for _, seconds in trial.tests]
        return 1 if _run(session, [items[test] for test, _ in trial.tests], limits) else 0

    return forked(run, sum(seconds for _, seconds in trial.tests)) != 0


def _found(code: CodeType, line: int, name: str) -> CodeType:
    inner = [each for each in code.co_consts if isinstance(each, CodeType)]
    for each in inner:
        if (each.co_firstlineno, each.co_name) == (line, name):
            return each
    for each in inner:
        try:
            return _found(each, line, name)
        except LookupError:
            continue
    raise LookupError(name)


def _run(session: Any, items: list[Any], limits: list[float]) -> str:
    """The first of `items` that fails; "" where all pass. Ends the process past a limit."""
    following = [*items[1:], None]
    for item, after, limit in zip(items, following, limits, strict=True):
        signal.setitimer(signal.ITIMER_PROF, limit)
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
        if session.testsfailed:
            return str(item.nodeid)
    return ""
