"""Query text -> decoded (name, value) pairs, strictly, and everything that cannot be decoded.

Where Python's ``urllib.parse`` guesses (a broken ``%`` escape, bytes that are not UTF-8, a lone
surrogate), this is a problem. Nothing here knows what a parameter means.
"""

import re
from collections.abc import Iterator
from itertools import islice
from urllib.parse import unquote_to_bytes

import attrs

from coursetrack.endpoint.problems import problem
from coursetrack.errors import Problem

Pair = tuple[str, str]

_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


@attrs.frozen
class Pairs:
    """The parameters that could be decoded, in order, and the problems with the others."""

    found: tuple[Pair, ...] = ()
    problems: tuple[Problem, ...] = ()


def split_query(query: object, *, max_bytes: int, max_parameters: int) -> Pairs:
    """`query` (text, bytes, or an iterable of pairs) as pairs. O(length), and never raises.

    Text over `max_bytes` (as UTF-8) or with more than `max_parameters` parameters is not read.
    A ``?`` in front is dropped; ``&`` alone separates; a parameter without ``=`` has an empty
    value; ``+`` is a blank.
    """
    if isinstance(query, bytes | bytearray):
        return _split_bytes(bytes(query), max_bytes, max_parameters)
    if isinstance(query, str):
        return _split_text(query, max_bytes, max_parameters)
    return _checked_pairs(query, max_bytes, max_parameters)


def _split_bytes(query: bytes, max_bytes: int, max_parameters: int) -> Pairs:
    if len(query) > max_bytes:
        return _too_long(max_bytes)
    try:
        return _split_text(query.decode(), max_bytes, max_parameters)
    except UnicodeDecodeError:
        return Pairs(problems=(problem("query", "expected UTF-8"),))


def _split_text(query: str, max_bytes: int, max_parameters: int) -> Pairs:
    if _size(query) > max_bytes:
        return _too_long(max_bytes)
    parts = [part for part in query.removeprefix("?").split("&") if part]
    if len(parts) > max_parameters:
        return _too_many(max_parameters)
    found: list[Pair] = []
    problems: list[Problem] = []
    for part in parts:
        name, _, value = part.partition("=")
        try:
            found.append((_decoded(name), _decoded(value)))
        except ValueError as error:
            problems.append(problem(name, str(error), value))
    return Pairs(tuple(found), tuple(problems))


def _checked_pairs(query: object, max_bytes: int, max_parameters: int) -> Pairs:
    try:
        # Whatever is iterated here is not ours and may fail in any way, or never end.
        items = list(islice(iter(query), max_parameters + 1))  # type: ignore[call-overload]
    except Exception:
        return Pairs(problems=(problem("query", "expected a query string or pairs", query),))
    if len(items) > max_parameters:
        return _too_many(max_parameters)
    if not all(_is_pair(item) for item in items):
        return Pairs(problems=(problem("query", "expected pairs of two texts (name, value)"),))
    if sum(_size(text) + 1 for item in items for text in item) - 1 > max_bytes:
        return _too_long(max_bytes)
    problems = tuple(_surrogates(items))
    return Pairs(() if problems else tuple((name, value) for name, value in items), problems)


def _is_pair(item: object) -> bool:
    return (
        isinstance(item, tuple | list)
        and len(item) == 2
        and isinstance(item[0], str)
        and isinstance(item[1], str)
    )


def _surrogates(items: list[Pair]) -> Iterator[Problem]:
    for name, value in items:
        try:
            (name + value).encode()
        except UnicodeEncodeError:
            yield problem(name, _NOT_TEXT, value)


def _decoded(text: str) -> str:
    """`text` with escapes resolved. Raises ValueError with the reason."""
    if text.isascii() and "%" not in text:
        return text.replace("+", " ")
    if _BROKEN_ESCAPE.search(text):
        raise ValueError("expected two hexadecimal digits after each % (a % itself is %25)")
    try:
        return unquote_to_bytes(text.replace("+", " ")).decode()
    except UnicodeError:
        raise ValueError(_NOT_TEXT) from None


def _size(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode(errors="surrogatepass"))


def _too_long(max_bytes: int) -> Pairs:
    return Pairs(problems=(problem("query", f"expected at most {max_bytes} bytes of query text"),))


def _too_many(max_parameters: int) -> Pairs:
    return Pairs(problems=(problem("query", f"expected at most {max_parameters} parameters"),))


_NOT_TEXT = "expected percent-encoded UTF-8"
