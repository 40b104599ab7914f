"""Mutants are tried: in a function's body, and in what runs when a module is imported."""

import subprocess
import sys
from ast import literal_eval

import pytest

from tests.mutants.parts import ROOT

SCRIPT = """
from tests.mutants.operators import Mutant, mutants
from tests.mutants.parts import ROOT, Part
from tests.mutants.trials import Trials

class Broken(Mutant):
    def source(self, text):
        return "raise ZeroDivisionError"

path = "coursetrack/domain/progress.py"
part = Part("small", (path,), ("tests/domain/test_progress.py",))
trials = Trials([part], suite=False)
text = (ROOT / path).read_text()
finished = "return 0 < self.countable == self.completed"
line = next(n for n, each in enumerate(text.splitlines(), 1) if each.strip() == finished)
found = {
    each.operator: trials.killer(each, part)
    for each in mutants(path, text)
    if each.line == line and each.operator.startswith("ReplaceComparisonOperator_Eq")
}
found["at import"] = trials.killer(Broken(path, "Broken", 0, 1), part)
print(found)
trials.close()
"""


@pytest.mark.slow
def test_a_mutant_is_killed_where_a_test_fails_and_survives_where_none_does() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=ROOT, capture_output=True, text=True, check=True
    )
    found = literal_eval(ran.stdout)
    assert found.pop("at import") == "own"
    # No more can be completed than count, so "at most" is the same as "as many".
    assert found.pop("ReplaceComparisonOperator_Eq_LtE") == ""
    assert len(found) >= 3
    assert set(found.values()) == {"own"}
