"""Sources of a replay: what is read, and how unreadable input is blamed on a file and a line."""

import gzip
import lzma
from datetime import UTC, datetime
from pathlib import Path

import pytest

from benchmarks.academy import make_academy
from benchmarks.event_csv import read_event_csv
from benchmarks.futurelearn import read_futurelearn
from benchmarks.rows import instant
from benchmarks.source import SourceError, in_order_of_time
from coursetrack.domain.entities import CompletionType, CourseMember, Coworker, Lesson
from coursetrack.domain.events import ButtonClick, PageVisit, VideoProgress

HEADER = "at,event,member,lesson\n"


def written(folder: Path, text: str, name: str = "events.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_events_are_read_with_the_academy_they_name(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "lesson,at,member,event,course\n"
        "Intro,1700000060,Ada,visit,A\n"
        "Intro,2023-11-14T22:13:20,Ada,button,A\n"
        "Intro,2023-11-14T23:13:20+01:00,Ada,visit,B\n",
    )
    source = read_event_csv(path, None)
    assert [type(event) for event in source.events] == [PageVisit, ButtonClick, PageVisit]
    assert source.events[1].at == source.events[2].at == datetime.fromtimestamp(1700000000, UTC)
    assert [(event.member_id, event.lesson_id) for event in source.events] == [
        (1, 1),
        (1, 1),
        (2, 2),
    ]
    members = [entity for entity in source.entities if isinstance(entity, CourseMember)]
    assert [member.created_on.timestamp() for member in members] == [1700000000, 1700000000]


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        (["visit"], CompletionType.VISITED),
        (["visit", "button"], CompletionType.BUTTON),
        (["button", "finish"], CompletionType.VIDEO),
    ],
)
def test_a_lesson_completes_as_its_events_suggest(
    tmp_path: Path, kinds: list[str], expected: CompletionType
) -> None:
    path = written(tmp_path, HEADER + "".join(f"1,{kind},m,l\n" for kind in kinds))
    suggested, given = read_event_csv(path, None), read_event_csv(path, CompletionType.VISITED)
    assert [e.completion_type for e in suggested.entities if isinstance(e, Lesson)] == [expected]
    assert [e.completion_type for e in given.entities if isinstance(e, Lesson)] == [
        CompletionType.VISITED
    ]


def test_progress_carries_its_stretch(tmp_path: Path) -> None:
    header = "at,event,member,lesson,start,end,duration,event_id\n"
    path = written(tmp_path, header + "1,progress,m,l,0,9.5,10,e1\n")
    (event,) = read_event_csv(path, None).events
    assert isinstance(event, VideoProgress)
    assert (event.stretch, event.duration_ms, event.event_id) == ((0, 9500), 10000, "e1")


@pytest.mark.parametrize(
    ("text", "blame"),
    [
        ("", ":1: empty"),
        ("at,events,member,lesson\n", ":1: no column 'event' .*did you mean 'events'"),
        (HEADER + "1,visit,m,l\n1,visit,m\n", ":3: expected 4 cells, got 3"),
        (HEADER + "yesterday,visit,m,l\n", ":2: column 'at': expected .* got 'yesterday'"),
        (HEADER + "1,visits,m,l\n", ":2: column 'event': .*did you mean 'visit'"),
        (HEADER + "1,visit,,l\n", ":2: column 'member' is empty"),
        (HEADER + "1,progress,m,l\n", ":2: a 'progress' event needs the column 'start'"),
        (HEADER + '1,visit,"m\n', ":2: cannot be read"),
        (HEADER + "9" * 30 + ",visit,m,l\n", ":2: column 'at'"),
        (HEADER + "1,visit,m," + "x" * 200_000 + "\n", ":2: cannot be read"),
    ],
)
def test_unreadable_rows_are_named(tmp_path: Path, text: str, blame: str) -> None:
    with pytest.raises(SourceError, match=f"events.csv{blame}"):
        read_event_csv(written(tmp_path, text), None)


def test_a_stretch_without_a_duration_is_named(tmp_path: Path) -> None:
    header = "at,event,member,lesson,start,end,duration\n"
    with pytest.raises(SourceError, match=r"events.csv:2: duration: expected seconds above 0"):
        read_event_csv(written(tmp_path, header + "1,progress,m,l,0,1,0\n"), None)


def test_what_is_no_text_is_named(tmp_path: Path) -> None:
    latin = tmp_path / "latin.csv"
    latin.write_bytes(HEADER.encode() + b"1,visit,m,l\n1,visit,\xe9,l\n")
    with pytest.raises(SourceError, match=r"latin.csv:3: not UTF-8"):
        read_event_csv(latin, None)
    packed = tmp_path / "packed.csv.xz"
    packed.write_bytes(b"no archive")
    with pytest.raises(SourceError, match=r"packed.csv.xz:1: cannot be read"):
        read_event_csv(packed, None)
    with pytest.raises(SourceError, match="no such file"):
        read_event_csv(tmp_path / "none.csv", None)


def export(folder: Path, suffix: str = ".csv") -> Path:
    files = {
        "enrolments": "run,member,role,enrolled_at\n1,5,learner,100\n1,6,organisation_admin,100\n",
        "steps": "run,week,step\n1,1,1\n1,1,10\n",
        "step_activity": (
            "run,member,week,step,visited_at,completed_at\n"
            "1,5,1,1,300,400\n1,5,1,10,200,\n1,7,1,1,150,160\n"
        ),
    }
    for name, text in files.items():
        if suffix == ".csv":
            written(folder, text, name + suffix)
        else:
            (folder / f"{name}{suffix}").write_bytes(lzma.compress(text.encode()))
    return folder


@pytest.mark.parametrize("suffix", [".csv", ".csv.xz"])
def test_an_export_is_read(tmp_path: Path, suffix: str) -> None:
    source = read_futurelearn(export(tmp_path, suffix), CompletionType.BUTTON)
    lessons = [entity for entity in source.entities if isinstance(entity, Lesson)]
    assert [(lesson.title, lesson.completion_type) for lesson in lessons] == [
        ("1.1", CompletionType.BUTTON),
        ("1.10", CompletionType.BUTTON),
    ]
    assert [(type(e), e.member_id, e.at.timestamp()) for e in source.events] == [
        (PageVisit, 1, 300),
        (ButtonClick, 1, 400),
        (PageVisit, 1, 200),
        (PageVisit, 3, 150),
        (ButtonClick, 3, 160),
    ]
    assert [e.at.timestamp() for e in in_order_of_time(source.events)] == [150, 160, 200, 300, 400]


def test_an_export_without_a_file_or_with_a_repeated_row_is_named(tmp_path: Path) -> None:
    export(tmp_path)
    written(tmp_path, "run,week,step\n1,1,1\n1,1,1\n", "steps.csv")
    with pytest.raises(SourceError, match=r"steps.csv:3: step 1.1 of run 1 is listed twice"):
        read_futurelearn(tmp_path, CompletionType.BUTTON)
    (tmp_path / "steps.csv").unlink()
    with pytest.raises(SourceError, match=r"no steps.csv or steps.csv.xz"):
        read_futurelearn(tmp_path, CompletionType.BUTTON)


def test_the_academy_follows_from_its_seed() -> None:
    small = make_academy(members=30)
    assert small == make_academy(members=30)
    assert small != make_academy(members=30, seed=2)
    assert len(small.events) > 300


# -- what other systems write


@pytest.mark.parametrize(
    "text",
    [
        "1700000000",
        "1700000000.25",
        "1700000000250",
        "2023-11-14 22:13:20 UTC",
        "2023-11-14T22:13:20Z",
        "2023-11-14 22:13:20utc",
        "2023-11-14 23:13:20.250+01:00",
        "2023-11-14T22:13:20 GMT",
    ],
)
def test_an_instant_is_read_however_it_is_written(text: str) -> None:
    assert instant(text).replace(microsecond=0) == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert instant(text).microsecond in (0, 250_000)


@pytest.mark.parametrize("text", ["170000000025000", "", "UTC", "1.5.5", "tomorrow UTC"])
def test_what_is_no_instant_is_refused(text: str) -> None:
    with pytest.raises((ValueError, OverflowError)):
        instant(text)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".csv.xz"])
def test_separators_and_packed_files_are_told_apart(
    tmp_path: Path, separator: str, suffix: str
) -> None:
    pack = {".csv": bytes, ".csv.gz": gzip.compress, ".csv.xz": lzma.compress}[suffix]
    path = tmp_path / f"events{suffix}"
    text = "\ufeff" + HEADER + '5,visit,"Ada, Lovelace",Intro\n'
    rows = text.replace(",", separator) if separator != "," else text
    path.write_bytes(pack(rows.replace(f"Ada{separator} L", "Ada, L").encode()))
    source = read_event_csv(path, None)
    assert [each.full_name for each in source.entities if isinstance(each, Coworker)] == [
        "Ada, Lovelace"
    ]


def test_a_cut_archive_is_named(tmp_path: Path) -> None:
    path = tmp_path / "events.csv.gz"
    path.write_bytes(gzip.compress((HEADER + "1,visit,m,l\n" * 9999).encode())[:-20])
    with pytest.raises(SourceError, match=r"events.csv.gz:\d+: cannot be read"):
        read_event_csv(path, None, skip_bad_rows=True)


def test_a_blank_cell_is_not_a_missing_column(tmp_path: Path) -> None:
    header = "at,event,member,lesson,start,duration\n"
    path = written(tmp_path, header + "1,progress,m,l,,5\n")
    with pytest.raises(SourceError, match=r":2: .* needs a value in the column 'start', which is"):
        read_event_csv(path, None)
    path = written(tmp_path, header + "1,progress,m,l,0,5\n")
    with pytest.raises(SourceError, match=r":2: .* needs the column 'end', and there is none"):
        read_event_csv(path, None)


def test_one_event_id_is_one_event(tmp_path: Path) -> None:
    header = "at,event,member,lesson,event_id\n"
    same = "1,visit,m,l,e1\n"
    source = read_event_csv(written(tmp_path, header + same + same), None)
    assert len(source.events) == 2
    path = written(tmp_path, header + same + "1,visit,n,l,e1\n")
    with pytest.raises(SourceError, match=r"events.csv:3: event_id 'e1' stands in line 2"):
        read_event_csv(path, None)


def test_bad_rows_are_left_out_and_leave_no_trace(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_bytes(
        HEADER.encode()
        + b"1,visit,m,l\n"
        + b"2,visit\n"
        + b"never,visit,new,new\n"
        + b"3,visits,new,new\n"
        + b"4,visit,\xe9,l\n"
        + b"5,progress,new,new\n"
        + b"6,visit,o,l\n"
    )
    source = read_event_csv(path, None, skip_bad_rows=True)
    assert [event.at.timestamp() for event in source.events] == [1, 6]
    assert [str(error).split(":")[1] for error in source.left_out] == ["3", "4", "5", "6", "7"]
    names = [each.full_name for each in source.entities if isinstance(each, Coworker)]
    assert names == ["m", "o"]
    assert [event.member_id for event in source.events] == [1, 2]
    assert [each.title for each in source.entities if isinstance(each, Lesson)] == ["l"]


def test_bad_activity_is_left_out_of_an_export(tmp_path: Path) -> None:
    export(tmp_path)
    activity = tmp_path / "step_activity.csv"
    activity.write_text(activity.read_text() + "1,99,1,1,never,\n1,5,1,1,,500\n")
    source = read_futurelearn(tmp_path, CompletionType.BUTTON, skip_bad_rows=True)
    assert (len(source.events), len(source.left_out)) == (6, 1)
    (tmp_path / "steps.csv").write_text("run,week,step\n1,1\n")
    with pytest.raises(SourceError, match=r"steps.csv:2: expected 3 cells"):
        read_futurelearn(tmp_path, CompletionType.BUTTON, skip_bad_rows=True)
