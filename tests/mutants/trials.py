"""Runs tests against a mutant. The checkout is never written to.

A mistake in the body of a function is tried in the :class:`~tests.mutants.server.Server`. One in
what runs when a module is imported takes a child that imports the package anew and, where it comes
to the mutant's module, is handed the mutant's source::

    parent    pytest, hypothesis, parso                       loaded once
    child     coursetrack, one module of it with a mistake    the tests' files, and pytest runs
"""

import importlib.util
import os
import sys
from importlib.machinery import ModuleSpec, SourceFileLoader
from types import ModuleType

import pytest

from tests.mutants.forking import forked
from tests.mutants.operators import Mutant
from tests.mutants.parts import ROOT, Part
from tests.mutants.server import LOADED, USUAL, Server, Trial
from tests.mutants.watching import Only, Seen, function_at

_AT_LEAST = 2.0
"""Seconds of processor time that a test may take at any rate."""
_MUCH_LONGER = 5
"""So many times as long as without a mistake may it take; what takes longer goes on for ever."""
_TO_IMPORT = 20.0
"""Seconds that importing and collecting may take."""


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


class Trials:
    """Tries mutants of some parts, against the parts' tests or the whole quick suite."""

    def __init__(self, parts: list[Part], *, suite: bool) -> None:
        os.environ.update({"HYPOTHESIS_NO_PLUGINS": "1", "HYPOTHESIS_PROFILE": "mutants"})
        import hypothesis.stateful  # noqa: F401  (what the children share)

        self._suite = suite
        folders = dict.fromkeys(each for part in parts for each in part.all_tests())
        self._server = Server(["tests"] if suite else list(folders))
        self._seen: Seen = self._server.seen()
        self.left_out = tuple(self._seen.failed)

    def close(self) -> None:
        """Ends what was started."""
        self._server.close()

    def killer(self, mutant: Mutant, part: Part) -> str:
        """What kills `mutant` first: its own tests, the part's, the suite's; "" where none does."""
        source = mutant.source((ROOT / mutant.path).read_text())
        if not _is_python(source):
            return "own"  # no test of the module can import it
        calling = self._seen.tests_of(function_at(mutant.path, mutant.line))
        tried = set[str]()
        for name, places in self._rounds(part, mutant):
            tests = [
                each for each in calling if each not in tried and each.startswith(tuple(places))
            ]
            tried.update(tests)
            if tests and self._fail(tests, mutant, source):
                return name
        return ""

    def _rounds(self, part: Part, mutant: Mutant) -> list[tuple[str, list[str]]]:
        rounds = [("own", part.own_tests(mutant.path)), ("part", part.all_tests())]
        return rounds + ([("suite", ["tests"])] if self._suite else [])

    def _fail(self, tests: list[str], mutant: Mutant, source: str) -> bool:
        """Whether one of `tests` fails with that source. What takes far too long has failed."""
        seconds = [_AT_LEAST + _MUCH_LONGER * self._seen.seconds[each] for each in tests]
        function = function_at(mutant.path, mutant.line)
        if function is not None:
            failed = self._server.fails(
                Trial(function, source, tuple(zip(tests, seconds, strict=True)))
            )
            if failed is not None:
                return failed
        files = sorted({test.partition("::")[0] for test in tests})
        finder = _Finder(mutant.path, source)
        only = Only(tests, seconds)
        limit = _TO_IMPORT + sum(map(self._seen.seconds.__getitem__, tests)) * _MUCH_LONGER
        return forked(lambda: _imported_anew(files, only, finder), limit) != 0


def _is_python(source: str) -> bool:
    try:
        compile(source, "", "exec")
    except SyntaxError:
        return False
    return True


def _imported_anew(files: list[str], plugin: object, finder: _Finder) -> int:
    """Pytest's exit code, in the child."""
    sys.meta_path.insert(0, finder)  # type: ignore[arg-type]
    from coursetrack.testing.registration import register

    register()
    os.chdir(ROOT)
    return int(pytest.main([*USUAL, "-x", *LOADED, *files], plugins=[plugin]))
