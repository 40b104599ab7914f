"""What the whole answer was to reach beside sqlite3 with ``json.dumps``, and what it reached."""

from collections.abc import Iterator, Sequence

from benchmarks.measuring import COLUMNS
from benchmarks.report import Goal, Report, Row, geometric_mean

MILLION = 1_000_000
FIRST_PAGE, MIDDLE_PAGE, LONG_PAGE, COLD, GROWTH = 0.5, 0.05, 0.5, 1.0, 1.3


def goals(reports: Sequence[Report]) -> Iterator[Goal]:
    """The goals for each size, then how answers grow from the smallest to the largest."""
    for report in reports:
        at = f"at {report.size:,}"
        warm = list(report.rows("warm"))
        short = [row for row in warm if ", 25 records" in row.case]
        long = [row for row in warm if ", 1,000 records" in row.case]
        first = [row for row in short if row.page == "first"]
        yield _share(f"{at}, warm, 25 records, first page", first, FIRST_PAGE)
        if report.size >= MILLION:
            middle = [row for row in short if row.page == "middle" and row.case.startswith("all")]
            yield _share(f"{at}, warm, 25 records of all, middle page", middle, MIDDLE_PAGE)
        yield _share(f"{at}, warm, 1,000 records", long, LONG_PAGE)
        yield _share(f"{at}, cold", list(report.rows("cold")), COLD)
    yield from _growth(reports)


def _share(text: str, rows: Sequence[Row], most: float) -> Goal:
    """Whether each of `rows` took at most that share of sqlite3's time."""
    shares = sorted(
        ((1 / row.ratio, f"{row.case}, {row.page} page") for row in rows if row.ratio),
        reverse=True,
    )
    over = [f"{name} {share:.2f}" for share, name in shares if share > most]
    measured = "; ".join(over) or (f"at most {shares[0][0]:.3f}" if shares else "nothing")
    return Goal(f"{text}: at most {most} of sqlite3's time", measured, bool(shares) and not over)


def _full_pages(report: Report) -> set[tuple[str, str]]:
    """The lists whose page has as many records as were asked for: only those compare by size."""
    return {
        (cell.case, cell.page) for cell in report.cells if f"{cell.rows:,} records" in cell.case
    }


def _growth(reports: Sequence[Report]) -> Iterator[Goal]:
    if len(reports) < 2:
        return
    small, large = reports[0], reports[-1]
    full = _full_pages(small) & _full_pages(large)
    for column in COLUMNS:
        before = {
            (row.case, row.page): row.ours
            for row in small.rows(column)
            if (row.case, row.page) in full
        }
        grown = geometric_mean(
            row.ours / then
            for row in large.rows(column)
            if row.ours and (then := before.get((row.case, row.page)))
        )
        if grown:
            yield Goal(
                f"{column}, from {small.size:,} to {large.size:,}: under {GROWTH} times",
                f"{grown:.2f} (geometric mean)",
                grown < GROWTH,
            )
