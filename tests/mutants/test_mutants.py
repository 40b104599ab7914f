"""The mutation test itself: it plants what it says, where it says, and its list is not stale."""

import pytest

from tests.mutants.equivalent import EQUIVALENT
from tests.mutants.operators import Mutant, mutants
from tests.mutants.parts import PARTS, ROOT

SOURCE = '''"""Doc."""


def middle(first: int, last: int) -> int | None:
    check(first)
    if first <= last:
        return (first + last) // 2
    return None
'''


def changed(operator: str, occurrence: int = 0) -> list[tuple[str, str]]:
    """The lines that a mutant of SOURCE changes, before and after."""
    made = Mutant("x.py", operator, occurrence, 0).source(SOURCE)
    pairs = zip(SOURCE.splitlines(), made.splitlines(), strict=True)
    return [(old.strip(), new.strip()) for old, new in pairs if old != new]


def test_a_forgotten_call_is_a_mutant() -> None:
    assert changed("DeleteCall") == [("check(first)", "pass")]


def test_a_bound_that_is_off_is_a_mutant() -> None:
    assert changed("ReplaceComparisonOperator_LtE_Lt") == [
        ("if first <= last:", "if first < last:"),
    ]


def test_every_mutant_says_its_line_and_changes_the_source() -> None:
    found = mutants("x.py", SOURCE)
    assert {each.line for each in found} == {5, 6, 7}
    assert all(each.source(SOURCE) != SOURCE for each in found)


def test_every_part_has_modules_and_tests() -> None:
    assert {name for name, part in PARTS.items() if part.paths() and part.all_tests()} >= {
        "domain",
        "listing",
        "knowledge",
        "endpoint",
        "tracker",
    }


@pytest.mark.parametrize("key", EQUIVALENT)
def test_an_equivalent_mutant_is_of_a_line_that_is_there(key: tuple[str, str, str]) -> None:
    path, operator, line = key
    lines = (ROOT / path).read_text().splitlines()
    found = mutants(path, (ROOT / path).read_text())
    assert any(m.operator == operator and lines[m.line - 1].strip() == line for m in found)
