"""The README and the guide are true: each block is executed, and none is passed over."""

import contextlib
import gc
import io
import re
import subprocess
import sys
import unittest
import warnings
from pathlib import Path

import pytest
from hypothesis import settings

from tests.endpoint.test_recipes import HOSTS
from tests.house.readme import GUIDE, README, Block, blocks, pages, readme
from tests.house.source import ROOT

SERVED = {("embedding", "Hosts"), ("embedding", "PostgreSQL"), ("README", "Embedding it")}
"""Their blocks need a real server each: tests/endpoint executes them."""

BLOCKS = (*readme(), *(block for page in pages().values() for block in page))
CONTRIBUTING = ROOT / "CONTRIBUTING.md"


def how_executed(block: Block) -> str:
    """The way in which a block is executed; "" when nobody does."""
    if (block.file.stem, block.section) in SERVED and block.language == "python":
        return "served"
    if block.language in ("python", "text"):
        return "here"
    if block.language == "console" and block.commands:
        if all(command.startswith("python3 -m venv ") for command in block.commands):
            return "by .ci/run"
        if all(command.startswith("python -m benchmarks.") for command in block.commands):
            return "asked for its help"
    return ""


def sections_to_run() -> dict[str, list[Block]]:
    """The blocks that are executed here together: a section's, or all of a page's, in order."""
    found: dict[str, list[Block]] = {}
    for block in BLOCKS:
        if how_executed(block) == "here":
            together = block.section if block.file == README else block.file.stem
            found.setdefault(together, []).append(block)
    return found


def run(section: list[Block]) -> None:
    """Executes a section's python blocks in one namespace; a text block is what was printed."""
    namespace: dict[str, object] = {"__name__": "readme"}
    printed = io.StringIO()
    for block in section:
        if block.language == "text":
            assert printed.getvalue() == block.text, block.place
            continue
        printed = io.StringIO()
        # Blank lines put the block where it stands, so that a traceback names the README's line.
        code = compile("\n" * block.line + block.text, str(block.file), "exec")
        with contextlib.redirect_stdout(printed):
            exec(code, namespace)
    run_tests(namespace)


def run_tests(namespace: dict[str, object]) -> None:
    """Runs what a test runner would collect: test functions, and cases with few examples."""
    for name, value in list(namespace.items()):
        if name.startswith("test_") and callable(value):
            value()
        elif isinstance(value, type) and issubclass(value, unittest.TestCase):
            value.settings = settings(value.settings, max_examples=5, stateful_step_count=10)
            result = unittest.TestResult()
            unittest.defaultTestLoader.loadTestsFromTestCase(value).run(result)
            assert result.testsRun
            assert result.wasSuccessful(), [*result.failures, *result.errors]


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.place)
def test_each_block_is_executed_somewhere(block: Block) -> None:
    assert how_executed(block), f"{block.place}: nobody executes this block"


SLOW = {"kit", "Testing a service of your own", "simulating", "Simulating"}


@pytest.mark.parametrize(
    "section",
    [
        pytest.param(name, marks=pytest.mark.slow if name in SLOW else ())
        for name in sections_to_run()
    ],
)
def test_a_section_runs_as_it_stands(
    section: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with warnings.catch_warnings():
        # A host's database is open as long as its process is; Python 3.13 warns of the three that
        # a page opens here, once they are collected.
        warnings.simplefilter("ignore", ResourceWarning)
        run(sections_to_run()[section])
        gc.collect()


def test_the_blocks_that_are_served_are_the_hosts_and_a_database() -> None:
    served = [block.text for block in pages()["embedding"] if how_executed(block) == "served"]
    hosts = [text for text in served if "from academy import answer" in text]
    assert all(sum(f"from {host}" in text for text in hosts) == 1 for host in HOSTS)
    assert (len(hosts), len(served)) == (len(HOSTS), len(HOSTS) + 1)


def test_the_guide_names_its_pages() -> None:
    index = (GUIDE / "__init__.py").read_text()
    assert set(re.findall(r":mod:`coursetrack\.guide\.(\w+)`", index)) == set(pages())


def test_the_quick_start_is_short() -> None:
    quick = [block for block in BLOCKS if block.section == "Quick start"]
    assert [block.language for block in quick] == ["python"]
    assert len(quick[0].text.splitlines()) < 30


def test_there_are_two_set_up_commands_of_one_line_and_ci_runs_both() -> None:
    commands = [
        command
        for block in BLOCKS
        if how_executed(block) == "by .ci/run"
        for command in block.commands
    ]
    ran = [command.rpartition(" -m ")[2] for command in commands]
    assert ran == ["benchmarks.replay", "pytest -n auto"]
    dry = subprocess.run(
        [ROOT / ".ci" / "run", "--commands"], capture_output=True, text=True, check=True
    )
    assert dry.stdout.splitlines() == commands


MEASURED = [
    command
    for block in BLOCKS
    if how_executed(block) == "asked for its help"
    for command in block.commands
]


@pytest.mark.parametrize("command", MEASURED)
def test_a_measuring_command_takes_the_options_that_are_shown(command: str) -> None:
    words = command.split()
    done = subprocess.run(
        [sys.executable, *words[1:3], "--help"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    options = {word.partition("=")[0] for word in words[3:] if word.startswith("--")}
    assert {option for option in options if option not in done.stdout} == set()


def test_links_to_files_lead_somewhere() -> None:
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", README.read_text())
    assert targets
    assert [target for target in targets if not (ROOT / target).exists()] == []


def test_contributing_names_modules_that_are_there() -> None:
    named = re.findall(r"python -m ((?:tests|benchmarks)[\w.]*)", CONTRIBUTING.read_text())
    assert named
    places = [ROOT.joinpath(*name.split(".")) for name in named]
    homes = [(place.with_suffix(".py"), place / "__main__.py") for place in places]
    assert [file for file, package in homes if not (file.is_file() or package.is_file())] == []


# -- the reader itself


SAMPLE = """\
## One
```python
print("a")
```
````text
```
````
## Two
```console
$ ls -l
total 0
```
"""


def test_blocks_are_read_with_their_section_and_line() -> None:
    assert list(blocks(SAMPLE)) == [
        Block("One", "python", 'print("a")\n', 2),
        Block("One", "text", "```\n", 5),
        Block("Two", "console", "$ ls -l\ntotal 0\n", 9),
    ]
    assert list(blocks(SAMPLE))[2].commands == ("ls -l",)


def test_a_block_without_an_end_is_reported() -> None:
    with pytest.raises(ValueError, match="line 1 does not end"):
        list(blocks("```python\nx = 1"))


def test_a_block_of_no_known_kind_is_reported() -> None:
    assert not how_executed(Block("One", "sh", "$ ls\n", 1))
    assert not how_executed(Block("One", "console", "$ rm -r x\n", 1))
    assert not how_executed(Block("One", "", "words\n", 1))


def test_a_test_in_a_block_is_run() -> None:
    with pytest.raises(ZeroDivisionError):
        run([Block("One", "python", "def test_it():\n    1 / 0\n", 1)])


def test_what_is_printed_is_compared() -> None:
    said = Block("One", "python", "print(1 + 1)\n", 1)
    run([said, Block("One", "text", "2\n", 4)])
    with pytest.raises(AssertionError):
        run([said, Block("One", "text", "3\n", 4)])
