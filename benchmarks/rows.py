"""CSV files, plain, ``.gz`` or ``.xz``, read row by row; what is wrong is said with file and line.

The separator is the one of comma, semicolon and tab that the header line holds most of.
"""

import csv
import gzip
import lzma
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import attrs

from benchmarks.source import BadRow, SourceError
from coursetrack.errors import nearest, shown

Value = TypeVar("Value")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_OPENERS: dict[str, Callable[..., Any]] = {".xz": lzma.open, ".gz": gzip.open}
_NAMED_ZONE = re.compile(r" *(?:UTC|GMT|Z)", re.IGNORECASE)


@attrs.frozen
class Row:
    """One row, its cells by column name, with the place it came from."""

    path: Path
    line: int
    cells: dict[str, str]

    def text(self, column: str) -> str:
        """The cell of `column`, which must not be empty."""
        if not self.cells[column]:
            self.fail(f"column {column!r} is empty")
        return self.cells[column]

    def optional(self, column: str) -> str | None:
        """The cell of `column`, or None where it is empty or there is no such column."""
        return self.cells.get(column) or None

    def integer(self, column: str, *, low: int = 0) -> int:
        """The cell of `column` as an integer of at least `low`."""
        return self.read(column, lambda text: _integer(text, low), f"an integer from {low} up")

    def instant(self, column: str) -> datetime:
        """The cell of `column` as an instant in UTC, as :func:`instant` reads it."""
        return self.read(
            column, instant, "epoch seconds or milliseconds, or an ISO 8601 date and time"
        )

    def needed(self, column: str, why: str) -> None:
        """Fails where the cell of `column` is empty, or where there is no such column."""
        if column not in self.cells:
            self.fail(f"{why} needs the column {column!r}, and there is none")
        if not self.cells[column]:
            self.fail(f"{why} needs a value in the column {column!r}, which is empty here")

    def seconds(self, column: str) -> float:
        """The cell of `column` as a number of seconds."""
        return self.read(column, float, "a number of seconds")

    def read(self, column: str, reader: Callable[[str], Value], expected: str) -> Value:
        """The cell of `column` as `reader` sees it."""
        text = self.text(column)
        try:
            return reader(text)
        except (ValueError, OverflowError, OSError):
            self.fail(f"column {column!r}: expected {expected}, got {shown(text)}")

    def fail(self, message: str) -> NoReturn:
        """Raises a SourceError that names this row."""
        raise SourceError(self.path, self.line, message)


def _integer(text: str, low: int) -> int:
    if not (text.isascii() and text.isdigit() and low <= int(text) < 2**63):
        raise ValueError(text)
    return int(text)


def instant(text: str) -> datetime:
    """An instant in UTC: epoch seconds or milliseconds, or ISO 8601; without a zone it is UTC.

    Numbers from 10**11 are milliseconds: as seconds they would be later than the year 5000. The
    zone may be written as "UTC" or "GMT", too.
    """
    if text.isascii() and text.replace(".", "", 1).isdigit():
        return _EPOCH + timedelta(microseconds=_microseconds(text))
    named = _NAMED_ZONE.search(text)
    if named and named.end() == len(text):
        text = text[: named.start()] + "+00:00"
    read = datetime.fromisoformat(text)
    return (read.replace(tzinfo=UTC) if read.tzinfo is None else read).astimezone(UTC)


def _microseconds(number: str) -> int:
    whole, _, part = number.partition(".")
    digits = (part + "000000")[:6]
    found = int(whole or 0) * 10**6 + int(digits)
    if found >= 10**20:
        raise ValueError("too large even for milliseconds")
    return found // 1000 if found >= 10**17 else found


def rows(path: Path, required: Sequence[str], bad: BadRow | None = None) -> Iterator[Row]:
    """The rows of the CSV file at `path`, whose header must name the `required` columns.

    Raises :class:`SourceError` for a missing file or column, a row with too few or too many
    cells, and whatever the file system, the decompressor, the decoder or the CSV reader refuse.
    With `bad`, a row that cannot be read is handed to it, and reading goes on where it can.
    """
    with _opened(path) as file:
        lines = _Lines(path, file)
        reader = csv.reader(lines, strict=True, delimiter=lines.separator())
        with _blaming(lines):
            header = next(reader, None)
        columns = _columns(path, header, required)
        while True:
            try:
                with _blaming(lines):
                    cells = next(reader, None)
                if cells is None:
                    return
                if cells:
                    yield _row(path, lines.number, columns, cells)
            except SourceError as error:
                if bad is None or isinstance(error, _Unreadable):
                    raise
                bad(error)


class _Unreadable(SourceError):
    """What nothing can be read after."""


def _row(path: Path, line: int, columns: Sequence[str], cells: Sequence[str]) -> Row:
    if len(cells) != len(columns):
        raise SourceError(path, line, f"expected {len(columns)} cells, got {len(cells)}")
    return Row(path, line, dict(zip(columns, cells, strict=True)))


def _columns(path: Path, header: Sequence[str] | None, required: Sequence[str]) -> list[str]:
    if header is None:
        raise SourceError(path, 1, "empty: expected a header line with the names of the columns")
    columns = [name.strip() for name in header]
    for name in required:
        if name not in columns:
            near = nearest(name, columns)
            hint = f" (did you mean {near!r}?)" if near else ""
            found = ", ".join(columns)
            raise SourceError(path, 1, f"no column {name!r} among: {found}{hint}")
    return columns


@contextmanager
def _opened(path: Path) -> Iterator[Iterable[bytes]]:
    try:
        file = _OPENERS.get(path.suffix, open)(path, "rb")
    except FileNotFoundError:
        raise SourceError(path, None, "no such file") from None
    except OSError as error:
        raise SourceError(path, None, f"cannot be opened: {error.strerror or error}") from None
    with file:
        yield file


class _Lines:
    """The lines of a file, decoded one by one: a bad one does not end the reading.

    A text file decodes ahead, and would blame bad bytes on an earlier line.
    """

    def __init__(self, path: Path, lines: Iterable[bytes]) -> None:
        self.path = path
        self.number = 0
        self._lines = iter(lines)
        self._first: bytes | None = None

    def separator(self) -> str:
        """What the cells of the first line stand between."""
        with _blaming(self):
            self._first = next(self._lines, b"")
        return max(",;\t", key=self._first.decode("utf-8", "replace").count)

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._first or next(self._lines)
        encoding = "utf-8-sig" if self._first else "utf-8"
        self._first = None
        self.number += 1
        return line.decode(encoding)


@contextmanager
def _blaming(lines: _Lines) -> Iterator[None]:
    try:
        yield
    except UnicodeDecodeError as error:
        message = f"not UTF-8: {error.reason}"
        raise SourceError(lines.path, lines.number, message) from None
    except csv.Error as error:
        # A quote without an end takes the rest of the file into its cell.
        raise _Unreadable(lines.path, lines.number, f"cannot be read: {error}") from None
    except (lzma.LZMAError, zlib.error, EOFError, OSError) as error:
        raise _Unreadable(lines.path, lines.number + 1, f"cannot be read: {error}") from None
