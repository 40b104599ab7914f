"""The kinds of value that a property may hold: read from a query, taken from a body, compared.

A kind is made of plain functions, and the language is the main list's: its readers, its texts.
"""

import json
import operator
from collections.abc import Callable
from datetime import datetime
from types import MappingProxyType
from typing import Any

import attrs

from coursetrack.domain.folding import continuing, finder, folded, folded_teams
from coursetrack.endpoint.instants import read_instant
from coursetrack.endpoint.readers import expected, read_id, read_unique_id
from coursetrack.endpoint.vocabulary import read_text

_FLAGS = MappingProxyType({"true": True, "false": False})


@attrs.frozen
class Kind:
    """What values of this kind are, in words, and what is done with them.

    `read` turns a filter's text into what is wanted; `key` is what is compared and sorted by, with
    or without accents;
    `matches` takes the key that a record has and the key that is wanted. `holds` says whether a
    body's value is one, and `take` makes it what is kept.
    """

    words: str
    read: Callable[[str], object]
    holds: Callable[[object], bool]
    key: Callable[[Any, bool], Any] = lambda value, _: value
    matches: Callable[[Any, Any], bool] = operator.eq
    take: Callable[[Any], Any] = lambda value: value

    def finds(self, value: object, wanted: object, *, accents: bool) -> bool:
        """Whether a record with this value is found by a filter that wants that one."""
        if wanted is ANY_VALUE:
            return value is not None
        part = self.key(wanted, accents)
        if part == "" and self.matches is _contains:
            return True  # of a text of nothing but accents nothing is left to look for
        return value is not None and self.matches(self.key(value, accents), part)


ANY_VALUE: Any = object()
"""What a filter wants that says ``notnull``."""


def read_reference(text: str) -> Any:
    """An id, or ``notnull`` for any: the service's own dashboard asks so."""
    return ANY_VALUE if text.lower() == "notnull" else read_id(text)


def read_flag(text: str) -> bool:
    """true or false, in any case."""
    if text.lower() not in _FLAGS:
        raise expected("true or false", text)
    return _FLAGS[text.lower()]


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
    return isinstance(value, bool) or (_is_text(value) and value.lower() in _FLAGS)  # type: ignore[attr-defined]


def _as_flag(value: bool | str) -> bool:
    return _FLAGS[value.lower()] if isinstance(value, str) else value


def _is_texts(value: object) -> bool:
    return _is_text(value) or (isinstance(value, list) and all(map(_is_text, value)))


def _anything(_: object) -> bool:
    return True


def _in_the_same_second(value: datetime, wanted: datetime) -> bool:
    return value.replace(microsecond=0) == wanted.replace(microsecond=0)


def _contains(text: str, part: str) -> bool:
    """Whether `part` stands in `text` and ends with a whole letter there, accents and all."""
    return finder(part, continuing([text]))(text, 0) >= 0


def _text_key(value: str, accents: bool) -> str:
    return folded(value, accents=accents)


def _teams_key(value: str, accents: bool) -> str:
    return folded_teams(value, accents=accents)


def _any_key(value: object, accents: bool) -> str:
    return folded(value if isinstance(value, str) else json.dumps(value), accents=accents)


ID = Kind("an id, a whole number from 1", read_id, _is_number_above_0)
NUMBER = Kind("a whole number", read_number, _is_number)
REFERENCE = Kind("an id, a whole number from 1", read_reference, _is_number_above_0)
FLAG = Kind("true or false", read_flag, _is_flag, take=_as_flag)
"""A body may say it as text: one public client sends no other."""
TEXT = Kind("text", read_text, _is_text, _text_key, _contains)
TEAMS = Kind("text, or an array of texts", read_text, _is_texts, _teams_key, _contains)
CODE = Kind("text", read_code, _is_text, _text_key)
UNIQUE_ID = Kind("a UUID", read_unique_id, _is_text)
INSTANT = Kind(
    "a date such as 2025-12-31T23:59", read_instant, _is_text, matches=_in_the_same_second
)
ANY = Kind("any value", read_code, _anything, _any_key)
"""What a client wrote under a name that no field has: found by its whole text."""
