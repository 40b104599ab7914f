"""Instants as text, both ways, by one exact grammar.

::

    instant  = date [ ( "T" / "t" / " " ) hour ":" minute [ ":" second [ "." fraction ] ] [ zone ] ]
    date     = year "-" month "-" day          four, two and two digits
    fraction = one to nine digits              .NET writes 7, Java and Go 9
    zone     = "Z" / "z" / ( "+" / "-" ) hour ":" minute

ASCII digits only; no zone means UTC, a date alone its midnight. Python's own parsers accept far
more (week dates, full-width digits, fractions that they cut), so none of them is used. (decided)

Records hold microseconds, and show whole seconds. So a bound finds exactly what it says::

    to_   2025-12-31            the whole day          .. 2025-12-31T23:59:59.999999Z
    to_   2025-12-31T23:59      the whole minute       .. 2025-12-31T23:59:59.999999Z
    to_   2025-12-31T23:59:30   the whole second       .. 2025-12-31T23:59:30.999999Z
    to_   …:30.1234567          itself, rounded down   .. 2025-12-31T23:59:30.123456Z
    from_ …:30.1234567          itself, rounded up        2025-12-31T23:59:30.123457Z ..
"""

import re
from datetime import UTC, datetime, timedelta

import attrs

from coursetrack.errors import InvalidValue, shown

_GRAMMAR = re.compile(
    r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})"
    r"(?:[Tt ](?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})"
    r"(?::(?P<second>[0-9]{2})(?:\.(?P<fraction>[0-9]{1,9}))?)?"
    r"(?:[Zz]|(?P<sign>[+-])(?P<ahead_h>[01][0-9]|2[0-3]):(?P<ahead_m>[0-5][0-9]))?)?"
)
_BLANK_FOR_PLUS = re.compile(r"[0-9-]{10}[Tt ][0-9:.]{5,18} [0-9]{2}:[0-9]{2}")
_EXPECTED = "a date such as 2025-12-31T23:59 (also with seconds, Z or an offset; or the date alone)"
_LONGEST = len("2025-12-31T23:59:59.999999999+00:00")
_MICROSECOND = timedelta(microseconds=1)


@attrs.frozen
class _Written:
    """An instant as it was written: in UTC, cut to the microsecond; what was cut; its unit."""

    at: datetime
    cut: bool
    unit: timedelta


def read_instant(text: str) -> datetime:
    """The instant that `text` names, in UTC, cut to the microsecond.

    Raises :class:`InvalidValue` for anything outside the grammar, for a day or time that does not
    exist, and for an instant outside the years 1 to 9999 UTC. O(1): longer texts are not read.

    >>> read_instant("2025-12-31T23:59+01:00")
    datetime.datetime(2025, 12, 31, 22, 59, tzinfo=datetime.timezone.utc)
    """
    return _read(text).at


def read_first(text: str) -> datetime:
    """The first instant, in whole microseconds, that is not before what `text` names: ``from_…``.

    >>> read_first("2025-12-31T23:59:58.1234567")
    datetime.datetime(2025, 12, 31, 23, 59, 58, 123457, tzinfo=datetime.timezone.utc)
    """
    written = _read(text)
    try:
        return written.at + _MICROSECOND if written.cut else written.at
    except OverflowError:
        raise _unreadable(text, _TOO_FAR) from None


def read_last(text: str) -> datetime:
    """The last instant, in whole microseconds, of the unit that `text` is written to: ``to_…``.

    A date is its whole day, in UTC; a minute or second is whole; a fraction is itself.

    >>> read_last("2025-12-31")
    datetime.datetime(2025, 12, 31, 23, 59, 59, 999999, tzinfo=datetime.timezone.utc)
    """
    written = _read(text)
    return written.at + (written.unit - _MICROSECOND)


def _read(text: str) -> _Written:
    found = _GRAMMAR.fullmatch(text) if len(text) <= _LONGEST else None
    if found is None:
        raise _unreadable(text, _why(text))
    fraction = found["fraction"] or ""
    try:
        local = datetime(
            int(found["year"]),
            int(found["month"]),
            int(found["day"]),
            int(found["hour"] or 0),
            int(found["minute"] or 0),
            int(found["second"] or 0),
            int(fraction[:6].ljust(6, "0")),
            UTC,
        )
    except ValueError:
        raise _unreadable(text, "there is no such day or time") from None
    return _Written(_moved(text, local, found), fraction[6:].strip("0") != "", _unit(found))


def _unit(found: re.Match[str]) -> timedelta:
    if found["hour"] is None:
        return timedelta(days=1)
    if found["second"] is None:
        return timedelta(minutes=1)
    return timedelta(seconds=1) if found["fraction"] is None else _MICROSECOND


def _moved(text: str, local: datetime, found: re.Match[str]) -> datetime:
    if found["sign"] is None:
        return local
    ahead = timedelta(hours=int(found["ahead_h"]), minutes=int(found["ahead_m"]))
    try:
        return local - ahead if found["sign"] == "+" else local + ahead
    except OverflowError:
        raise _unreadable(text, _TOO_FAR) from None


_TOO_FAR = "it is outside the years 1 to 9999 UTC"


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
    """`at` (UTC) to the microsecond: the text that every reader here turns back into it.

    >>> write_instant(read_instant("2025-12-31T23:59"))
    '2025-12-31T23:59:00.000000Z'
    """
    return at.isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"
