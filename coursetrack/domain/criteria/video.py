"""Enough of a video watched, and what is watched as an explanation shows it."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import ClassVar

import attrs

from coursetrack.domain.criteria.criterion import Action, Criterion, Known, Need
from coursetrack.domain.evidence import Evidence
from coursetrack.domain.intervals import Stretch
from coursetrack.domain.values import as_share, few, percent
from coursetrack.domain.watched import Watched


@attrs.frozen(kw_only=True)
class ExplainedVideo:
    """What is watched of a video; milliseconds, stretches half-open.

    `threshold` is the share that is asked for, None where the lesson completes on VideoFinish.
    `missing` are the fewest further milliseconds that reach it, None without a threshold or any
    duration.
    """

    coverage: Fraction
    threshold: Fraction | None
    duration: int | None
    stretches: tuple[Stretch, ...]
    remaining: tuple[Stretch, ...]
    missing: int | None

    def __str__(self) -> str:
        """One readable line."""
        asked = "" if self.threshold is None else f", {percent(self.threshold)} is asked for"
        left = "" if not self.missing else f", {self.missing / 1000:g} s more would do"
        gaps = few("not seen", [_seconds(stretch) for stretch in self.remaining])
        return f"watched {percent(self.coverage)}{asked}{left}" + (f"; {gaps}" if gaps else "")


def explained_video(known: Known, threshold: Fraction | None) -> ExplainedVideo:
    """What is watched, beside what is asked for."""
    watched = _watched(known)
    return ExplainedVideo(
        coverage=watched.coverage,
        threshold=threshold,
        duration=watched.duration,
        stretches=tuple(watched.stretches),
        remaining=watched.remaining,
        missing=None if threshold is None else watched.missing(threshold),
    )


def _as_share(value: Fraction | Decimal | float) -> Fraction:
    return as_share("share", value)


@attrs.frozen
class VideoCoverage(Criterion):
    """At least this share of the video was watched. The origin's VIDEO with a threshold.

    Exact in whole milliseconds; watching again adds nothing. See `watched` for which duration it
    is a share of. Met since the latest of the reports: never before enough was watched.
    """

    keeps: ClassVar[tuple[type[Evidence], ...]] = (Watched,)

    share: Fraction = attrs.field(converter=_as_share)

    def since(self, known: Known) -> datetime | None:
        """The latest instant among the reports."""
        watched = _watched(known)
        return watched.at if watched.reaches(self.share) else None

    def missing(self, known: Known) -> tuple[Need, ...]:
        """How much more of the video at least; None milliseconds while its length is unknown."""
        watched = _watched(known)
        if watched.at is not None and watched.reaches(self.share):
            return ()
        missing = watched.missing(self.share)
        text = "enough of its video watched"
        return (Need(action=Action.VIDEO_PROGRESS, milliseconds=missing, text=text),)

    def is_doubtful(self, known: Sequence[Known]) -> bool:
        """Whether nobody told the video's length, and players differ by more than 1 %. O(n)."""
        told = [each.get(Watched) for each in known if each.video_duration is None]
        durations = [length for watched in told if watched for length in watched.durations]
        return bool(durations) and 100 * (max(durations) - min(durations)) > max(durations)

    def details(self, known: Known) -> ExplainedVideo:
        """What is watched, what remains, and how little would be enough."""
        return explained_video(known, self.share)


_NOTHING = Watched(member_id=1, lesson_id=1)


def _watched(known: Known) -> Watched:
    return (known.get(Watched) or _NOTHING).of_length(known.video_duration)


def _seconds(stretch: Stretch) -> str:
    return f"{stretch[0] / 1000:g}-{stretch[1] / 1000:g} s"
