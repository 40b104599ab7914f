"""What differs between two values: which field of which record, what was got, what expected.

::

    the completed lessons: record 3 (lesson 10, member 7): updated_by
         got: 'admin'
    expected: None
"""

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from coursetrack.domain.entities import CompletedLesson

Difference = tuple[str, object, object]
"""Where, what was got, what was expected."""


def same(what: str, got: object, expected: object) -> None:
    """Fails, saying what differs and where, unless the two are equal."""
    if got == expected:
        return
    where, mine, theirs = difference(what, got, expected)
    raise AssertionError(f"{where}\n     got: {_told(mine)}\nexpected: {_told(theirs)}")


def difference(what: str, got: Any, expected: Any) -> Difference:
    """The first difference within two values that are not equal, and its place in words."""
    if _are_listed(got) and _are_listed(expected):
        return _of_listed(what, got, expected)
    if isinstance(got, Mapping) and isinstance(expected, Mapping):
        return _of_mappings(what, got, expected)
    if type(got) is type(expected) and attrs.has(type(got)):
        return _of_fields(what, got, expected)
    return what, got, expected


def _are_listed(values: Any) -> bool:
    """Whether these are things with ids: entities, records."""
    return (
        isinstance(values, Sequence)
        and not isinstance(values, str)
        and all(attrs.has(type(each)) and hasattr(each, "id") for each in values)
    )


def _of_listed(what: str, got: Sequence[Any], expected: Sequence[Any]) -> Difference:
    mine, theirs = ({_key(each): each for each in values} for values in (got, expected))
    for key, each in theirs.items():
        if key not in mine:
            return f"{what}: {_name(each)} is missing", None, each
        if mine[key] != each:
            return difference(f"{what}: {_name(each)}", mine[key], each)
    for key, each in mine.items():
        if key not in theirs:
            return f"{what}: {_name(each)} should not be there", each, None
    return f"{what}: the order of ids", [each.id for each in got], [each.id for each in expected]


def _key(entity: Any) -> tuple[str, int]:
    return type(entity).__name__, entity.id


def _name(entity: Any) -> str:
    if isinstance(entity, CompletedLesson):
        return f"record {entity.id} (lesson {entity.lesson_id}, member {entity.member_id})"
    return f"{type(entity).__name__} {entity.id}"


def _of_mappings(what: str, got: Mapping[Any, Any], expected: Mapping[Any, Any]) -> Difference:
    for key in (*expected, *got):
        if key not in got:
            return f"{what}: {key} is missing", None, expected[key]
        if key not in expected:
            return f"{what}: {key} should not be there", got[key], None
        if got[key] != expected[key]:
            return difference(f"{what}: {key}", got[key], expected[key])
    return what, got, expected


def _of_fields(what: str, got: Any, expected: Any) -> Difference:
    for field in attrs.fields(type(got)):
        if not field.eq:
            continue
        mine, theirs = getattr(got, field.name), getattr(expected, field.name)
        if mine != theirs:
            return difference(f"{what}: {field.name}", mine, theirs)
    return what, got, expected


def _told(value: object) -> str:
    if isinstance(value, type):
        return value.__name__  # the kind of an error; None where nothing was raised
    return repr(value)
