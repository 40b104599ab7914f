"""One thing wrong with a request, told in a bounded length that any JSON writer can write."""

from math import isfinite

from coursetrack.domain.values import MAX_ID
from coursetrack.errors import Problem

_SHOWN = 80


def problem(name: str, message: str, attempted: object = None) -> Problem:
    """The problem with the property `name`; what was sent is cut at 80 characters. O(1)."""
    return Problem(cut(name), message, shown_attempt(attempted))


def cut(text: str) -> str:
    """At most 80 characters of `text`; what cannot be written as UTF-8 becomes ``?``."""
    return text[:_SHOWN].encode(errors="replace").decode()


def shown_attempt(value: object) -> str | int | float | None:
    """What was sent, as ``AttemptedValue`` shows it: plain values as they are, the rest by kind."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return cut(value)
    if isinstance(value, int):
        return value if -MAX_ID <= value <= MAX_ID else f"an integer of {value.bit_length()} bits"
    if isinstance(value, float):
        return value if isfinite(value) else str(value)
    return kind_of(value)


def kind_of(value: object) -> str:
    """What kind of JSON value this is, in words."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list | tuple):
        return "an array"
    return cut(f"a {type(value).__name__}")
