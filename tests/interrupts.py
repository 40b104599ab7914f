"""Calls interrupted at length: by a timer at whatever instruction runs, or at every place in turn.

    python -m tests.interrupts --minutes 2 --seed 1     one or two signals in calls drawn at random
    python -m tests.interrupts --sweep                  every place of every call; some ten minutes

After each, the call has happened or not, `check` passes, answers are right, and the next call
works. Prints a table, and for each fault found the options that show it again. A timer's signal
strikes where it will, so its faults come again only about as often as they came.
"""

import argparse
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from rich.console import Console
from rich.progress import track
from rich.table import Table

from coursetrack.domain.entities import Course, CourseMember, Coworker, Lesson
from coursetrack.domain.events import PageVisit
from coursetrack.errors import CoursetrackError
from coursetrack.tracker import Tracker
from tests.cuts import MEMBER, START, Case, cases
from tests.limits import low_limits

BULK = 20_000
LONGEST = 0.000_4
"""The longest wait for a signal in a call of the small academy, in seconds."""


class Interrupt(BaseException):
    """What the timer's signal raises."""


class Timer:
    """Raises :class:`Interrupt` some time after it is set, and again after that where asked."""

    def __init__(self) -> None:
        self._again: list[float] = []
        self._armed = False
        self.struck = 0
        signal.signal(signal.SIGALRM, self._strike)

    def _strike(self, *_: Any) -> None:
        if self._armed:
            if self._again:
                signal.setitimer(signal.ITIMER_REAL, self._again.pop())
            self.struck += 1
            raise Interrupt

    def run(self, call: Callable[[], object], delays: Sequence[float]) -> None:
        """Calls, with a signal after the first of `delays`, in seconds, and after each next one."""
        self._again, self.struck = list(reversed(delays[1:])), 0
        try:
            try:
                self._armed = True
                signal.setitimer(signal.ITIMER_REAL, delays[0])
                call()
            finally:
                self._armed = False  # no call comes before this, so no signal does
        except (Interrupt, CoursetrackError):
            pass
        signal.setitimer(signal.ITIMER_REAL, 0)


def failing_bulk(size: int = BULK) -> tuple[Tracker, list[Any]]:
    """A tracker, and many events of which the last one is an error."""
    lessons, members = 40, size // 40
    tracker = Tracker()
    tracker.add_all(
        [
            Course(id=1, title="Onboarding"),
            *(Lesson(id=id_, course_id=1, title=f"L{id_}") for id_ in range(1, lessons + 1)),
            Coworker(id=1, full_name="Ada"),
            *(
                CourseMember(id=id_, course_id=1, coworker_id=1, created_on=START)
                for id_ in range(1, members + 1)
            ),
        ]
    )
    known = PageVisit(member_id=1, lesson_id=1, at=MEMBER.created_on, event_id="known")
    tracker.record(known)
    events: list[Any] = [
        PageVisit(member_id=member_id, lesson_id=lesson_id, at=START)
        for lesson_id in range(1, lessons + 1)
        for member_id in range(1, members + 1)
    ]
    wrong = PageVisit(member_id=1, lesson_id=2, at=MEMBER.created_on, event_id="known")
    return tracker, [*events, wrong]


def interrupt_bulk(timer: Timer, random: Random) -> tuple[str, str]:
    """One failing bulk, cut off at one or two points; its name, and what is wrong after it."""
    tracker, events = failing_bulk()
    whole, before = time.perf_counter(), len(tracker.completed_lessons)
    try:
        tracker.fork().record_many(events)
    except CoursetrackError:
        whole = time.perf_counter() - whole
    delays = [random.uniform(0, whole), *(random.uniform(0, whole / 8) for _ in range(2))]
    signals = random.randint(1, 3)
    timer.run(lambda: tracker.record_many(events), delays[:signals])
    name = f"a failing bulk of {BULK:,}"
    try:
        if len(tracker.completed_lessons) != before:
            return name, f"{len(tracker.completed_lessons)} records are left"
        tracker.check()
        tracker.record_many(events[:-1])
        tracker.check()
    except Exception as error:
        return name, f"{type(error).__name__}: {error}"
    return name, ""


def interrupt_case(timer: Timer, case: Case, random: Random) -> str:
    """One call with one or two signals; what is wrong after it, or nothing."""
    subject = case.before.fork()
    delays = [random.uniform(0.000_01, LONGEST), random.uniform(0.000_01, LONGEST / 4)]
    timer.run(lambda: case.call(subject), delays[: random.randint(1, 2)])
    return wrong_after(case, subject, random.randrange(99), "interrupted")


def wrong_after(case: Case, subject: Tracker, number: int, told: str) -> str:
    """What is wrong with `subject` after `case` was cut off in it, or nothing."""
    try:
        case.prove(subject, number, told)
    except Exception as error:
        return f"{case.name}: {type(error).__name__}: {error}"
    return ""


class Report:
    """How often each call was cut off, and the faults that were found."""

    def __init__(self) -> None:
        self.cut: Counter[str] = Counter()
        self.faults: dict[str, list[str]] = {}

    def count(self, name: str, wrong: str) -> None:
        """One more cut of the call, with what was wrong after it."""
        self.cut[name] += 1
        if wrong:
            self.faults.setdefault(name, []).append(wrong)

    def show(self, console: Console) -> int:
        """Prints the table; how many faults there are."""
        table = Table("call", "cut off", "broken")
        for name, times in self.cut.items():
            table.add_row(name, f"{times:,}", str(len(self.faults.get(name, ()))))
        found = sum(map(len, self.faults.values()))
        table.add_section()
        table.add_row("all", f"{sum(self.cut.values()):,}", str(found))
        console.print(table)
        for wrongs in self.faults.values():
            console.print(wrongs[0], markup=False)
        return found


def by_timer(minutes: float, seed: int, console: Console) -> Report:
    """Signals in calls drawn at random, until the time is over."""
    report, random, timer = Report(), Random(seed), Timer()
    all_cases, end = list(cases()), time.monotonic() + 60 * minutes
    with console.status("interrupting"):
        while time.monotonic() < end:
            if not sum(report.cut.values()) % 40:
                report.count(*interrupt_bulk(timer, random))
                continue
            case = random.choice(all_cases)
            wrong = interrupt_case(timer, case, random)
            if timer.struck:
                report.count(case.name, wrong and f"{wrong} (--seed {seed})")
    return report


def by_place(every: int, console: Console) -> Report:
    """Each place of each call, or every so many; and a second cut in the clean-up of some."""
    report = Report()
    for case in track(list(cases()), description="cutting", console=console):
        for place in range(1, case.places(finely=True) + 1, every):
            report.count(case.name, cut(case, place, 0))
            if not place % 7:
                report.count(case.name, cut(case, place, place % 40 + 1))
    return report


def cut(case: Case, place: int, again: int) -> str:
    """Cuts a call off at one place, and at a point of its clean-up unless that is 0."""
    try:
        if again:
            case.cut_twice(place, again, finely=True)
        else:
            case.cut(place, finely=True)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return ""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command; 1 where anything was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.interrupts", description=__doc__)
    parser.add_argument("--minutes", type=float, default=2, help="how long signals are sent")
    parser.add_argument("--seed", type=int, default=1, help="which calls, and when")
    parser.add_argument("--sweep", action="store_true", help="every place instead of a timer")
    parser.add_argument("--every", type=int, default=1, help="only every so many of the places")
    arguments = parser.parse_args(argv)
    console = Console()
    with low_limits():
        if arguments.sweep:
            report = by_place(arguments.every, console)
        else:
            report = by_timer(arguments.minutes, arguments.seed, console)
    return 1 if report.show(console) else 0


if __name__ == "__main__":
    sys.exit(main())
