"""From replications to answers: what they have in common, and how much they differ."""

from collections.abc import Iterable, Mapping, Sequence
from math import ceil

from coursetrack.domain.entities import Lesson
from coursetrack.simulation.estimates import estimate
from coursetrack.simulation.replication import Lived, course_ids
from coursetrack.simulation.results import Comparison, LessonEstimate
from coursetrack.tracker import Tracker

SHARES = (0.5, 0.9, 0.99, 0.999)
"""The quantiles of a load."""


def of_lesson(lesson: Lesson, groups: Sequence[Sequence[float]]) -> LessonEstimate:
    """The estimate of what came out for one lesson."""
    return LessonEstimate(lesson_id=lesson.id, title=lesson.title, estimate=estimate(groups))


def mean(numbers: Iterable[float]) -> float:
    """The mean; 0 of nothing."""
    found = list(numbers)
    return sum(found) / len(found) if found else 0.0


def quantiles(counts: Mapping[int, int]) -> list[float]:
    """The quantiles of the counts of all intervals from the first to the last, empty ones too."""
    if not counts:
        return [0.0 for _ in SHARES]
    total = max(counts) - min(counts) + 1
    ordered = sorted(counts.values())
    empty = total - len(ordered)
    places = [max(0, ceil(share * total) - 1) for share in SHARES]
    return [float(ordered[place - empty]) if place >= empty else 0.0 for place in places]


def compared(
    pairs: Sequence[Sequence[tuple[Lived, Lived]]],
    changed: Tracker,
    refused: float,
    patience: float,
    sensitivity: Sequence[tuple[float, float]],
) -> Comparison:
    """Both sides of each replication, set against each other."""
    before = [[one for one, _ in group] for group in pairs]
    finishers = [[(one.finishers, other.finishers) for one, other in group] for group in pairs]
    lessons = [
        lesson
        for course_id in course_ids(changed)
        for lesson in changed.lessons(course_id=course_id)
        if any(lesson.id in one.completions for group in before for one in group)
    ]
    return Comparison(
        completions_before=mean(float(one.total) for group in before for one in group),
        completions=estimate(
            [[float(other.total - one.total) for one, other in group] for group in pairs]
        ),
        finishers_before=mean(float(one) for group in finishers for one, _ in group),
        finishers=estimate([[float(other - one) for one, other in group] for group in finishers]),
        lessons=tuple(
            of_lesson(
                lesson,
                [
                    [float(y.completions[lesson.id] - x.completions[lesson.id]) for x, y in group]
                    for group in pairs
                ],
            )
            for lesson in lessons
        ),
        refused=refused,
        patience=patience,
        sensitivity=tuple(sensitivity),
    )
