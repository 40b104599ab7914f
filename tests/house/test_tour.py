"""Purity, seen from outside: an audit hook watches a tour of all that the package offers."""

import inspect
import json
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from types import FunctionType

import pytest

import coursetrack
import coursetrack.endpoint
import coursetrack.testing
from tests.house.source import PACKAGE, ROOT

LEFT_OUT = {
    "cut_off": "traces the lines of other code",
    "cut_off_everywhere": "traces the lines of other code",
    "cut_off_twice": "traces the lines of other code",
    "executed_places": "traces the lines of other code",
    "executed_lines": "traces the lines of other code",
    "Model": "stands beside the engine in tests alone; its source is scanned like all others",
}
"""Exported names that the tour passes by, with the reason why that is no gap."""


def tell(walk: str, before: str = "") -> dict[str, list[str]]:
    """What is seen of a walk, which is the text of a function without arguments."""
    lines = [
        "import json",
        "from tests.house.tour import tour, watched",
        before,
        f"print(json.dumps(watched({walk})))",
    ]
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(lines)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    if done.returncode:
        pytest.fail(done.stderr[-1000:], pytrace=False)
    told: dict[str, list[str]] = json.loads(done.stdout)
    return told


@cache
def seen() -> dict[str, list[str]]:
    """What the tour saw. Run once."""
    return tell("tour")


def surface() -> Iterator[str]:
    """Every function, method and property that users reach by an exported name."""
    for package in (coursetrack, coursetrack.endpoint, coursetrack.testing):
        for name in set(package.__all__) - set(LEFT_OUT):
            yield from functions_of(getattr(package, name))
    yield from functions_of(type(coursetrack.Tracker().completed_lessons))


def functions_of(thing: object) -> Iterator[str]:
    """The package's own public functions that belong to an exported thing, by dotted name."""
    if isinstance(thing, FunctionType):
        yield f"{thing.__module__}.{thing.__qualname__}"
    if not isinstance(thing, type):
        return
    for owner in thing.__mro__:
        for name, value in vars(owner).items() if owner.__module__.startswith(PACKAGE) else ():
            raw = value.fget if isinstance(value, property) else inspect.unwrap(_function(value))
            if isinstance(raw, FunctionType) and not name.startswith("_"):
                yield f"{raw.__module__}.{raw.__qualname__}"


def _function(value: object) -> object:
    return getattr(value, "__func__", value)


def test_nothing_reaches_outside() -> None:
    assert seen()["events"] == []


def test_no_module_or_class_has_changed() -> None:
    assert seen()["changed"] == []


def test_the_tour_misses_nothing() -> None:
    missed = sorted(set(surface()) - set(seen()["entered"]))
    assert missed == []


def test_what_is_left_out_is_still_there() -> None:
    assert set(LEFT_OUT) <= set(coursetrack.testing.__all__)


# -- the watch itself


@pytest.mark.parametrize(
    ("deed", "event"),
    [
        ("open('pyproject.toml').close()", "open"),
        ("__import__('socket').socket().close()", "socket.__new__"),
        ("__import__('threading').Thread(target=int).start()", "_thread.start_"),
        ("__import__('os').system('true')", "os.system"),
        ("__import__('os').getpid()", "posix.getpid"),
        ("__import__('uuid').uuid4()", "posix.urandom"),
        ("__import__('time').monotonic()", "time.monotonic"),
        ("__import__('random').random()", "random.Random.random"),
        ("__import__('datetime').datetime.now()", "builtins.datetime.now"),
        ("__import__('datetime').date.today()", "builtins.date.today"),
    ],
)
def test_what_reaches_outside_is_seen(deed: str, event: str) -> None:
    assert any(each.startswith(event) for each in tell(f"lambda: {deed}")["events"])


def test_what_changes_is_seen() -> None:
    told = tell(
        "lambda: (module.seen.append(1), module.shown('x'))",
        before="import coursetrack.errors as module; module.seen = []",
    )
    assert told["changed"] == ["coursetrack.errors..seen"]
    assert told["entered"] == ["coursetrack.errors.shown"]
