"""Public names: documented, completely typed, and the marker that tells type checkers so."""

import ast
import doctest
import importlib
import pickle
import pkgutil
from collections.abc import Iterator

import pytest

import coursetrack
from tests.house.source import PACKAGE, ROOT, definitions, is_public, modules

Function = ast.FunctionDef | ast.AsyncFunctionDef


def undocumented(name: str, tree: ast.Module) -> Iterator[str]:
    """Each public class, function, method and property of a module without a docstring."""
    if not ast.get_docstring(tree):
        yield name
    for qualified, node in definitions(tree):
        if is_public(qualified) and not ast.get_docstring(node) and not _is_repeated(node):
            yield f"{name}.{qualified} (line {node.lineno})"


def _is_repeated(node: ast.AST) -> bool:
    """Whether this is an overload or a setter: the name is documented where it is first defined."""
    marks = [ast.unparse(mark) for mark in getattr(node, "decorator_list", [])]
    return any(mark in ("overload", "typing.overload") or ".setter" in mark for mark in marks)


def untyped(name: str, tree: ast.Module) -> Iterator[str]:
    """Each function at any depth that leaves a parameter or its result without a type."""
    methods = {
        id(child)
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        for child in node.body
        if isinstance(child, Function)
        and "staticmethod" not in map(ast.unparse, child.decorator_list)
    }
    for node in ast.walk(tree):
        if isinstance(node, Function):
            yield from (
                f"{name}.{node.name} (line {node.lineno}): {missing}"
                for missing in _missing_types(node, is_method=id(node) in methods)
            )


def _missing_types(node: Function, *, is_method: bool) -> Iterator[str]:
    spec = node.args
    positional = [*spec.posonlyargs, *spec.args][1 if is_method else 0 :]
    extra = [each for each in (spec.vararg, spec.kwarg) if each]
    yield from (each.arg for each in [*positional, *spec.kwonlyargs, *extra] if not each.annotation)
    if node.returns is None:
        yield "its result"


@pytest.mark.parametrize("name", modules())
def test_public_names_have_a_docstring(name: str) -> None:
    if is_public(name):
        assert list(undocumented(name, modules()[name])) == []


@pytest.mark.parametrize("name", modules())
def test_every_function_is_completely_typed(name: str) -> None:
    assert list(untyped(name, modules()[name])) == []


def test_type_checkers_are_told() -> None:
    assert (ROOT / PACKAGE / "py.typed").is_file()


@pytest.mark.parametrize("name", modules())
def test_examples_in_docstrings_are_true(name: str) -> None:
    failed, _ = doctest.testmod(importlib.import_module(name))
    assert failed == 0


def test_every_module_is_importable_by_the_name_it_was_read_under() -> None:
    walked = pkgutil.walk_packages(coursetrack.__path__, f"{PACKAGE}.")
    assert {PACKAGE, *(each.name for each in walked)} == set(modules())


# -- the readers themselves


SLOPPY = '''"""Documented."""
class Open:
    """Documented."""
    def bare(self, a, *, b: int) -> None: ...
    def _hidden(self) -> None: ...
    class Inner:
        @property
        def size(self): ...
'''


def test_what_lacks_a_docstring_is_reported() -> None:
    found = [each.split(" ")[0] for each in undocumented("m", ast.parse(SLOPPY))]
    assert found == ["m.Open.bare", "m.Open.Inner", "m.Open.Inner.size"]


def test_what_lacks_a_type_is_reported() -> None:
    found = list(untyped("m", ast.parse(SLOPPY)))
    assert found == ["m.bare (line 4): a", "m.size (line 8): its result"]


def test_every_refusal_code_has_a_docstring_of_its_own() -> None:
    told = {code: code.__doc__ for code in coursetrack.RefusalCode}
    assert len({*told.values(), coursetrack.RefusalCode.__doc__}) == len(told) + 1
    for code in told:
        assert coursetrack.RefusalCode(str(code)) is code
        assert pickle.loads(pickle.dumps(code)) is code


def test_the_version_is_that_of_the_changelog() -> None:
    assert f"## {coursetrack.__version__} " in (ROOT / "CHANGELOG.md").read_text()
