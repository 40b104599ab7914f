"""Values as the Python that makes them: what a failure prints can be pasted and run."""

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from fractions import Fraction
from typing import Any

import attrs


def code(value: Any) -> str:
    """A value as Python makes it. What an entity or event has anyway is left out."""
    if isinstance(value, Enum):
        return f"{type(value).__name__}.{value.name}"
    if isinstance(value, datetime):
        parts = [value.year, value.month, value.day, value.hour, value.minute]
        parts += [value.second, value.microsecond]
        while len(parts) > 3 and parts[-1] == 0:
            parts.pop()
        return f"datetime({', '.join(map(str, parts))}, tzinfo=UTC)"
    if isinstance(value, Fraction):
        return f"Fraction({value.numerator}, {value.denominator})"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{code(k)}: {code(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return f"[{', '.join(map(code, value))}]"
    if isinstance(value, tuple):
        return f"({', '.join(map(code, value))}{',' * (len(value) == 1)})"
    return _made(value) if attrs.has(type(value)) else repr(value)


def _made(value: Any) -> str:
    given = [
        f"{field.alias}={code(getattr(value, field.name))}"
        for field in attrs.fields(type(value))
        if field.init and not _is_usual(value, field)
    ]
    return f"{type(value).__name__}({', '.join(given)})"


def _is_usual(value: Any, field: Any) -> bool:
    if field.default is attrs.NOTHING:
        return False
    without = {
        each.alias: getattr(value, each.name)
        for each in attrs.fields(type(value))
        if each.init and each.name != field.name
    }
    try:
        usual = getattr(type(value)(**without), field.name)
    except Exception:
        return False
    return bool(usual == getattr(value, field.name))
