"""One parameter's text -> its value, or :class:`InvalidValue` with a sentence that says why not.

Each takes time linear in the text, and reads ASCII digits only.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

from coursetrack.domain.values import MAX_ID, as_unique_id
from coursetrack.errors import InvalidValue

MAX_PAGE = 2**31 - 1
"""The highest page number, and the most that a host may allow on a page: the origin's integers."""

_DIGITS = re.compile(r"[0-9]+")

DIRECTIONS: Mapping[str, int] = MappingProxyType(
    {"1": 1, "0": 1, "asc": 1, "ascending": 1, "-1": -1, "desc": -1, "descending": -1}
)
"""What ``dir`` may say, in lower case, and what it means [seed, docs]; 0 is ascending (decided)."""


def expected(what: str, text: str) -> InvalidValue:
    """The error for `text` where `what` was expected."""
    return InvalidValue(f"expected {what}", value=text, expected=what)


def read_id(text: str) -> int:
    """An id: a whole number from 1 to 2**63 - 1."""
    number = _whole_number(text)
    if number is None or not 0 < number <= MAX_ID:
        raise expected(f"an id, a whole number from 1 to {MAX_ID}", text)
    return number


def read_page(text: str) -> int:
    """A page number from 1 to 2**31 - 1, so that a page's first item has a 64-bit number."""
    number = _whole_number(text)
    if number is None or not 0 < number <= MAX_PAGE:
        raise expected(f"a page, a whole number from 1 to {MAX_PAGE}", text)
    return number


def read_size(text: str) -> int:
    """A page size from 1; whatever is above 2**63 - 1 is that (it is clamped much lower anyway)."""
    number = _whole_number(text)
    if not number:
        raise expected("a size, a whole number from 1", text)
    return min(number, MAX_ID)


def read_direction(text: str) -> int:
    """1 for ascending, -1 for descending."""
    found = DIRECTIONS.get(text.lower()) if text.isascii() else None
    if found is None:
        raise expected("1 (ascending) or -1 (descending)", text)
    return found


def read_unique_id(text: str) -> str:
    """A UUID in lower case."""
    try:
        return as_unique_id("UniqueId", text)
    except InvalidValue as error:
        raise expected(error.expected, text) from None


def read_ids(text: str) -> tuple[int, ...]:
    """The ids of a bracketed list such as ``[1,2,3]``, in its order; blanks around them are fine.

    One bad id spoils the list: what is left out quietly would be missed.
    """
    inside = text.strip(" ")[1:-1].strip(" ")
    if not text.rstrip(" ").endswith("]"):
        raise expected("a list of ids such as [1,2,3]", text)
    return tuple(read_id(each.strip(" ")) for each in inside.split(",")) if inside else ()


def is_list(text: str) -> bool:
    """Whether the value of ``id`` is a bracketed list, as far as its first character tells."""
    return text.lstrip(" ").startswith("[")


def _whole_number(text: str) -> int | None:
    """The number, MAX_ID + 1 for anything larger, None for what is no plain whole number."""
    if not _DIGITS.fullmatch(text):
        return None
    # Reading digits takes more than linear time, and past this many the number is too large.
    digits = text.lstrip("0") or "0"
    return int(digits) if len(digits) <= len(str(MAX_ID)) else MAX_ID + 1
