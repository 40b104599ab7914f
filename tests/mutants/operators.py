"""Small mistakes that can be made in a module's source: cosmic-ray's operators, and one of ours."""

from collections.abc import Iterator
from typing import Any

import attrs
import parso
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.operator import Example, Operator
from cosmic_ray.plugins import get_operator, operator_names

_LEFT_OUT = ("BitOr", "Pow", "_Is", "Invert", "UAdd", "Variable", "RemoveDecorator", "Exception")
"""Parts of names of operators whose mutants mostly break an annotation or raise TypeError."""


class DeleteCall(Operator):
    """Leaves out a statement that is nothing but a call: a step that is forgotten."""

    def mutation_positions(self, node: Any) -> Iterator[tuple[Any, Any]]:
        """Where `node` is such a statement."""
        if node.type != "atom_expr" or node.parent is None or node.parent.type != "simple_stmt":
            return
        if node.get_first_leaf().value == "assert_never":
            return  # what a type checker proves is never run
        last = node.children[-1]
        if last.type == "trailer" and last.children[0] == "(":
            yield node.start_pos, node.end_pos

    def mutate(self, node: Any, index: int) -> Any:
        """``pass`` in its place, behind the same indent."""
        return parso.python.tree.Name("pass", node.start_pos, prefix=node.get_first_leaf().prefix)

    @classmethod
    def examples(cls) -> tuple[Example, ...]:
        """One example."""
        return (Example("f(1)", "pass"),)


@attrs.frozen
class Mutant:
    """One mistake in one module: the `occurrence`-th place where `operator` applies."""

    path: str
    operator: str
    occurrence: int
    line: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line} {self.operator}#{self.occurrence}"

    def source(self, text: str) -> str:
        """The module's `text` with the mistake in it."""
        changed = mutate_code(text, OPERATORS[self.operator], self.occurrence)
        return text if changed is None else str(changed)


def _operators() -> dict[str, Any]:
    names = [name for name in operator_names() if not any(each in name for each in _LEFT_OUT)]
    return {"DeleteCall": DeleteCall()} | {
        name.removeprefix("core/"): get_operator(name)() for name in names
    }


OPERATORS = _operators()
"""Every operator by its name."""


def mutants(path: str, text: str) -> list[Mutant]:
    """Every mutant of a module. Docstrings and the places that run nothing have none."""
    counts = dict.fromkeys(OPERATORS, 0)
    found = []
    for node in ast_nodes(get_ast(text)):
        for name, operator in OPERATORS.items():
            for (line, _), _ in operator.mutation_positions(node):
                found.append(Mutant(path, name, counts[name], line))
                counts[name] += 1
    return found
