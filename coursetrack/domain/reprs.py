"""How values show themselves: shortly in a terminal, as a table in a notebook.

::

    >>> from coursetrack.domain.entities import Lesson
    >>> Lesson(id=10, course_id=1, title="Welcome")
    Lesson(id=10, course_id=1, title='Welcome')

A field that is as it usually is, is left out; of a long collection only the number of its items
is told, and an instant is told as text.
"""

from collections.abc import Container, Iterable, Sized
from datetime import datetime
from enum import Enum
from html import escape
from typing import Any

import attrs

from coursetrack.errors import shown

FEW = 3
"""The most items of a collection that are spelled out."""


def short_repr(value: Any, without: Container[str] = ()) -> str:
    """The repr of an attrs value: its class, and the fields that are not as usual. O(fields)."""
    fields = ((each, getattr(value, each.name)) for each in attrs.fields(type(value)) if each.init)
    told = ", ".join(
        f"{field.alias}={_told(item)}"
        for field, item in fields
        if item != field.default and field.name not in without
    )
    return f"{type(value).__name__}({told})"


def _told(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, Enum):
        return f"{type(value).__name__}.{value.name}"
    if isinstance(value, Sized) and not isinstance(value, str | bytes) and len(value) > FEW:
        return f"<{len(value)} items>"
    if attrs.has(type(value)):
        return repr(value)  # short already
    if isinstance(value, tuple):
        inside = ", ".join(map(_told, value))
        return f"({inside},)" if len(value) == 1 else f"({inside})"
    return shown(value)


def html_table(caption: str, heads: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """A plain HTML table for notebooks; every text in it is escaped. O(length)."""
    head = "".join(f"<th>{escape(each)}</th>" for each in heads)
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(_cell(cell))}</td>' for cell in row)}</tr>" for row in rows
    )
    return (
        f"<table><caption>{escape(caption)}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )


def _cell(value: object) -> str:
    if value is None:
        return ""
    return _told(value) if isinstance(value, datetime) else str(value)
