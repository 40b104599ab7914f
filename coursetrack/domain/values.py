"""The plain values that everything is made of: ids, texts, instants, JSON.

Each ``as_…`` function takes a field's name and any object, and returns the value in its one
normal form or raises :class:`~coursetrack.errors.InvalidValue`.
"""

import hashlib  # noqa: F401  (uuid5 loads it on its first call, and only imports open files)
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from hashlib import sha1
from itertools import count
from json import JSONEncoder
from math import isfinite
from operator import attrgetter
from types import MappingProxyType
from typing import Any, NoReturn, TypeVar
from uuid import UUID

from coursetrack.errors import InvalidValue

Value = TypeVar("Value")

MAX_ID = 2**63 - 1
_MAX_DEPTH = 32
_MOST_VALUES = 100_000
_compact = JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_VARIANTS = MappingProxyType({digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"})
_numerator = attrgetter("_numerator")
_denominator = attrgetter("_denominator")
_IS_UNIQUE_ID = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}").fullmatch
_FINEST = Decimal("1e-30")
_LARGEST_DENOMINATOR = 10**1000  # so that every exact number can be written out and read again
_NAMESPACE = UUID("6f0e5f4e-54b1-5c0e-9a63-3c1d2d8f7b10").bytes
_BEGUN = sha1(_NAMESPACE, usedforsecurity=False)
_encoded = JSONEncoder(sort_keys=True).encode
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def as_id(field: str, value: object) -> int:
    """An id: an integer from 1 to 2**63 - 1. A bool is none."""
    if type(value) is int and 0 < value <= MAX_ID:
        return value
    return _as_int(field, value, 1, MAX_ID, "2**63 - 1")


def as_int(field: str, value: object, *, low: int, high: int) -> int:
    """An integer between `low` and `high`, both included. A bool is none."""
    return _as_int(field, value, low, high, high)


def _as_int(field: str, value: object, low: int, high: int, named: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        # Taken as it is stored, and then looked at: a subclass may compare and convert as it likes.
        number = int.__int__(value)
        if low <= number <= high:
            return number
    raise InvalidValue.of(field, value, f"an integer from {low} to {named}")


def as_exact(field: str, value: object, expected: str) -> Fraction:
    """A number exactly as it is written: ``0.9`` is nine tenths. Between -10**9 and 10**9."""
    exact = None
    # Taken as it is stored, whatever a subclass says of itself.
    if isinstance(value, float) and isfinite(value):
        exact = Fraction(float.__repr__(value))
    elif isinstance(value, Decimal):
        # Asked before it is expanded: a decimal of few digits can stand for a number of millions.
        # Its size is that of a copy: `abs` rounds as the context says, and may raise.
        stored = Decimal(value)
        if stored.is_finite() and (not stored or _FINEST <= stored.copy_abs() <= 10**9):
            exact = Fraction(stored)
    elif isinstance(value, Fraction):
        exact = Fraction(_numerator(value), _denominator(value))
    elif isinstance(value, int) and not isinstance(value, bool):
        exact = Fraction(int.__int__(value))
    if exact is None or abs(exact) > 10**9 or exact.denominator > _LARGEST_DENOMINATOR:
        raise InvalidValue.of(field, value, expected)
    return exact


def as_share(field: str, value: object) -> Fraction:
    """A share above 0 and at most 1, exactly as it is written."""
    expected = "a fraction above 0 and at most 1"
    exact = as_exact(field, value, expected)
    if not 0 < exact <= 1:
        raise InvalidValue.of(field, value, expected)
    return exact


def as_bool(field: str, value: object) -> bool:
    """True or False and nothing that merely looks like it."""
    if value is True or value is False:
        return value
    raise InvalidValue.of(field, value, "True or False")


def as_text(field: str, value: object) -> str:
    """Text that can be written as UTF-8: no lone surrogates."""
    if not isinstance(value, str):
        raise InvalidValue.of(field, value, "text")
    text = str.__str__(value)  # an enumeration's member is its value here, not its name
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise InvalidValue.of(field, value, "text without lone surrogates") from None
    return text


def as_optional_text(field: str, value: object) -> str | None:
    """Text, or None."""
    return None if value is None else as_text(field, value)


def as_texts(field: str, value: object) -> tuple[str, ...]:
    """A tuple of texts from any iterable of texts that is not itself a text."""
    if isinstance(value, str | bytes) or not isinstance(value, Iterable):
        raise InvalidValue.of(field, value, "a tuple of texts")
    return tuple(as_text(field, item) for item in value)


def as_iterable(field: str, value: Iterable[Value]) -> Iterable[Value]:
    """Anything that can be iterated over, as it is."""
    if not isinstance(value, Iterable):
        raise InvalidValue.of(field, value, "an iterable")
    return value


def as_unique_id(field: str, value: object) -> str:
    """A UUID as lower-case text with dashes."""
    if type(value) is str and _IS_UNIQUE_ID(value):  # as nearly all are: no UUID has to be made
        return value
    if isinstance(value, UUID):
        return UUID.__str__(value)
    text = str.__str__(value) if isinstance(value, str) else ""
    if len(text) == 36 and text.isascii():
        try:
            found = str(UUID(text))
        except ValueError:
            found = ""
        if found == text.lower():
            return found
    raise InvalidValue.of(field, value, "a UUID such as a1b2c3d4-e5f6-7890-abcd-ef1234567890")


def derived_unique_id(kind: str, id_: int) -> str:
    """The unique id of an entity that was given none: a uuid5 of its kind and id, never random."""
    # What uuid.uuid5 does, some four times faster: every record of every page has one. The hash
    # that all begin with is copied, which is cheaper than to begin one. The values are in people's
    # databases, so they stay what they are; a cheaper hash would give others.
    hashed = _BEGUN.copy()
    hashed.update(f"{kind}/{id_}".encode())
    text = hashed.hexdigest()
    fourth = f"{_VARIANTS[text[16]]}{text[17:20]}"
    return f"{text[:8]}-{text[8:12]}-5{text[13:16]}-{fourth}-{text[20:32]}"


def derived_unique_number(kind: str, id_: int) -> int:
    """What :func:`derived_unique_id` is as a number of 128 bits, without writing it as text."""
    hashed = _BEGUN.copy()
    hashed.update(f"{kind}/{id_}".encode())
    return int.from_bytes(hashed.digest()[:16]) & _FREE_BITS | _VERSION_AND_VARIANT


_FREE_BITS = ~(0xF << 76 | 0x3 << 62)
_VERSION_AND_VARIANT = 0x5 << 76 | 0x2 << 62


def may_be_derived(unique_id: str) -> bool:
    """Whether a unique id has the form of a derived one: version 5. Random ones have version 4."""
    return unique_id[14] == "5"


def as_instant(field: str, value: object) -> datetime:
    """An aware instant, turned to UTC. A naive one is refused: nobody can know what it means."""
    if not isinstance(value, datetime):
        raise InvalidValue.of(field, value, "an aware datetime")
    if type(value) is datetime and value.tzinfo is UTC:
        return value
    # datetime's own methods: a subclass may answer as it likes, and so may a zone, or raise.
    try:
        ahead = datetime.utcoffset(value)
        moved = None if ahead is None else datetime.astimezone(value, UTC)
    except OverflowError:
        raise InvalidValue.of(field, value, "an instant within the years 1 to 9999 UTC") from None
    except Exception as error:
        expected = "an aware datetime whose time zone has an offset"
        raise InvalidValue.of(field, value, expected) from error
    if moved is None:
        raise InvalidValue.of(field, value, "an aware datetime (this one has no time zone)")
    if type(moved) is datetime:
        return moved
    return datetime.combine(datetime.date(moved), datetime.time(moved), tzinfo=UTC)


def as_optional_instant(field: str, value: object) -> datetime | None:
    """An aware instant in UTC, or None."""
    return None if value is None else as_instant(field, value)


def microseconds(at: datetime) -> int:
    """Whole microseconds since 1970-01-01 UTC, exactly."""
    return (at - _EPOCH) // _MICROSECOND


def instant(since_epoch: int) -> datetime:
    """The inverse of :func:`microseconds`."""
    return _EPOCH + timedelta(microseconds=since_epoch)


class FrozenDict(dict[str, Any]):
    """A JSON object that cannot be changed. Equal to a dict with the same items; hashable."""

    __slots__ = ()

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise TypeError("this mapping is part of a frozen record; build a new record instead")

    __setitem__: Any = _refuse
    __delitem__: Any = _refuse
    clear: Any = _refuse
    popitem: Any = _refuse
    pop: Any = _refuse
    setdefault: Any = _refuse
    update: Any = _refuse
    __ior__: Any = _refuse

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))

    def __reduce__(self) -> tuple[type, tuple[dict[str, Any]]]:
        return FrozenDict, (dict(self),)

    def __copy__(self) -> "FrozenDict":
        return self

    def __deepcopy__(self, _: object) -> "FrozenDict":
        return self


def as_json(field: str, value: object) -> Any:
    """A JSON value made immutable: objects become frozen dicts, arrays tuples.

    At most 32 deep, and of at most 100,000 values: a list that holds the same list twice, and so
    on, is small in memory and grows beyond all bounds once it is written.
    """
    return _frozen(field, value, 0, count())


def _frozen(field: str, value: object, depth: int, counted: "count[int]") -> Any:
    if next(counted) < _MOST_VALUES:
        if value is None or value is True or value is False:
            return value
        if isinstance(value, str):
            return as_text(field, value)
        if isinstance(value, int) and abs(number := int.__int__(value)) <= MAX_ID:
            return number
        if isinstance(value, float) and isfinite(real := float.__float__(value)):
            return real
        if depth < _MAX_DEPTH and isinstance(value, Mapping):
            return FrozenDict(
                {
                    as_text(field, key): _frozen(field, item, depth + 1, counted)
                    for key, item in value.items()
                }
            )
        if depth < _MAX_DEPTH and isinstance(value, list | tuple):
            return tuple(_frozen(field, item, depth + 1, counted) for item in value)
    raise InvalidValue.of(
        field,
        value,
        f"a JSON value, at most {_MAX_DEPTH} deep, of at most {_MOST_VALUES} values, "
        "integers of 64 bits",
    )


def json_text(value: Any) -> str | None:
    """A value of :func:`as_json` as text, the same for the same JSON and no other; None for None.

    Python holds 1, 1.0 and True for equal, and JSON tells them apart. O(length of the text).

    >>> json_text({"b": 1, "a": True}) == json_text({"a": 1, "b": 1})
    False
    """
    return None if value is None else _encoded(value)


def compact_json(value: Any) -> str:
    """A value of :func:`as_json` as the endpoint sends it, in the order of its keys.

    It is ``json.dumps(value, ensure_ascii=False, separators=(",", ":"))``. O(length of the text).

    >>> compact_json({"b": [1, None], "a": "é"})
    '{"b":[1,null],"a":"é"}'
    """
    return _compact(value)


def thawed(value: Any) -> Any:
    """The inverse of :func:`as_json`: fresh dicts and lists, ready for ``json.dumps``."""
    if isinstance(value, dict):
        return {key: thawed(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [thawed(item) for item in value]
    return value


def percent(share: Fraction) -> str:
    """A share as text, cut and not rounded: what is below a threshold must not read like it."""
    return f"{int(share * 10_000) / 100:g} %"


def few(label: str, items: list[str]) -> str:
    """``label a, b, c and 4 more``; no text for no items."""
    more = f" and {len(items) - 3} more" if len(items) > 3 else ""
    return f"{label} {', '.join(items[:3])}{more}" if items else ""
