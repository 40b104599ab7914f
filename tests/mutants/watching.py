"""Which tests call which functions of the package: only those can find a mistake in them."""

import ast
import signal
import sys
from collections.abc import Iterator
from functools import cache
from time import perf_counter
from types import CodeType, FrameType
from typing import Any

import attrs
import pytest

from tests.mutants.parts import ROOT

Function = tuple[str, int]
"""A module's path, and the first line of a function (its first decorator's, where it has one)."""

PREFIX = str(ROOT / "coursetrack") + "/"


@attrs.define
class Seen:
    """How long each test took, and what it called."""

    seconds: dict[str, float] = attrs.Factory(dict)
    functions: dict[str, list[Function]] = attrs.Factory(dict)
    failed: list[str] = attrs.Factory(list)
    """Tests that fail without a mutant, or do not like to be watched."""

    def tests_of(self, function: Function | None) -> list[str]:
        """The tests that call a function, the quickest first; of None, all."""
        found = [
            test
            for test, called in self.functions.items()
            if function is None or function in called
        ]
        return sorted(found, key=self.seconds.__getitem__)


class Watch:
    """A plugin for pytest that sees what each test calls."""

    def __init__(self) -> None:
        self.seen = Seen()
        self._codes: set[CodeType] = set()

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item: Any) -> Iterator[None]:
        """Watches one test."""
        self._codes.clear()
        start = perf_counter()
        sys.settrace(self._called)
        try:
            yield
        finally:
            sys.settrace(None)
        self.seen.seconds[item.nodeid] = perf_counter() - start
        files = [(code.co_filename, code.co_firstlineno) for code in self._codes]
        self.seen.functions[item.nodeid] = [
            (file.removeprefix(f"{ROOT}/"), line) for file, line in files if file.startswith(PREFIX)
        ]

    def leave_out(self, test: str) -> None:
        """Forgets a test that failed."""
        self.seen.failed.append(test)
        del self.seen.seconds[test], self.seen.functions[test]

    def _called(self, frame: FrameType, event: str, argument: object) -> None:
        self._codes.add(frame.f_code)


class Only:
    """A plugin for pytest that runs some tests in their order, each within its time."""

    def __init__(self, tests: list[str], seconds: list[float]) -> None:
        self._places = {test: place for place, test in enumerate(tests)}
        self._seconds = dict(zip(tests, seconds, strict=True))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: Any) -> None:
        """Ends the process where a test takes too long."""
        signal.setitimer(signal.ITIMER_PROF, self._seconds[item.nodeid])

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        """Leaves the others out."""
        items[:] = [each for each in items if each.nodeid in self._places]
        items.sort(key=lambda each: self._places[each.nodeid])


@cache
def _functions(path: str) -> list[tuple[int, int, int]]:
    """First line, first line of the body, and last line of each function."""
    tree = ast.parse((ROOT / path).read_text())
    return [
        (
            min([node.lineno, *(each.lineno for each in node.decorator_list)]),
            node.body[0].lineno,
            node.end_lineno or node.lineno,
        )
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def function_at(path: str, line: int) -> Function | None:
    """The outermost function in whose body a line is; None for what runs at the import."""
    around = [each for each in _functions(path) if each[1] <= line <= each[2]]
    return (path, min(around)[0]) if around else None
