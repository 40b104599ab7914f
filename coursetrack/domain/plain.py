"""Facts as plain values that any JSON library can write, and back, strictly.

Instants are ISO texts in UTC to the microsecond, shares are texts such as ``"9/10"``, enumerations
their numbers, tuples lists. What comes back is checked in full: exactly the right keys, each of
the right form; :class:`~coursetrack.errors.InvalidSnapshot` says where it is not.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from fractions import Fraction
from types import MappingProxyType
from typing import Any, NoReturn, TypeVar

import attrs

from coursetrack.domain.entities import CompletedLesson
from coursetrack.domain.events import ButtonClick, Event, PageVisit, VideoFinish, VideoProgress
from coursetrack.domain.facts import FACT_KINDS, Fact, RememberedEvent
from coursetrack.domain.values import MAX_ID, FrozenDict, derived_unique_id, thawed
from coursetrack.errors import InvalidSnapshot, InvalidValue, nearest, shown

Plain = dict[str, Any]
Made = TypeVar("Made")

EVENT_KINDS: Mapping[str, type[Event]] = MappingProxyType(
    {kind.__name__: kind for kind in (PageVisit, ButtonClick, VideoFinish, VideoProgress)}
)
"""The kinds of event by name."""


def refuse(where: str, value: object, expected: str) -> NoReturn:
    """Raises the InvalidSnapshot that says what was expected at `where`."""
    raise InvalidSnapshot(f"{where}: expected {expected}, got {shown(value)}", value=value)


# -- writing


def plain_fact(fact: Fact) -> Plain:
    """The fields of `fact` by name, as fresh plain values."""
    if isinstance(fact, RememberedEvent):
        return {"place": fact.place, "event": plain_event(fact.event)}
    return _plain_fields(fact)


def plain_event(event: Event) -> Plain:
    """The fields of `event` by name, and its ``"kind"``."""
    return {"kind": type(event).__name__, **_plain_fields(event)}


def plain_instant(at: datetime) -> str:
    """``2025-01-10T08:00:00Z``, with a fraction of a second where there is one."""
    return at.isoformat().removesuffix("+00:00") + "Z"


def _plain_fields(value: Any) -> Plain:
    return {name: _plain(getattr(value, name)) for name in _NAMES[type(value)]}


def _plain(value: Any) -> Any:
    if type(value) in _AS_THEY_ARE:
        return value
    if isinstance(value, datetime):
        return plain_instant(value)
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, FrozenDict):
        return thawed(value)
    return int(value)  # of an enumeration


_SHARE_LENGTH = 2_100
_AS_THEY_ARE = frozenset({type(None), bool, int, float, str})


# -- reading


def read_object(value: object, where: str, names: Iterable[str]) -> Mapping[str, Any]:
    """`value`, which is an object with exactly these keys."""
    names = tuple(names)
    if not isinstance(value, dict):
        refuse(where, value, f"an object with {', '.join(names)}")
    for key in value:
        if key not in names:
            near = nearest(key, names) if isinstance(key, str) else None
            hint = f" (did you mean {near!r}?)" if near else ""
            refuse(where, key, f"no key but {', '.join(names)}{hint}")
    for name in names:
        if name not in value:
            refuse(f"{where}.{name}", None, "a value, as every key must be there")
    return value


def read_list(value: object, where: str) -> list[Any]:
    """`value`, which is a list."""
    if not isinstance(value, list):
        refuse(where, value, "a list")
    return value


def read_int(value: object, where: str, *, low: int, high: int) -> int:
    """`value`, which is an integer between `low` and `high`, both included."""
    if type(value) is not int or not low <= value <= high:
        refuse(where, value, f"an integer from {low} to {high}")
    return value


def read_instant(value: object, where: str) -> datetime:
    """The instant that :func:`plain_instant` wrote as `value`, and no other spelling of it."""
    if isinstance(value, str) and len(value) <= len("2025-01-10T08:00:00.000000Z"):
        try:
            at = datetime.fromisoformat(value)
        except ValueError:
            at = None
        if at is not None and at.tzinfo is not None and plain_instant(at) == value:
            return at
    refuse(where, value, "an instant such as 2025-01-10T08:00:00Z")


def read_fact(kind: str, value: object, where: str) -> Fact:
    """The fact of this kind that :func:`plain_fact` wrote as `value`."""
    if kind == RememberedEvent.__name__:
        return _read_remembered(value, where)
    if kind == CompletedLesson.__name__:
        return _read_completed(value, where)
    made: Fact = _read_fields(FACT_KINDS[kind], value, where)
    return made


def read_kind(value: object, where: str, kinds: Mapping[str, type]) -> str:
    """`value`, which is one of these names."""
    if isinstance(value, str) and value in kinds:
        return value
    near = nearest(value, kinds) if isinstance(value, str) else None
    hint = f" (did you mean {near!r}?)" if near else ""
    refuse(where, value, f"one of {', '.join(kinds)}{hint}")


def _read_completed(value: object, where: str) -> CompletedLesson:
    fields = _read_each(CompletedLesson, value, where)
    id_ = read_int(fields["id"], f"{where}.id", low=1, high=MAX_ID)
    # What the id derives is left out again, as the repository does: it is hashed once here
    # instead of each time somebody asks whether the unique id is a given one.
    if fields["unique_id"] == derived_unique_id(CompletedLesson.__name__, id_):
        fields["unique_id"] = ""
    return _checked(where, CompletedLesson, **fields)


def _read_remembered(value: object, where: str) -> RememberedEvent:
    found = read_object(value, where, ("place", "event"))
    event = read_event(found["event"], f"{where}.event")
    return _checked(where, RememberedEvent, place=found["place"], event=event)


def read_event(value: object, where: str) -> Event:
    """The event that :func:`plain_event` wrote as `value`."""
    if not isinstance(value, dict):
        refuse(where, value, "an object")
    kind = EVENT_KINDS[read_kind(value.get("kind"), f"{where}.kind", EVENT_KINDS)]
    fields = {key: item for key, item in value.items() if key != "kind"}
    return _read_fields(kind, fields, where)


def _read_fields(kind: type[Made], value: object, where: str) -> Made:
    return _checked(where, kind, **_read_each(kind, value, where))


def _read_each(kind: type, value: object, where: str) -> dict[str, Any]:
    return {
        name: _READERS[name](item, f"{where}.{name}") if name in _READERS else item
        for name, item in read_object(value, where, _NAMES[kind]).items()
    }


def _checked(where: str, make: Callable[..., Made], *args: Any, **fields: Any) -> Made:
    try:
        return make(*args, **fields)
    except InvalidValue as wrong:
        place = f"{where}.{wrong.field}" if fields and wrong.field else where
        told = f"expected {wrong.expected}, got {shown(wrong.value)}" if wrong.expected else wrong
        raise InvalidSnapshot(f"{place}: {told}", value=wrong.value) from None


def _read_share(value: object, where: str) -> Fraction | None:
    if value is None:
        return None
    if isinstance(value, str) and len(value) <= _SHARE_LENGTH and value.isascii():
        above, _, below = value.partition("/")
        if above.isdigit() and below.isdigit() and int(below) > 0:
            share = Fraction(int(above), int(below))
            if _plain(share) == value:
                return share
    refuse(where, value, "a share in lowest terms such as '9/10', or None")


def _read_unique_id(value: object, where: str) -> object:
    # An entity takes none for "derive it", but what was written always had one.
    return value if value else refuse(where, value, "a UUID")


def _read_tuple(value: object, where: str) -> tuple[Any, ...]:
    return tuple(read_list(value, where))


def _read_stretches(value: object, where: str) -> tuple[Any, ...]:
    return tuple(read_list(each, where) for each in read_list(value, where))


def _read_id(value: object, where: str) -> int:
    return read_int(value, where, low=0, high=2**63 - 1)


_READERS: dict[str, Callable[[object, str], Any]] = {
    "at": read_instant,
    "created_on": read_instant,
    "updated_on": read_instant,
    "video_coverage": _read_share,
    "unique_id": _read_unique_id,
    "team_names": _read_tuple,
    "stretches": _read_stretches,
    "durations": _read_tuple,
    "lesson_id": _read_id,
    "member_id": _read_id,
}

_NAMES: Mapping[type, tuple[str, ...]] = MappingProxyType(
    {
        kind: tuple(field.name for field in attrs.fields(kind))
        for kind in (*FACT_KINDS.values(), *EVENT_KINDS.values())
    }
)
