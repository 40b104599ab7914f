"""What a study answers with: frozen values that read well in a terminal and in a notebook."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from html import escape

import attrs

from coursetrack.simulation.estimates import Estimate

_THIN = "the range holds chance alone: one past run does not say how runs differ"


def _table(caption: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    cells = ["".join(f"<td>{escape(str(cell))}</td>" for cell in row) for row in rows]
    titles = "".join(f"<th>{escape(title)}</th>" for title in head)
    body = "".join(f"<tr>{row}</tr>" for row in cells)
    return f"<table><caption>{escape(caption)}</caption><tr>{titles}</tr>{body}</table>"


@attrs.frozen(kw_only=True)
class Forecast(Estimate):
    """How many members have completed a share of their course by a date."""

    date: datetime
    share: Fraction
    members: int

    @classmethod
    def of(cls, found: Estimate, *, date: datetime, share: Fraction, members: int) -> "Forecast":
        """The forecast with this estimate."""
        return cls(
            value=found.value,
            low=found.low,
            high=found.high,
            runs=found.runs,
            date=date,
            share=share,
            members=members,
        )

    def __str__(self) -> str:
        """A sentence, and what the range leaves out."""
        wanted = "all" if self.share == 1 else f"at least {float(self.share):.0%}"
        told = (
            f"{super().__str__()} of {self.members:,} members complete {wanted} of the lessons "
            f"before {self.date:%Y-%m-%d %H:%M} UTC"
        )
        return f"{told}\n{_THIN}" if self.is_thin else told

    def _repr_html_(self) -> str:
        return f"<p>{escape(str(self))}</p>"


@attrs.frozen(kw_only=True)
class LessonEstimate:
    """An estimate about one lesson."""

    lesson_id: int
    title: str
    estimate: Estimate


@attrs.frozen(kw_only=True)
class Funnel:
    """How many members complete each lesson, in reading order."""

    members: int
    lessons: tuple[LessonEstimate, ...]

    def __str__(self) -> str:
        """A line a lesson."""
        lines = [f"{each.title}: {each.estimate}" for each in self.lessons]
        return f"completed by how many of {self.members:,} members\n  " + "\n  ".join(lines)

    def __repr__(self) -> str:
        """Its size."""
        return f"<Funnel: {len(self.lessons)} lessons, {self.members:,} members>"

    def _repr_html_(self) -> str:
        rows = [
            (each.title, *(f"{number:,.0f}" for number in each.estimate.range))
            for each in self.lessons
        ]
        return _table(f"{self.members:,} members", ("lesson", "completed by", "from", "to"), rows)


@attrs.frozen(kw_only=True)
class Comparison:
    """What a change of the course would do: the changed one less the one as it is.

    Both were lived through with the same chance, so what differs is due to the change.
    """

    completions_before: float
    completions: Estimate
    """The difference in completed lessons."""
    finishers_before: float
    finishers: Estimate
    """The difference in members who complete all lessons that count."""
    lessons: tuple[LessonEstimate, ...] = attrs.field(repr=False)
    """The difference for each lesson that both have, in reading order."""
    refused: float
    """How many events were refused in the changed course, on average."""
    patience: float
    """The share of the refused who were taken to come back."""
    sensitivity: tuple[tuple[float, float], ...] = ()
    """(patience, difference in completed lessons) if it were another; () if nobody is refused."""

    def __str__(self) -> str:
        """A few lines: the differences, and on what they rest."""
        lines = [
            f"completed lessons {self._change(self.completions, self.completions_before)}",
            f"finishers {self._change(self.finishers, self.finishers_before)}",
        ]
        if self.refused:
            others = ", ".join(
                f"{change:+,.0f} with {share:g}" for share, change in self.sensitivity
            )
            lines.append(
                f"{self.refused:,.0f} events refused; patience {self.patience:g} is an assumption"
                + (f": {others}" if others else "")
            )
        if self.completions.is_thin:
            lines.append(_THIN)
        return "\n".join(lines)

    @staticmethod
    def _change(difference: Estimate, before: float) -> str:
        share = f" = {difference.value / before:+.1%}" if before else ""
        numbers = f"{difference.value:+,.0f} ({difference.low:+,.0f} to {difference.high:+,.0f})"
        return f"{before:,.0f} {numbers}{share}"

    def _repr_html_(self) -> str:
        rows = [
            (each.title, *(f"{number:+,.0f}" for number in each.estimate.range))
            for each in self.lessons
        ]
        table = _table("Completed by how many more", ("lesson", "difference", "from", "to"), rows)
        return f"<pre>{escape(str(self))}</pre>{table}"


@attrs.frozen(kw_only=True)
class Load:
    """How many events arrive in each interval, from the first event to the last."""

    per: timedelta
    events: Estimate
    """How many in all."""
    peak: Estimate
    """How many in the busiest interval."""
    busiest: datetime | None
    """When the busiest interval of the first replication begins."""
    quantiles: tuple[tuple[float, float], ...]
    """(share, events): in that share of the intervals there are no more events than that."""

    def __str__(self) -> str:
        """A few lines."""
        at = "" if self.busiest is None else f", such as at {self.busiest:%Y-%m-%d %H:%M} UTC"
        parts = ", ".join(f"{count:.3g} in {share:.1%}" for share, count in self.quantiles)
        told = f"{self.peak} events in the busiest {self.per}{at}\nat most {parts} of all intervals"
        return f"{told}\n{_THIN}" if self.peak.is_thin else told

    def _repr_html_(self) -> str:
        return _table(
            f"Events per {self.per}", ("share of intervals", "at most"), self.quantiles
        ) + (f"<p>{escape(str(self))}</p>")
