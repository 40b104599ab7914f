"""CSV files, plain or ``.xz``, read row by row; whatever is wrong is said with file and line."""

import csv
import lzma
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import attrs

from benchmarks.source import SourceError
from coursetrack.errors import nearest, shown

Value = TypeVar("Value")


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
        """The cell of `column` as an instant in UTC: epoch seconds, or ISO 8601."""
        return self.read(column, instant, "epoch seconds or an ISO 8601 date and time")

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
    """Epoch seconds or ISO 8601 as an instant in UTC; without a zone it is UTC."""
    if text.isascii() and text.isdigit():
        return datetime.fromtimestamp(int(text), UTC)
    read = datetime.fromisoformat(text)
    return (read.replace(tzinfo=UTC) if read.tzinfo is None else read).astimezone(UTC)


def rows(path: Path, required: Sequence[str]) -> Iterator[Row]:
    """The rows of the CSV file at `path`, whose header must name the `required` columns.

    Raises :class:`SourceError` for a missing file or column, a row with too few or too many
    cells, and whatever the file system, the decompressor, the decoder or the CSV reader refuse.
    """
    with _opened(path) as file:
        reader = csv.reader(_decoded(file), strict=True)
        with _blaming(path, reader):
            header = next(reader, None)
        columns = _columns(path, header, required)
        while True:
            with _blaming(path, reader):
                cells = next(reader, None)
            if cells is None:
                return
            if cells:
                yield _row(path, reader.line_num, columns, cells)


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
        opening = lzma.open if path.suffix == ".xz" else open
        file = opening(path, "rb")
    except FileNotFoundError:
        raise SourceError(path, None, "no such file") from None
    except OSError as error:
        raise SourceError(path, None, f"cannot be opened: {error.strerror or error}") from None
    with file:
        yield file


def _decoded(lines: Iterable[bytes]) -> Iterator[str]:
    # Line by line, since a text file decodes ahead and would blame bad bytes on an earlier line.
    for line, encoded in enumerate(lines):
        yield encoded.decode("utf-8" if line else "utf-8-sig")


@contextmanager
def _blaming(path: Path, reader: Any) -> Iterator[None]:
    try:
        yield
    except UnicodeDecodeError as error:
        message = f"not UTF-8: {error.reason}"
        raise SourceError(path, reader.line_num + 1, message) from None
    except csv.Error as error:
        raise SourceError(path, reader.line_num, f"cannot be read: {error}") from None
    except (lzma.LZMAError, EOFError, OSError) as error:
        raise SourceError(path, reader.line_num + 1, f"cannot be read: {error}") from None
