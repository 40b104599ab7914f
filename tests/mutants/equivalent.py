"""Mutants that change nothing anybody can see, each with the reason.

Named by path, operator and the text of the line, so that they stay found while lines move.
"""

from types import MappingProxyType

EQUIVALENT = MappingProxyType[tuple[str, str, str], str](
    {
        (
            "coursetrack/domain/progress.py",
            "ReplaceComparisonOperator_Eq_LtE",
            "return 0 < self.countable == self.completed",
        ): "no more can be completed than count: the constructor refuses it",
    }
)
"""(path, operator, line without indent) -> why no test can tell."""


def reason(path: str, operator: str, line: str) -> str | None:
    """Why this mutant is equivalent, or None where a test should find it."""
    return EQUIVALENT.get((path, operator, line.strip()))
