"""Purity, read from the source: no clock, file, environment, thread, output, chance or state."""

import ast
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.house.source import PACKAGE, ROOT, imported_names, modules

RUN_TIME = {"attr", "attrs", "sortedcontainers"}


def words(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


IMPURE_MODULES = words("""
    asyncio builtins concurrent contextvars ctypes fcntl gc getpass glob http.client http.server
    importlib inspect io logging mmap multiprocessing os pathlib pickle platform pprint queue random
    resource secrets select selectors shelve shutil signal site socket socketserver sqlite3 ssl
    subprocess sys syslog tempfile _thread threading time timeit traceback urllib.request
    uuid.uuid1 uuid.uuid4 warnings weakref webbrowser
""")
"""What no module imports, unless :data:`EXCEPTIONS` says why it may."""

EXCEPTIONS = {
    "coursetrack.listing.dimensions": {"sys": "interns texts, so that equal ones are one"},
    "coursetrack.testing.faults": {
        "sys": "traces the lines that run while it cuts a call off",
        "pathlib": "tells the package's lines from others by their paths; opens none",
    },
    "coursetrack.testing.registration": {"importlib": "loads strategies when hypothesis asks"},
}
"""Module -> impure module -> the reason that it is harmless there."""

IMPURE_CALLS = words("print input open exec eval compile breakpoint globals __import__ help")
CLOCKS = words("now utcnow today")
STATEFUL_CALLS = words("""
    list dict set bytearray defaultdict deque Counter OrderedDict array count cycle
    SortedList SortedDict SortedSet SortedKeyList WeakKeyDictionary WeakValueDictionary
""")
REMEMBERING = words("cache lru_cache cached_property")
CHANGING = words("""
    add append appendleft clear discard extend insert pop popitem popleft remove reverse
    setdefault sort update difference_update intersection_update symmetric_difference_update
""")


def impurities(name: str, tree: ast.Module) -> Iterator[str]:
    """What in a module could read or change the world outside it, one phrase each."""
    for imported, line in imported_names(name, tree):
        found = _impure_module(imported)
        if found and found not in EXCEPTIONS.get(name, {}):
            yield f"line {line}: imports {imported}"
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            last = called.rpartition(".")[2]
            if called in IMPURE_CALLS or (last in CLOCKS and "." in called):
                yield f"line {node.lineno}: calls {called}"
        if isinstance(node, ast.Global):
            yield f"line {node.lineno}: global {', '.join(node.names)}"


def _impure_module(imported: str) -> str | None:
    parts = imported.split(".")
    prefixes = (".".join(parts[:length]) for length in range(1, len(parts) + 1))
    return next((prefix for prefix in prefixes if prefix in IMPURE_MODULES), None)


def changing_state(tree: ast.Module) -> Iterator[str]:
    """What a module could remember between two calls, one phrase each.

    A private constant may be a dict, as long as nothing in the module writes to it; a public one
    is in everybody's hands and so must be of a kind that cannot be changed.
    """
    containers: set[str] = set()
    for node in _top_level(tree):
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for name in map(ast.unparse, targets):
                containers.add(name)
                if name != "__all__" and _is_changeable(node.value, public=name[0] != "_"):
                    yield f"line {node.lineno}: {name}"
    for node in ast.walk(tree):
        if (written := _written(node)) in containers:
            yield f"line {getattr(node, 'lineno', 0)}: writes to {written}"
        for mark in getattr(node, "decorator_list", []):
            called = mark.func if isinstance(mark, ast.Call) else mark
            if ast.unparse(called).rpartition(".")[2] in REMEMBERING:
                yield f"line {mark.lineno}: {ast.unparse(mark)}"


def _top_level(tree: ast.AST) -> Iterator[ast.stmt]:
    """The statements that run at import, but for class bodies."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If | ast.Try | ast.With | ast.For):
            yield from _top_level(node)
        elif isinstance(node, ast.stmt):
            yield node


def _is_changeable(value: ast.expr, *, public: bool) -> bool:
    if isinstance(value, ast.Call):
        return ast.unparse(value.func).rpartition(".")[2] in STATEFUL_CALLS
    displays = ast.List | ast.Dict | ast.Set | ast.ListComp | ast.DictComp | ast.SetComp
    is_empty = ast.unparse(value) in ("[]", "{}")
    return isinstance(value, displays | ast.GeneratorExp) and (public or is_empty)


def _written(node: ast.AST) -> str | None:
    """The name that a statement changes in place: by item, by operator or by method."""
    if isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load):
        return ast.unparse(node.value)
    if isinstance(node, ast.AugAssign):
        return ast.unparse(node.target)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return ast.unparse(node.func.value) if node.func.attr in CHANGING else None
    return None


@pytest.mark.parametrize("name", modules())
def test_a_module_touches_nothing_outside_itself(name: str) -> None:
    assert list(impurities(name, modules()[name])) == []


@pytest.mark.parametrize("name", modules())
def test_a_module_holds_no_state_that_changes(name: str) -> None:
    found = list(changing_state(modules()[name]))
    if ".testing.strategies." in name:  # a strategy never changes, and is dear to make
        found = [each for each in found if not each.endswith(": cache")]
    assert found == []


def test_each_exception_is_still_needed() -> None:
    for name, allowed in EXCEPTIONS.items():
        imported = {_impure_module(each) for each, _ in imported_names(name, modules()[name])}
        assert set(allowed) <= imported, name


@pytest.mark.parametrize("name", modules())
def test_third_parties_are_the_two_of_run_time(name: str) -> None:
    allowed = RUN_TIME | {PACKAGE} | sys.stdlib_module_names
    if name.startswith(f"{PACKAGE}.testing"):
        allowed = allowed | {"hypothesis"}
    strangers = {each.split(".")[0] for each, _ in imported_names(name, modules()[name])} - allowed
    assert strangers == set()


LOADS = """
import sys
before = set(sys.modules)
import coursetrack, coursetrack.endpoint
print(*sorted({name.split(".")[0] for name in set(sys.modules) - before}))
"""


def test_importing_loads_only_what_run_time_needs() -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, '.')\n{LOADS}"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    loaded = set(done.stdout.split())
    assert PACKAGE in loaded
    assert loaded - RUN_TIME - {PACKAGE} - sys.stdlib_module_names == set()


# -- the readers themselves


GUILTY = """
import os.path
def late():
    from random import random
    import threading as quiet
    print(datetime.datetime.now(), date.today())
    global counter
    open("x")
"""


def test_what_reaches_outside_is_reported() -> None:
    found = [each.partition(": ")[2] for each in impurities("m", ast.parse(GUILTY))]
    assert sorted(found) == [
        "calls date.today",
        "calls datetime.datetime.now",
        "calls open",
        "calls print",
        "global counter",
        "imports os.path",
        "imports random.random",
        "imports threading",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "SEEN = {1: 2}",
        "_SEEN = {}",
        "if True:\n    _SEEN: list[int] = []",
        "_SEEN = collections.defaultdict(int)",
        "_NEXT = itertools.count()",
        "SEEN = {x for x in 'ab'}",
        "_SEEN = {1: 2}\ndef f():\n    _SEEN[2] = 3",
        "_SEEN = {1: 2}\ndef f():\n    del _SEEN[1]",
        "_SEEN = [1]\ndef f():\n    _SEEN.append(3)",
        "@functools.lru_cache(maxsize=9)\ndef f(): ...",
        "class C:\n    @cache\n    def f(self): ...",
    ],
)
def test_state_that_changes_is_reported(text: str) -> None:
    assert len(list(changing_state(ast.parse(text)))) == 1


@pytest.mark.parametrize(
    "text",
    ["A = (1, 2)", "A = MappingProxyType({1: 2})", "_A = {1: 2}", "__all__ = ['A']"],
)
def test_constants_are_not_reported(text: str) -> None:
    assert list(changing_state(ast.parse(text))) == []
