"""Events as tuples of integers and texts: the way they travel, and the columns they come in.

::

    ("PageVisit", 7, 10, 1736496000000000)                      kind, member, lesson, microseconds
    ("PageVisit", 7, 10, 1736496000000000, "e-1")               with an event_id
    ("VideoProgress", 7, 10, 1736496000000000, None, 0, 30000, 60000)     what the kind has besides

Instants are whole microseconds since 1970 (UTC), seconds are whole milliseconds, which is all that
two equal events have in common, and exact numbers are texts such as ``"9/10"``. A pickled tuple
takes half the bytes of a pickled event, and a tenth of the time.
"""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType
from typing import Any

import attrs

from coursetrack.domain.events import Event, PageVisit, milliseconds
from coursetrack.domain.kinds import EVENT_KINDS
from coursetrack.domain.values import as_int, instant
from coursetrack.errors import InvalidValue, nearest

FIRST_INSTANT = -62_135_596_800_000_000
LAST_INSTANT = 253_402_300_799_999_999
"""The years 1 to 9999 in microseconds since 1970."""

_LONGEST_NUMBER = 2_100


def event_from_plain(plain: Sequence[Any]) -> Event:
    """The event whose ``to_plain()`` is `plain`; InvalidValue says what is wrong with it.

    >>> event_from_plain(("PageVisit", 7, 10, 1736496000000000)).to_plain()
    ('PageVisit', 7, 10, 1736496000000000)
    """
    if not isinstance(plain, tuple | list) or len(plain) < 4:
        raise InvalidValue.of("plain", plain, "a tuple of kind, member, lesson, instant, …")
    kind, member_id, lesson_id, at, *more = plain
    made = kind_of(kind)
    own = _OWN[made]
    if len(more) != 1 + len(own) and (own or more):
        fields = "".join(f", {name}" for name, _ in own)
        expected = f"4 values, event_id or None{fields}" if own else "4 values, or also an event_id"
        raise InvalidValue.of("plain", plain, expected)
    values = zip(own, more[1:], strict=True)
    told = {name: read(name, value) for (name, read), value in values}
    return made(
        member_id=member_id,
        lesson_id=lesson_id,
        at=instant(as_int("at", at, low=FIRST_INSTANT, high=LAST_INSTANT)),
        event_id=more[0] if more else None,
        **told,
    )


def kind_of(name: object) -> type[Event]:
    """The kind of event with this name; InvalidValue suggests the nearest."""
    kind = EVENT_KINDS.get(name) if isinstance(name, str) else None
    if kind is None:
        near = nearest(name, EVENT_KINDS) if isinstance(name, str) else None
        hint = f" (did you mean {near!r}?)" if near else ""
        raise InvalidValue.of("kind", name, f"one of {', '.join(EVENT_KINDS)}{hint}")
    return kind


def _seconds(field: str, value: object) -> float:
    whole, rest = divmod(as_int(field, value, low=-(2**63), high=2**63), 1000)
    return whole if not rest else whole + rest / 1000


def _exact(field: str, value: object) -> Fraction:
    if isinstance(value, str) and len(value) <= _LONGEST_NUMBER and value.isascii():
        above, _, below = value.partition("/")
        if above.removeprefix("-").isdigit() and below.isdigit() and int(below) > 0:
            return Fraction(int(above), int(below))
    raise InvalidValue.of(field, value, "an exact number such as '9/10'")


_Read = Callable[[str, Any], Any]
_COMMON = len(attrs.fields(PageVisit))

_OWN: Mapping[type[Event], tuple[tuple[str, _Read], ...]] = MappingProxyType(
    {
        kind: tuple(
            (each.name, _seconds if each.eq_key is milliseconds else _exact)
            for each in attrs.fields(kind)[_COMMON:]
        )
        for kind in EVENT_KINDS.values()
    }
)
"""The fields that a kind has beside those of all, and how each is read."""
