"""How texts compare: in filters, in orders, everywhere by the same key.

The key is Unicode's canonical caseless match (definition D145: NFD, casefold, NFD)::

    "Zoë" -> "zoe\u0308"        "ZOE\u0308" -> "zoe\u0308"        "Straße" -> "strasse"

A key is decomposed, so a letter may be several characters of it: its base and its marks. A part
of a key is found only where it ends with a whole letter: "zoe" is no part of "zoe\u0308", since
accents count. Where they do not (``accents=False``), the marks are dropped from the key. (decided)
"""

import re
from collections.abc import Callable, Iterable
from unicodedata import combining, normalize

_SHORT = 512  # up to here, the quadratic sort of marks in `normalize` takes at most 0.1 ms
_JAMO = ("\u1160", "\u11ff")  # vowels and finals, which go on with a decomposed Korean syllable


def folded(text: str, *, accents: bool = True) -> str:
    """`text` as filters and orders compare it. O(length).

    >>> folded("Zoe\u0308") == folded("ZO\u00cb")
    True
    >>> folded("\u00c9", accents=False) == folded("e")
    True
    """
    if text.isascii():
        return text.casefold()
    key = _decomposed(_decomposed(text).casefold())
    return key if accents else "".join(char for char in key if not combining(char))


def folded_teams(text: str, *, accents: bool = True) -> str:
    """`text` as team names compare: folded, and blanks around commas dropped. (decided)

    >>> folded_teams("Design , Ops")
    'design,ops'
    """
    parts = folded(text, accents=accents).split(",")
    last = len(parts) - 1
    for place, part in enumerate(parts):
        part = part if place == 0 else part.lstrip(" \t")
        parts[place] = part if place == last else part.rstrip(" \t")
    return ",".join(parts)


def _decomposed(text: str) -> str:
    """`text` in NFD. O(length), up to the sort of each run of marks.

    `normalize` sorts a run of marks by insertion: 40,000 of them take a second. So a long text is
    decomposed one character at a time, and its runs of marks are put in order here.
    """
    if len(text) <= _SHORT:
        return normalize("NFD", text)
    found: list[str] = []
    marks: list[str] = []
    for char in "".join(normalize("NFD", char) for char in text):
        if combining(char):
            marks.append(char)
        else:
            found += sorted(marks, key=combining)
            marks.clear()
            found.append(char)
    return "".join(found + sorted(marks, key=combining))


def continuing(keys: Iterable[str]) -> frozenset[str]:
    """The characters of `keys` that go on with the letter before them. O(length of all keys)."""
    return frozenset(
        char for key in keys if not key.isascii() for char in set(key) if _goes_on(char)
    )


def _goes_on(char: str) -> bool:
    return combining(char) != 0 or _JAMO[0] <= char <= _JAMO[1]


def finder(part: str, continuing: frozenset[str]) -> Callable[[str, int], int]:
    """A search for `part` where none of `continuing` follows: (text, from) -> place, or -1.

    O(length of the text), whatever the part: `re` goes on from where a match was turned down.
    """
    if not continuing:
        return lambda text, start: text.find(part, start)
    search = re.compile(f"{re.escape(part)}(?![{re.escape(''.join(sorted(continuing)))}])").search

    def find(text: str, start: int) -> int:
        found = search(text, start)
        return -1 if found is None else found.start()

    return find
