"""The README, and the pages that ship as docstrings, as their sections and fenced blocks."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import attrs

from tests.house.source import ROOT

README = ROOT / "README.md"
GUIDE = ROOT / "coursetrack" / "guide"
_FENCE = re.compile(r"^(```+)(\S*)\s*$")


@attrs.frozen
class Block:
    """One fenced block, with the second-level heading that it stands under."""

    section: str
    language: str
    text: str
    line: int
    file: Path = README

    @property
    def place(self) -> str:
        """Where it stands, as a traceback would say."""
        return f"{self.file.relative_to(ROOT)}:{self.line}"

    @property
    def commands(self) -> tuple[str, ...]:
        """The lines that a reader of a console block would type."""
        return tuple(line[2:] for line in self.text.splitlines() if line.startswith("$ "))


def blocks(text: str, file: Path = README, first: int = 1) -> Iterator[Block]:
    """Every fenced block of a Markdown text that begins in line `first` of `file`, in order."""
    section, fence, language, inside, start = "", "", "", list[str](), 0
    for number, line in enumerate(text.splitlines(), first):
        mark = _FENCE.match(line)
        if fence and mark and mark[1] == fence and not mark[2]:
            yield Block(section, language, "\n".join(inside) + "\n", start, file)
            fence = ""
        elif fence:
            inside.append(line)
        elif mark:
            (fence, language), inside, start = mark.groups(), [], number
        elif line.startswith("## "):
            section = line[3:].strip()
    if fence:
        raise ValueError(f"the block that begins in line {start} does not end")


def readme() -> tuple[Block, ...]:
    """The blocks of this repository's README."""
    return tuple(blocks(README.read_text()))


def page(name: str) -> tuple[Block, ...]:
    """The blocks of one page of the guide."""
    file = GUIDE / f"{name}.py"
    tree = ast.parse(file.read_text())
    assert len(tree.body) == 1, f"{file} holds more than a docstring"
    return tuple(blocks(ast.get_docstring(tree, clean=False) or "", file))


def pages() -> dict[str, tuple[Block, ...]]:
    """The pages of the guide by name."""
    return {file.stem: page(file.stem) for file in sorted(GUIDE.glob("[!_]*.py"))}
