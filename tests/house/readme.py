"""The README as its sections and fenced blocks."""

import re
from collections.abc import Iterator

import attrs

from tests.house.source import ROOT

README = ROOT / "README.md"
_FENCE = re.compile(r"^(```+)(\S*)\s*$")


@attrs.frozen
class Block:
    """One fenced block, with the second-level heading that it stands under."""

    section: str
    language: str
    text: str
    line: int

    @property
    def commands(self) -> tuple[str, ...]:
        """The lines that a reader of a console block would type."""
        return tuple(line[2:] for line in self.text.splitlines() if line.startswith("$ "))


def blocks(text: str) -> Iterator[Block]:
    """Every fenced block of a Markdown text, in order."""
    section, fence, language, inside, start = "", "", "", list[str](), 0
    for number, line in enumerate(text.splitlines(), 1):
        mark = _FENCE.match(line)
        if fence and mark and mark[1] == fence and not mark[2]:
            yield Block(section, language, "\n".join(inside) + "\n", start)
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
