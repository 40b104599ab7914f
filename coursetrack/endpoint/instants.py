"""Instants as text, both ways, by one exact grammar.

::

    instant  = date [ "T" hour ":" minute [ ":" second [ "." fraction ] ] [ zone ] ]
    date     = year "-" month "-" day          four, two and two digits
    fraction = one to six digits               microseconds; more would be cut silently
    zone     = "Z" / ( "+" / "-" ) hour ":" minute

ASCII digits only; no zone means UTC, a date alone its midnight. Python's own parsers accept far
more (week dates, full-width digits, fractions that they cut), so none of them is used. (decided)
"""

import re
from datetime import UTC, datetime, timedelta

from coursetrack.errors import InvalidValue, shown

_GRAMMAR = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
    r"(?:T([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,6}))?)?"
    r"(?:Z|([+-])([01][0-9]|2[0-3]):([0-5][0-9]))?)?"
)
_BLANK_FOR_PLUS = re.compile(r"[-0-9T:.]{16,26} [0-9]{2}:[0-9]{2}")
_EXPECTED = "a date such as 2025-12-31T23:59 (also with seconds, Z or an offset; or the date alone)"
_LONGEST = len("2025-12-31T23:59:59.999999+00:00")


def read_instant(text: str) -> datetime:
    """The instant that `text` names, in UTC, to the microsecond.

    Raises :class:`InvalidValue` for anything outside the grammar, for a day or time that does not
    exist, and for an instant outside the years 1 to 9999 UTC. O(1): longer texts are not read.

    >>> read_instant("2025-12-31T23:59+01:00")
    datetime.datetime(2025, 12, 31, 22, 59, tzinfo=datetime.timezone.utc)
    """
    found = _GRAMMAR.fullmatch(text) if len(text) <= _LONGEST else None
    if found is None:
        raise _unreadable(text, _why(text))
    year, month, day, hour, minute, second, fraction, sign, ahead_h, ahead_m = found.groups()
    try:
        local = datetime(
            int(year),
            int(month),
            int(day),
            int(hour or 0),
            int(minute or 0),
            int(second or 0),
            int((fraction or "0").ljust(6, "0")),
            UTC,
        )
    except ValueError:
        raise _unreadable(text, "there is no such day or time") from None
    return local if sign is None else _moved(text, local, sign, int(ahead_h), int(ahead_m))


def _moved(text: str, local: datetime, sign: str, hours: int, minutes: int) -> datetime:
    ahead = timedelta(hours=hours, minutes=minutes)
    try:
        return local - ahead if sign == "+" else local + ahead
    except OverflowError:
        raise _unreadable(text, "it is outside the years 1 to 9999 UTC") from None


def _why(text: str) -> str:
    if len(text) <= _LONGEST and _BLANK_FOR_PLUS.fullmatch(text):
        return "a + must be sent as %2B, an unencoded one arrives as a blank"
    return ""


def _unreadable(text: str, why: str) -> InvalidValue:
    sentence = f"expected {_EXPECTED}" + (f"; {why}" if why else "")
    return InvalidValue(sentence, field="instant", value=shown(text), expected=_EXPECTED)


def shown_instant(at: datetime) -> str:
    """`at` (UTC) as records show it: ``YYYY-MM-DDTHH:mm:ssZ`` [seed]; parts of a second are cut."""
    return at.isoformat()[:19] + "Z"


def write_instant(at: datetime) -> str:
    """`at` (UTC) to the microsecond: the text that :func:`read_instant` turns back into it.

    >>> write_instant(read_instant("2025-12-31T23:59:00.000001Z"))
    '2025-12-31T23:59:00.000001Z'
    """
    return at.isoformat().removesuffix("+00:00") + "Z"
