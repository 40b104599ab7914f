"""What streams of simulated events cost: time beside the bare events, and memory."""

import gc
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from time import process_time

import attrs
from rich.console import Console
from rich.table import Table

from coursetrack.domain.entities import (
    CompletionType,
    Course,
    CourseMember,
    Coworker,
    Entity,
    Lesson,
    Section,
)
from coursetrack.simulation.streams import by_member, in_order
from coursetrack.simulation.study import Study
from coursetrack.tracker import Tracker

START = datetime(2025, 1, 6, tzinfo=UTC)
LESSONS, SECTIONS = 60, 3

_REPEATS = 3


def course() -> Iterator[Entity]:
    """One course of sixty lessons with a button each, in three sections."""
    yield Course(id=1, title="Course")
    for number in range(SECTIONS):
        yield Section(id=number + 1, course_id=1, title=f"Week {number + 1}", display_order=number)
    for number in range(LESSONS):
        yield Lesson(
            id=number + 1,
            course_id=1,
            section_id=number * SECTIONS // LESSONS + 1,
            title=f"Lesson {number + 1}",
            display_order=number,
            completion_type=CompletionType.BUTTON,
        )
    yield Coworker(id=1, full_name="Somebody")


def members(count: int) -> Iterator[Entity]:
    """So many members, one after the other, who enrol within some weeks of the opening."""
    for number in range(1, count + 1):
        enrolled = START + timedelta(minutes=number * 7_919 % 40_000 - 10_000)
        yield CourseMember(id=number, course_id=1, coworker_id=1, created_on=enrolled)


@attrs.frozen
class Speed:
    """Microseconds of processor time for an event, the least of some repeats; and memory."""

    members: int
    events: int
    bare: float
    by_member: float
    in_order: float
    closed: float
    kib_over_base: int
    """The most that streaming by member takes, less that for a hundredth of the members."""


def measure(count: int) -> Speed:
    """Streams `count` members in each way."""
    academy = [*course(), *members(count)]
    events = [
        (type(each), each.member_id, each.lesson_id, each.at)
        for each in by_member(academy, opens=START)
    ]
    tracker = Tracker()
    tracker.add_all(academy)
    study = Study(tracker, opens=START)

    def bare() -> None:
        for kind, member_id, lesson_id, at in events:
            kind(member_id=member_id, lesson_id=lesson_id, at=at)  # type: ignore[call-arg]

    ways: list[Callable[[], object]] = [
        bare,
        lambda: _exhaust(by_member(academy, opens=START)),
        lambda: _exhaust(in_order(academy, opens=START)),
        lambda: study.run(),
    ]
    least = [_least(way) * 1e6 / len(events) for way in ways]
    return Speed(
        members=count,
        events=len(events),
        bare=least[0],
        by_member=least[1],
        in_order=least[2],
        closed=least[3],
        kib_over_base=kib_over_base(count),
    )


def _exhaust(stream: Iterator[object]) -> None:
    for _ in stream:
        pass


def _least(way: Callable[[], object]) -> float:
    best = float("inf")
    for _ in range(_REPEATS):
        gc.collect()
        began = process_time()
        way()
        best = min(best, process_time() - began)
    return best


def kib_over_base(count: int) -> int:
    """The most memory that streaming so many by member takes, less that for a hundredth of them."""
    return _peak(count) - _peak(max(1, count // 100))


def _peak(count: int) -> int:
    """The most memory, in KiB, that a process of its own takes for streaming so many members."""
    command = [sys.executable, "-m", "benchmarks.simulate", "--stream-alone", str(count)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return int(done.stdout)


def stream_alone(count: int) -> None:
    """Streams so many members and prints the most memory, in KiB, that this process took."""

    def academy() -> Iterator[Entity]:
        yield from course()
        yield from members(count)

    _exhaust(by_member(academy(), opens=START))
    unit = 1024 if sys.platform == "darwin" else 1
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // unit)


def show_speed(speed: Speed, console: Console) -> None:
    """Prints the table."""
    table = Table(title=f"{speed.members:,} members, {speed.events:,} events", title_justify="left")
    for head in ("", "µs an event", "times", "goal"):
        table.add_column(head, justify="left" if not head else "right")
    rows = (
        ("bare events", speed.bare, 1.0, ""),
        ("by member", speed.by_member, speed.by_member / speed.bare, "3 x bare"),
        ("in order of time", speed.in_order, speed.in_order / speed.by_member, "2.5 x by member"),
        ("lived by a tracker", speed.closed, speed.in_order / speed.closed, "0.8 of the rate"),
    )
    for name, micros, times, goal in rows:
        table.add_row(name, f"{micros:.2f}", f"{times:.2f}", goal)
    console.print(table)
    console.print(f"memory over a hundredth of the members: {speed.kib_over_base:,} KiB")
