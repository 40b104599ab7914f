"""The mutation test itself: it plants what it says, where it says, and its list is not stale."""

from pathlib import Path

from tests.mutants.equivalent import EQUIVALENT
from tests.mutants.forking import forked
from tests.mutants.operators import Mutant, mutants
from tests.mutants.parts import PARTS, ROOT
from tests.mutants.results import Results
from tests.mutants.watching import function_at

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


def test_an_equivalent_mutant_is_of_a_line_that_is_there() -> None:
    for path, right, wrong in EQUIVALENT:
        assert right in map(str.strip, (ROOT / path).read_text().splitlines())
        assert wrong != right


def test_a_function_is_found_by_a_line_of_its_body() -> None:
    lines = (ROOT / "tests/mutants/forking.py").read_text().splitlines()
    first = next(place for place, line in enumerate(lines, 1) if line.startswith("def forked("))
    last = len(lines)
    assert function_at("tests/mutants/forking.py", last) == ("tests/mutants/forking.py", first)
    assert function_at("tests/mutants/forking.py", first) is None


def test_a_child_is_ended_where_it_takes_too_long() -> None:
    def for_ever() -> int:
        while True:
            pass

    assert forked(lambda: 0, 1.0) == 0
    assert forked(lambda: 1, 1.0) == 1
    assert forked(for_ever, 0.02) < 0
    assert forked(lambda: 1 // 0, 1.0) == 1


def test_results_are_kept_while_a_module_stays_as_it_is(tmp_path: Path) -> None:
    one, other = (Mutant("tests/mutants/parts.py", "AddNot", n, 1) for n in (0, 1))
    results = Results(tmp_path / "found.jsonl")
    results.put(one, "own")
    again = Results(tmp_path / "found.jsonl")
    assert (again.get(one), again.get(other)) == ("own", None)
