"""The package as text: its modules, their syntax trees, and who imports whom."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "coursetrack"

FLOORS = (
    ("errors",),
    ("domain",),
    ("listing",),
    ("knowledge",),
    ("endpoint",),
    ("recording", "column_recording", "snapshots", "what_if", "tracker"),
    ("sharding",),
    ("simulation",),
    ("testing",),
    ("guide",),
)
"""From the ground up. Names that share a floor may import one another, never in a circle."""


def module_name(path: Path) -> str:
    """The dotted name under which `path` is imported."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def modules() -> dict[str, ast.Module]:
    """Every module of the package by its dotted name, parsed."""
    paths = sorted((ROOT / PACKAGE).rglob("*.py"))
    return {module_name(path): ast.parse(path.read_text(), str(path)) for path in paths}


def is_package(name: str) -> bool:
    """Whether `name` is a folder with an ``__init__``."""
    return (ROOT.joinpath(*name.split(".")) / "__init__.py").is_file()


def imported_names(name: str, tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Every dotted name that the module `name` imports, at any depth, with its line.

    ``from a import b`` gives ``a.b``: whether that is a module or a name in one is for the caller.
    """
    package = name if is_package(name) else name.rpartition(".")[0]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, base] if base else above)
            for alias in node.names:
                yield f"{base}.{alias.name}", node.lineno
        elif isinstance(node, ast.Call) and node.args and _imports_by_name(node.func):
            yield _told_name(node.args[0]), node.lineno


def _imports_by_name(called: ast.expr) -> bool:
    return ast.unparse(called).rpartition(".")[2] in ("import_module", "__import__")


def _told_name(argument: ast.expr) -> str:
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        return argument.value
    raise ValueError(f"line {argument.lineno}: cannot tell what {ast.unparse(argument)} imports")


def imported_modules(name: str, tree: ast.Module) -> Iterator[tuple[str, int]]:
    """The package's own modules that the module `name` imports, with the line."""
    for dotted, line in imported_names(name, tree):
        if dotted.split(".")[0] != PACKAGE:
            continue
        yield dotted if dotted in modules() else dotted.rpartition(".")[0], line


def room(name: str) -> str | None:
    """The part below the root that the module `name` belongs to; None for the root itself."""
    parts = name.split(".")
    return parts[1] if len(parts) > 1 else None


def floor(name: str) -> int:
    """The number of the floor of the module `name`; ValueError when it has none."""
    for number, rooms in enumerate(FLOORS):
        if room(name) in rooms:
            return number
    raise ValueError(f"{name} stands on no floor: add {room(name)!r} to FLOORS in {__file__}")


def is_public(name: str) -> bool:
    """Whether no part of a dotted name starts with an underscore."""
    return not any(part.startswith("_") for part in name.split("."))


def definitions(
    tree: ast.Module,
) -> Iterator[tuple[str, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Every class and function of a module, and of its classes, by qualified name."""

    def inside(
        node: ast.AST, prefix: str
    ) -> Iterator[tuple[str, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                yield prefix + child.name, child
                if isinstance(child, ast.ClassDef):
                    yield from inside(child, f"{prefix}{child.name}.")
            elif isinstance(child, ast.If | ast.Try | ast.With):
                yield from inside(child, prefix)

    return inside(tree, "")
