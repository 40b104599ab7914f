"""``python -m benchmarks.replay [PATH]``: events in, completed lessons out, three lists asked.

Without a path, a seeded academy of some 300,000 events. With one: a folder that holds a FutureLearn
export (see ``benchmarks.futurelearn``) or a CSV file of events (see ``benchmarks.event_csv``).
Input that cannot be read is named with file and line; the exit code is then 2.
"""

import argparse
import gc
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from urllib.parse import urlencode

import attrs
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from benchmarks.academy import make_academy
from benchmarks.event_csv import read_event_csv
from benchmarks.futurelearn import read_futurelearn
from benchmarks.progress import progress_bar
from benchmarks.source import Source, SourceError, in_order_of_time
from coursetrack.domain.entities import CompletionType, Lesson, Section
from coursetrack.domain.events import Event
from coursetrack.endpoint import Endpoint, Principal, Request, Response
from coursetrack.tracker import Tracker

CHUNK = 10_000
PATH = "/api/content/coursecompletedlessons"

_COUNTED = ("completed", "advanced", "repeated", "ignored", "refused_events")
_PREFIX = "CourseCompletedLesson_"
_READER = Principal(name="replay", is_unrestricted_admin=True, roles=frozenset())
_NOW = datetime(2025, 1, 1, tzinfo=UTC)  # writes would need it; a list does not look at it


@attrs.frozen
class Replayed:
    """What came of recording all events in bulk; `seconds` is spent in ``record_many`` alone."""

    tracker: Tracker
    events: int
    seconds: float
    completed: int
    advanced: int
    repeated: int
    ignored: int
    refused_events: int
    refused: Mapping[str, int]
    """How often each reason was given; an event may have several."""


@attrs.frozen
class OneByOne:
    """What came of one call of ``record`` per event: refusals by code and kind of event."""

    completed: int
    seconds: float
    refused: Mapping[str, Mapping[str, int]]


def read(
    path: Path | None,
    *,
    completion: CompletionType | None,
    by_file: bool,
    skip_bad_rows: bool = False,
) -> Source:
    """The source at `path`, or the seeded academy; in file order, or else in order of time."""
    if path is None:
        return make_academy()
    if path.is_dir():
        usual = completion or CompletionType.BUTTON
        source = read_futurelearn(path, usual, skip_bad_rows=skip_bad_rows)
    else:
        source = read_event_csv(path, completion, skip_bad_rows=skip_bad_rows)
    return source if by_file else attrs.evolve(source, events=in_order_of_time(source.events))


def replay(source: Source, progress: Progress | None = None) -> Replayed:
    """The source's entities added to a tracker and its events recorded, `CHUNK` at a time."""
    tracker = Tracker()
    tracker.add_all(source.entities)
    counts: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    seconds = 0.0
    for chunk in _chunks(source.events, progress):
        began = perf_counter()
        tally = tracker.record_many(chunk)
        seconds += perf_counter() - began
        counts.update({name: getattr(tally, name) for name in _COUNTED})
        refused.update({str(code): count for code, count in tally.refused.items()})
    return Replayed(
        tracker=tracker,
        events=len(source.events),
        seconds=seconds,
        **{name: counts[name] for name in _COUNTED},
        refused=dict(refused.most_common()),
    )


def one_by_one(source: Source, progress: Progress | None = None) -> OneByOne:
    """The same with one call per event, each outcome looked at."""
    tracker = Tracker()
    tracker.add_all(source.entities)
    completed = 0
    seconds = 0.0
    refused: dict[str, Counter[str]] = {}
    for chunk in _chunks(source.events, progress):
        began = perf_counter()
        outcomes = [tracker.record(event) for event in chunk]
        seconds += perf_counter() - began
        for event, outcome in zip(chunk, outcomes, strict=True):
            completed += outcome.completed is not None
            for refusal in outcome.refused:
                refused.setdefault(str(refusal.code), Counter())[type(event).__name__] += 1
    return OneByOne(completed, seconds, refused)


def _chunks(events: Sequence[Event], progress: Progress | None) -> Iterator[Sequence[Event]]:
    for start in range(0, len(events), CHUNK):
        chunk = events[start : start + CHUNK]
        yield chunk
        if progress is not None:
            progress.advance(progress.task_ids[-1], len(chunk))


def three_requests(tracker: Tracker) -> list[str]:
    """Three query strings: the latest, the busiest lesson's, the middle half by full name."""
    instants = sorted(record.created_on for record in tracker.completed_lessons)
    if not instants:
        return [urlencode({"page": 1, "size": 5})]
    quarter = len(instants) // 4
    return [
        urlencode({"page": 1, "size": 5, "orderBy": "CreatedOn", "dir": -1}),
        urlencode({f"{_PREFIX}CourseLesson": _busiest(tracker), "size": 5, "orderBy": "CreatedOn"}),
        urlencode(
            {
                f"from_{_PREFIX}CreatedOn": f"{instants[quarter]:%Y-%m-%dT%H:%M}",
                f"to_{_PREFIX}CreatedOn": f"{instants[-1 - quarter]:%Y-%m-%dT%H:%M}",
                "size": 5,
                "orderBy": "CourseMemberCoworkerFullName",
            }
        ),
    ]


def _busiest(tracker: Tracker) -> int:
    counts = Counter(record.lesson_id for record in tracker.completed_lessons)
    return max(counts, key=lambda lesson_id: counts[lesson_id])


def per_lesson(source: Source, tracker: Tracker) -> list[tuple[Lesson, int]]:
    """Every lesson in course order with the number of its completions."""
    counts = Counter(record.lesson_id for record in tracker.completed_lessons)
    sections = {each.id: each for each in source.entities if isinstance(each, Section)}

    def place(lesson: Lesson) -> tuple[int, ...]:
        section = sections.get(lesson.section_id or 0)
        before = (section.display_order, section.id) if section else (-(2**31), 0)
        return lesson.course_id, *before, lesson.display_order, lesson.id

    lessons = sorted((e for e in source.entities if isinstance(e, Lesson)), key=place)
    return [(lesson, counts[lesson.id]) for lesson in lessons]


def plot(source: Source, tracker: Tracker, file: Path) -> None:
    """Draws the completions per lesson in course order, one colour per course, into `file`."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(12, 4.5), layout="constrained")
    counted = per_lesson(source, tracker)
    courses = dict.fromkeys(lesson.course_id for lesson, _ in counted)
    for course_id in courses:
        places = [x for x, (lesson, _) in enumerate(counted) if lesson.course_id == course_id]
        heights = [counted[x][1] for x in places]
        axes.bar(places, heights, width=1.0, label=f"course {course_id}")
    axes.set(title=source.name, xlabel="lessons in course order", ylabel="completions")
    axes.margins(x=0.01)
    if len(courses) <= 12:
        axes.legend()
    figure.savefig(file, dpi=150)
    pyplot.close(figure)


def show(source: Source, replayed: Replayed, single: OneByOne, console: Console) -> None:
    """Prints the counts, then the three requests with their answers."""
    console.print(_summary(source, replayed, single))
    endpoint = Endpoint(replayed.tracker)
    for query in three_requests(replayed.tracker):
        request = Request("GET", PATH, query=query, body=None)
        response, first = _answered(endpoint, request)
        _, again = _answered(endpoint, request)
        console.print(f"\nGET {PATH}?{query}", style="bold", soft_wrap=True, highlight=False)
        console.print(_listed(response, f"{first:,.0f} µs, asked again {again:,.0f} µs"))


def _answered(endpoint: Endpoint, request: Request) -> tuple[Response, float]:
    began = perf_counter()
    response = endpoint.handle(request, principal=_READER, at=_NOW)
    return response, (perf_counter() - began) * 1e6


def _summary(source: Source, replayed: Replayed, single: OneByOne) -> Table:
    table = Table(title=source.name, show_header=False)
    table.add_column()
    table.add_column(justify="right")
    table.add_column()
    table.add_row("events", f"{replayed.events:,}")
    table.add_row("events per second, in bulk", _rate(replayed.events, replayed.seconds))
    table.add_row("events per second, one call each", _rate(replayed.events, single.seconds))
    table.add_row("completed", f"{replayed.completed:,}", style="bold")
    table.add_row("advanced", f"{replayed.advanced:,}", "evidence that was not enough yet")
    table.add_row("repeated", f"{replayed.repeated:,}", "known already")
    table.add_row("ignored", f"{replayed.ignored:,}", "not what completes the lesson")
    table.add_row("refused", f"{replayed.refused_events:,}", "for one of these reasons, or several")
    for code, count in replayed.refused.items():
        kinds = single.refused.get(code, {})
        split = ", ".join(f"{number:,} {kind}" for kind, number in kinds.items())
        table.add_row(f"  {code}", f"{count:,}", split)
    return table


def _left_out(source: Source) -> str:
    """How many rows were left out, and for each reason how many, with the first one's place."""
    if not source.left_out:
        return "no row was left out"
    counts = Counter(error.reason for error in source.left_out)
    first = {error.reason: str(error) for error in reversed(source.left_out)}
    told = [f"  {count:,}: {first[reason]}" for reason, count in counts.most_common()]
    return "\n".join(
        [f"{len(source.left_out):,} rows were left out; the first of each kind:", *told]
    )


def _rate(count: int, seconds: float) -> str:
    return f"{count / seconds:,.0f}" if seconds else "–"


def _listed(response: Response, times: str) -> Table:
    body = response.body
    title = f"{response.status}, {body['TotalItems']:,} items in {times}"
    table = Table(title=title, title_justify="left")
    names = ("Id", "CourseLessonTitle", "CourseMemberCoworkerFullName", "CreatedOn")
    for name in names:
        table.add_column(name)
    for record in body["Records"]:
        table.add_row(*(str(record[name]) for name in names))
    return table


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.replay",
        description="Replay course events and ask for the completed lessons.",
    )
    parser.add_argument(
        "path", nargs="?", type=Path, help="a folder or CSV file; else a seeded academy"
    )
    parser.add_argument("--order", choices=("time", "file"), default="time", help="of the events")
    parser.add_argument(
        "--completion",
        choices=("button", "visited"),
        help="what completes a lesson (default: button for a folder; what the events suggest)",
    )
    parser.add_argument(
        "--skip-bad-rows",
        action="store_true",
        help="leave out events that cannot be read, and say how many and why",
    )
    parser.add_argument("--plot", type=Path, metavar="FILE.png", help="completions per lesson")
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command; the exit code is 2 for input that cannot be read."""
    arguments = _arguments(argv)
    console = Console()
    completion = CompletionType[arguments.completion.upper()] if arguments.completion else None
    try:
        with console.status("Reading"):
            source = read(
                arguments.path,
                completion=completion,
                by_file=arguments.order == "file",
                skip_bad_rows=arguments.skip_bad_rows,
            )
    except SourceError as error:
        Console(stderr=True).print(str(error), style="red", highlight=False, soft_wrap=True)
        return 2
    if arguments.skip_bad_rows:
        console.print(_left_out(source), highlight=False, soft_wrap=True)
    gc.freeze()  # the events are the sender's: looking through them again is not counted
    with progress_bar(console) as progress:
        progress.add_task("Recording in bulk", total=len(source.events))
        replayed = replay(source, progress)
        progress.add_task("Recording one by one", total=len(source.events))
        single = one_by_one(source, progress)
    show(source, replayed, single, console)
    if arguments.plot:
        plot(source, replayed.tracker, arguments.plot)
        console.print(f"\nDrawn: {arguments.plot}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
