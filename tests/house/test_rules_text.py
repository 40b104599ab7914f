"""The rules as text: whatever a docstring cites can be read."""

import re

from coursetrack import rules_text
from tests.house.source import ROOT

CITED = re.compile(r"\brules? (\d+)(?:(?:, | and | to )(\d+))*")


def cited() -> set[int]:
    """The numbers of all rules that the package's text cites."""
    texts = [path.read_text() for path in (ROOT / "coursetrack").rglob("*.py")]
    found = (CITED.finditer(text) for text in texts)
    return {int(number) for each in found for match in each for number in match.groups() if number}


def test_every_cited_rule_can_be_read() -> None:
    told = {int(number) for number in re.findall(r"^Rule (\d+)\. ", rules_text(), re.MULTILINE)}
    assert {1, 4, 5, 7} <= cited() <= told
    assert told == set(range(1, 10))


def test_the_text_fits_a_terminal() -> None:
    assert max(map(len, rules_text().splitlines())) <= 80
