"""Facts as plain values that any JSON library can write, and back, strictly.

Instants are ISO texts in UTC to the microsecond, exact fractions are texts such as ``"9/10"``,
enumerations their numbers, tuples lists, and criteria and events objects with their ``"kind"``.
What comes back is checked in full: exactly the right keys, each of the right form;
:class:`~coursetrack.errors.InvalidSnapshot` says where it is not.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from fractions import Fraction
from types import MappingProxyType
from typing import Any, NoReturn, TypeVar

import attrs

from coursetrack.domain.criteria.combined import MAX_DEPTH
from coursetrack.domain.criteria.criterion import Criterion
from coursetrack.domain.entities import CompletedLesson, Lesson
from coursetrack.domain.events import Event
from coursetrack.domain.facts import Fact, RememberedEvent
from coursetrack.domain.growing import Pieces
from coursetrack.domain.kinds import ENTITY_KINDS, EVENT_KINDS, KINDS, Kinds
from coursetrack.domain.values import MAX_ID, FrozenDict, derived_unique_id, thawed
from coursetrack.errors import InvalidSnapshot, InvalidValue, nearest, shown

Plain = dict[str, Any]
Made = TypeVar("Made")


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
    return {name: _plain(getattr(value, place)) for name, place in _fields(type(value))}


def _plain(value: Any) -> Any:
    if type(value) in _AS_THEY_ARE:
        return value
    if isinstance(value, datetime):
        return plain_instant(value)
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    if isinstance(value, tuple | Pieces):
        return [_plain(item) for item in value]
    if isinstance(value, FrozenDict):
        return thawed(value)
    if isinstance(value, Criterion):
        return {"kind": type(value).__name__, **_plain_fields(value)}
    return int(value)  # of an enumeration


def _fields(kind: type) -> Iterable[tuple[str, str]]:
    """The name of each field in a plain value, and of the attribute that has its value."""
    return _NAMES[kind].items() if kind in _NAMES else _named(kind).items()


def _named(kind: type) -> Mapping[str, str]:
    # By the names under which a value is made: `criterion` is how a lesson was told of its own.
    names = {each.alias or each.name: each.name for each in attrs.fields(kind) if each.init}
    return {name: name if place.startswith("_") else place for name, place in names.items()}


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


def fact_kinds(kinds: Kinds = KINDS) -> Mapping[str, type[Any]]:
    """The kinds of fact by name."""
    return {
        **ENTITY_KINDS,
        **kinds.evidence,
        RememberedEvent.__name__: RememberedEvent,
    }


def read_fact(kind: str, value: object, where: str, kinds: Kinds = KINDS) -> Fact:
    """The fact of this kind that :func:`plain_fact` wrote as `value`."""
    if kind == RememberedEvent.__name__:
        return _read_remembered(value, where)
    if kind == CompletedLesson.__name__:
        return _read_completed(value, where)
    if kind == Lesson.__name__:
        return _read_lesson(value, where, kinds)
    made: Fact = _read_fields(_BUILT_IN.get(kind) or fact_kinds(kinds)[kind], value, where)
    if kind not in _BUILT_IN and _plain_fields(made) != value:
        refuse(where, value, f"what {kind} writes of itself")
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


def _read_lesson(value: object, where: str, kinds: Kinds) -> Lesson:
    fields = _read_each(Lesson, value, where)
    if fields["criterion"] is not None:
        fields["criterion"] = read_criterion(fields["criterion"], f"{where}.criterion", kinds)
    return _checked(where, Lesson, **fields)


def read_criterion(
    value: object, where: str, kinds: Kinds = KINDS, depth: int = MAX_DEPTH
) -> Criterion:
    """The criterion whose plain value this is: a ``"kind"`` and the fields of that kind."""
    if not isinstance(value, dict) or depth < 0:
        refuse(where, value, f"a criterion, nested at most {MAX_DEPTH} deep")
    kind = kinds.criteria[read_kind(value.get("kind"), f"{where}.kind", kinds.criteria)]
    told = {key: item for key, item in value.items() if key != "kind"}
    fields = {
        name: _read_part(item, f"{where}.{name}", kinds, depth)
        for name, item in read_object(told, where, (name for name, _ in _fields(kind))).items()
    }
    made = _checked(where, lambda **told: kind.of_plain(told), **fields)
    if _plain(made) != value:
        refuse(where, value, f"what {kind.__name__} writes of itself, which is {_plain(made)}")
    return made


def _read_part(value: object, where: str, kinds: Kinds, depth: int) -> Any:
    if isinstance(value, dict):
        return read_criterion(value, where, kinds, depth - 1)
    if isinstance(value, list):
        return tuple(
            _read_part(item, f"{where}[{place}]", kinds, depth) for place, item in enumerate(value)
        )
    return _read_number(value, where)


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
        for name, item in read_object(value, where, (name for name, _ in _fields(kind))).items()
    }


def _checked(where: str, make: Callable[..., Made], *args: Any, **fields: Any) -> Made:
    try:
        return make(*args, **fields)
    except InvalidValue as wrong:
        place = f"{where}.{wrong.field}" if fields and wrong.field else where
        told = f"expected {wrong.expected}, got {shown(wrong.value)}" if wrong.expected else wrong
        raise InvalidSnapshot(f"{place}: {told}", value=wrong.value) from None


def _read_share(value: object, where: str) -> Fraction | None:
    return None if value is None else _read_fraction(value, where)


def _read_fraction(value: object, where: str) -> Fraction:
    exact = _fraction(value)
    if exact is None:
        refuse(where, value, "an exact number in lowest terms such as '9/10'")
    return exact


def _read_number(value: object, where: str) -> Any:
    """A fraction where it is one, else the value as it is."""
    exact = _fraction(value)
    return value if exact is None else exact


def _fraction(value: object) -> Fraction | None:
    if isinstance(value, str) and len(value) <= _SHARE_LENGTH and value.isascii():
        above, _, below = value.partition("/")
        if above.removeprefix("-").isdigit() and below.isdigit() and int(below) > 0:
            exact = Fraction(int(above), int(below))
            return exact if _plain(exact) == value else None
    return None


def _read_best(value: object, where: str) -> Any:
    best = []
    for place, each in enumerate(read_list(value, where)):
        pair, here = read_list(each, f"{where}[{place}]"), f"{where}[{place}]"
        if len(pair) != 2:
            refuse(here, pair, "a share and an instant")
        best.append((_read_fraction(pair[0], here), read_instant(pair[1], here)))
    return tuple(best)


def _read_at(value: object, where: str) -> datetime | None:
    return None if value is None else read_instant(value, where)


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
    "at": _read_at,
    "created_on": read_instant,
    "updated_on": read_instant,
    "video_coverage": _read_share,
    "unique_id": _read_unique_id,
    "team_names": _read_tuple,
    "stretches": _read_stretches,
    "spans": _read_stretches,
    "durations": _read_tuple,
    "best": _read_best,
    "score": _read_fraction,
    "out_of": _read_fraction,
    "lesson_id": _read_id,
    "member_id": _read_id,
}

_BUILT_IN = fact_kinds()
_NAMES: Mapping[type, Mapping[str, str]] = MappingProxyType(
    {kind: _named(kind) for kind in (*_BUILT_IN.values(), *EVENT_KINDS.values())}
)
