"""The kinds of value that a property may hold: read from a query, taken from a body, compared.

A kind is made of plain functions, and the language is the main list's: its readers, its texts.
"""

import json
import operator
from collections.abc import Callable
from datetime import datetime
from typing import Any

import attrs

from coursetrack.domain.folding import continuing, finder, folded, folded_teams
from coursetrack.endpoint.instants import read_instant
from coursetrack.endpoint.readers import expected, read_id, read_unique_id
from coursetrack.endpoint.vocabulary import read_text


@attrs.frozen
class Kind:
    """What values of this kind are, in words, and what is done with them.

    `read` turns a filter's text into what is wanted; `key` is what is compared and sorted by;
    `matches` takes the key that a record has and the key that is wanted. `holds` says whether a
    body's value is one.
    """

    words: str
    read: Callable[[str], object]
    holds: Callable[[object], bool]
    key: Callable[[Any], Any] = lambda value: value
    matches: Callable[[Any, Any], bool] = operator.eq

    def finds(self, value: object, wanted: object) -> bool:
        """Whether a record with this value is found by a filter that wants that one."""
        if value is None:
            return False
        return self.matches(self.key(value), self.key(wanted))


def read_flag(text: str) -> bool:
    """true or false, in any case."""
    if text.lower() not in ("true", "false"):
        raise expected("true or false", text)
    return text.lower() == "true"


def read_number(text: str) -> int:
    """A whole number, of either sign."""
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 20):
        raise expected("a whole number", text)
    return int(text)


def read_code(text: str) -> str:
    """Any text that is not empty: an empty one would find everything."""
    if not text:
        raise expected("a value", text)
    return text


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number_above_0(value: object) -> bool:
    return _is_number(value) and value > 0  # type: ignore[operator]


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _is_texts(value: object) -> bool:
    return _is_text(value) or (isinstance(value, list) and all(map(_is_text, value)))


def _anything(_: object) -> bool:
    return True


def _in_the_same_second(value: datetime, wanted: datetime) -> bool:
    return value.replace(microsecond=0) == wanted.replace(microsecond=0)


def _contains(text: str, part: str) -> bool:
    """Whether `part` stands in `text` and ends with a whole letter there, accents and all."""
    return finder(part, continuing([text]))(text, 0) >= 0


def _as_text(value: object) -> str:
    return folded(value if isinstance(value, str) else json.dumps(value))


ID = Kind("an id, a whole number from 1", read_id, _is_number_above_0)
NUMBER = Kind("a whole number", read_number, _is_number)
FLAG = Kind("true or false", read_flag, _is_flag)
TEXT = Kind("text", read_text, _is_text, folded, _contains)
TEAMS = Kind("text, or an array of texts", read_text, _is_texts, folded_teams, _contains)
CODE = Kind("text", read_code, _is_text, folded)
UNIQUE_ID = Kind("a UUID", read_unique_id, _is_text)
INSTANT = Kind(
    "a date such as 2025-12-31T23:59", read_instant, _is_text, matches=_in_the_same_second
)
ANY = Kind("any value", read_code, _anything, _as_text)
"""What a client wrote under a name that no field has: found by its whole text."""
