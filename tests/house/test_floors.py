"""The floors: a module imports only from below, and nothing imports in a circle."""

import ast
from graphlib import CycleError, TopologicalSorter

import pytest

from tests.house.source import (
    FLOORS,
    PACKAGE,
    floor,
    imported_modules,
    imported_names,
    is_package,
    modules,
    room,
)

INSIDE = [name for name in modules() if name != PACKAGE]
PACKAGES = [name for name in modules() if is_package(name)]
# api.md has users import these packages by name, so their public names are there as well.
WITH_PUBLIC_NAMES = {
    PACKAGE,
    f"{PACKAGE}.endpoint",
    f"{PACKAGE}.sharding",
    f"{PACKAGE}.simulation",
    f"{PACKAGE}.testing",
    f"{PACKAGE}.testing.machine",
    f"{PACKAGE}.testing.strategies",
}


def upward_imports(name: str, tree: ast.Module) -> list[str]:
    """What `name` imports from a higher floor or from the root, one sentence each."""
    return [
        f"{name}:{line} imports {target}"
        for target, line in imported_modules(name, tree)
        if target == PACKAGE or floor(target) > floor(name)
    ]


def circle(graph: dict[str, set[str]]) -> list[str]:
    """One import circle in `graph`, or nothing."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_the_tree_is_read() -> None:
    assert {"errors", "domain", "listing", "knowledge"} <= {room(name) for name in INSIDE}


@pytest.mark.parametrize("name", INSIDE)
def test_a_module_imports_only_from_its_floor_and_below(name: str) -> None:
    assert upward_imports(name, modules()[name]) == []


def test_nothing_imports_in_a_circle() -> None:
    graph = {
        name: {target for target, _ in imported_modules(name, tree)} - {name}
        for name, tree in modules().items()
    }
    assert circle(graph) == []


@pytest.mark.parametrize("name", PACKAGES)
def test_a_package_init_only_names_what_is_elsewhere(name: str) -> None:
    tree = modules()[name]
    assert ast.get_docstring(tree)
    allowed: tuple[type[ast.stmt], ...] = (ast.Expr,)
    if name in WITH_PUBLIC_NAMES:
        allowed = (ast.Expr, ast.ImportFrom, ast.Assign, ast.AnnAssign, ast.Try, ast.If)
    strangers = [f"line {node.lineno}" for node in tree.body if not isinstance(node, allowed)]
    assert strangers == []


@pytest.mark.parametrize("name", sorted(WITH_PUBLIC_NAMES & set(modules())))
def test_what_a_package_names_is_what_it_exports(name: str) -> None:
    """``__all__`` holds every imported public name, in order, and nothing else."""
    tree = modules()[name]
    imported = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    exported = [
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign)
        and any(isinstance(target, ast.Name) and target.id == "__all__" for target in node.targets)
    ]
    assert exported or not imported, f"{name} says nothing in __all__"
    assert sorted(exported[0] if exported else []) == sorted(
        name for name in imported if not name.startswith("_")
    )


# -- the reader itself: it must see what people try to hide


HIDDEN = """
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from coursetrack.tracker import Tracker
def late():
    def later():
        import coursetrack.testing.model.model
        import_module("coursetrack.endpoint.rights")
"""


def test_imports_are_seen_at_any_depth() -> None:
    seen = {name for name, _ in imported_names("coursetrack.domain.rules", ast.parse(HIDDEN))}
    assert seen == {
        "typing.TYPE_CHECKING",
        "coursetrack.tracker.Tracker",
        "coursetrack.testing.model.model",
        "coursetrack.endpoint.rights",
    }


def test_relative_imports_are_seen() -> None:
    tree = ast.parse("from ..endpoint import rights\nfrom . import values\nfrom .watched import x")
    seen = {name for name, _ in imported_names("coursetrack.domain.rules", tree)}
    assert seen == {
        "coursetrack.endpoint.rights",
        "coursetrack.domain.values",
        "coursetrack.domain.watched.x",
    }


def test_an_import_from_above_or_from_the_root_is_reported() -> None:
    tree = ast.parse("from coursetrack.listing.query import Page\nfrom coursetrack import Page")
    assert len(upward_imports("coursetrack.domain.rules", tree)) == 2


def test_a_circle_is_reported() -> None:
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"a"}})
    assert not circle({"a": {"b"}, "b": {"c"}})


def test_a_room_without_a_floor_is_reported() -> None:
    with pytest.raises(ValueError, match="stands on no floor"):
        floor("coursetrack.attic")


def test_each_room_has_one_floor() -> None:
    rooms = [each for rooms in FLOORS for each in rooms]
    assert len(rooms) == len(set(rooms))
