"""Runs tests against a mutant: in a process forked from this one, which has pytest loaded already.

The checkout is never written to. The child imports the package anew, and where it comes to the
mutant's module, it is handed the mutant's source::

    parent    pytest, hypothesis, parso                       loaded once
    child     coursetrack, one module of it with a mistake    the tests' files, and pytest runs

Starting Python and loading what never changes would take longer than most of the tests.
"""

import importlib.util
import json
import os
import resource
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from importlib.machinery import ModuleSpec, SourceFileLoader
from tempfile import TemporaryFile
from time import monotonic, sleep
from types import ModuleType

import attrs
import pytest

from tests.mutants.operators import Mutant
from tests.mutants.parts import ROOT, Part
from tests.mutants.watching import Only, Seen, Watch, function_at

PACKAGE = "coursetrack"
_USUAL = ("-q", "-x", "-m", "not slow", "-p", "no:cacheprovider", "-p", "no:xdist", "--no-header")
_LOADED = ("-W", "ignore:Module already imported")  # said of hypothesis, which the parent has
_AT_LEAST = 10.0
"""Seconds of processor time that tests may take at any rate."""
_MUCH_LONGER = 5
"""So many times as long as without a mistake may they take; what takes longer goes on for ever."""
_MEMORY = 6 * 2**30


class _Finder:
    """Finds one module, with other source than its file has."""

    def __init__(self, path: str, source: str) -> None:
        self._name = path.removesuffix(".py").replace("/", ".")
        self._path = str(ROOT / path)
        self._source = source

    def find_spec(self, name: str, path: object, target: object = None) -> ModuleSpec | None:
        """The spec of that module."""
        if name != self._name:
            return None
        loader = _Loader(name, self._path, self._source)
        return importlib.util.spec_from_file_location(name, self._path, loader=loader)


class _Loader(SourceFileLoader):
    def __init__(self, name: str, path: str, source: str) -> None:
        super().__init__(name, path)
        self._source = source

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(self._source, self.path, "exec"), module.__dict__)


def load() -> None:
    """Loads what the children share. The package itself is none of it."""
    os.environ.update({"HYPOTHESIS_NO_PLUGINS": "1", "HYPOTHESIS_PROFILE": "mutants"})
    import hypothesis.stateful  # noqa: F401


def killer(mutant: Mutant, part: Part, *, suite: bool) -> str:
    """What kills `mutant` first: its own tests, the part's, the suite's; "" where none does."""
    source = mutant.source((ROOT / mutant.path).read_text())
    rounds, tried = _rounds(part, mutant, suite), set[str]()
    for name, folders in rounds:
        seen = _seen(folders)
        tests = [
            each
            for each in seen.tests_of(function_at(mutant.path, mutant.line))
            if each not in tried
        ]
        tried.update(tests)
        if tests and _fail(tests, seen, mutant.path, source):
            return name
    return ""


def _rounds(part: Part, mutant: Mutant, suite: bool) -> list[tuple[str, tuple[str, ...]]]:
    own, whole = tuple(part.own_tests(mutant.path)), tuple(part.all_tests())
    rounds = [("own", own)] + ([("part", whole)] if own != whole else [])
    return rounds + ([("suite", ("tests",))] if suite else [])


def _fail(tests: list[str], seen: Seen, path: str, source: str) -> bool:
    """Whether one of `tests` fails with that source. What takes far too long has failed."""
    seconds = _MUCH_LONGER * sum(map(seen.seconds.__getitem__, tests)) + _AT_LEAST
    files = sorted({test.partition("::")[0] for test in tests})
    return _forked(lambda: _run(files, Only(tests), _Finder(path, source)), seconds) != 0


@cache
def _seen(folders: tuple[str, ...]) -> Seen:
    """What the tests in some folders call, where all is right; they must pass."""
    with TemporaryFile("w+") as file:

        def run() -> int:
            watch = Watch()
            code = _run(folders, watch)
            json.dump(attrs.asdict(watch.seen), file)
            file.flush()
            return code

        code = _forked(run, 3_600.0)
        if code != 0:
            raise SystemExit(f"{' '.join(folders)} fail without a mutant (exit code {code})")
        file.seek(0)
        told = json.load(file)
    functions = {
        test: [(path, line) for path, line in each] for test, each in told["functions"].items()
    }
    return Seen(told["seconds"], functions)


def _run(tests: Sequence[str], plugin: object, finder: _Finder | None = None) -> int:
    """Pytest's exit code, in the child."""
    for name in [*sys.modules]:
        if name == PACKAGE or name.startswith(f"{PACKAGE}."):
            del sys.modules[name]
    if finder is not None:
        sys.meta_path.insert(0, finder)  # type: ignore[arg-type]
    from coursetrack.testing.registration import register

    register()
    os.chdir(ROOT)
    return int(pytest.main([*_USUAL, *_LOADED, *tests], plugins=[plugin]))


def _forked(run: Callable[[], int], seconds: float) -> int:
    """The exit code of `run` in a child; 1 where it raised, -1 where it took too long."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.setpgid(0, 0)
            nowhere = os.open(os.devnull, os.O_RDWR)
            for stream in range(3):
                os.dup2(nowhere, stream)
            limit = int(seconds) + 1
            resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 5))
            resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
            code = run()
        finally:
            os._exit(code)
    return _waited_for(child, monotonic() + 10 * seconds)


def _waited_for(child: int, until: float) -> int:
    try:
        while monotonic() < until:
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                return os.waitstatus_to_exitcode(status)
            sleep(0.02)
        return -1
    finally:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child, signal.SIGKILL)  # what it has started, too
        with suppress(ChildProcessError):
            os.waitpid(child, 0)
