"""The replay command: its counts on real data and on a small academy, and its exit codes."""

from collections import Counter
from pathlib import Path

import attrs
import pytest

from benchmarks.academy import make_academy
from benchmarks.replay import main, one_by_one, per_lesson, read, replay, three_requests
from benchmarks.source import Source, in_order_of_time
from coursetrack.domain.entities import CompletionType, Lesson
from coursetrack.tracker import Tracker

Facts = set[tuple[int, int, object]]


def facts(tracker: Tracker) -> Facts:
    """The completions without their ids, which follow the order of arrival."""
    return {
        (record.lesson_id, record.member_id, record.created_on)
        for record in tracker.completed_lessons
    }


@pytest.fixture(scope="module")
def small() -> Source:
    return make_academy(members=60)


def test_every_event_is_counted_once(small: Source) -> None:
    replayed = replay(small)
    single = one_by_one(small)
    assert replayed.completed == len(replayed.tracker.completed_lessons) == single.completed > 300
    assert min(replayed.advanced, replayed.repeated, replayed.ignored) > 0
    by_code = {code: sum(kinds.values()) for code, kinds in single.refused.items()}
    assert by_code == replayed.refused
    assert {"section_locked", "lesson_locked", "course_inactive"} <= by_code.keys()
    others = replayed.completed + replayed.advanced + replayed.repeated + replayed.ignored
    assert replayed.events == others + replayed.refused_events
    assert 0 < replayed.refused_events <= sum(by_code.values())
    replayed.tracker.check()


def test_lessons_are_counted_in_course_order(small: Source) -> None:
    tracker = replay(small).tracker
    counted = per_lesson(small, tracker)
    places = [(lesson.course_id, lesson.section_id, lesson.display_order) for lesson, _ in counted]
    assert places == sorted(places)
    counts = Counter(record.lesson_id for record in tracker.completed_lessons)
    assert {lesson.id: count for lesson, count in counted} == {
        lesson.id: counts[lesson.id] for lesson, _ in counted
    }


def test_three_requests_are_made_even_of_nothing(small: Source) -> None:
    assert len(three_requests(replay(small).tracker)) == 3
    assert three_requests(Tracker()) == ["page=1&size=5"]


@pytest.fixture(scope="module")
def real(course_data: Path) -> Source:
    folder = course_data / "futurelearn_cyber"
    if not folder.is_dir():
        pytest.skip(f"no folder {folder}")
    return read(folder, completion=CompletionType.BUTTON, by_file=True)


def completing_by(source: Source, completion: CompletionType) -> Source:
    entities = [
        attrs.evolve(entity, completion_type=completion) if isinstance(entity, Lesson) else entity
        for entity in source.entities
    ]
    return attrs.evolve(source, entities=entities)


@pytest.mark.data
@pytest.mark.slow
@pytest.mark.parametrize(
    ("completion", "completed", "ignored", "repeated"),
    [
        (CompletionType.BUTTON, 252_692, 279_879, 0),
        (CompletionType.VISITED, 279_879, 252_692, 0),
    ],
)
def test_real_events_complete_what_a_plain_count_says(
    real: Source, completion: CompletionType, completed: int, ignored: int, repeated: int
) -> None:
    in_file_order = completing_by(real, completion)
    by_time = attrs.evolve(in_file_order, events=in_order_of_time(real.events))
    replays = [replay(source) for source in (in_file_order, by_time)]
    for replayed in replays:
        assert replayed.events == 532_771
        assert replayed.completed == completed
        assert (replayed.ignored, replayed.repeated) == (ignored, repeated)
        assert replayed.refused == {"unknown_member": 200}
    first, second = (facts(replayed.tracker) for replayed in replays)
    assert first == second


@pytest.mark.data
@pytest.mark.slow
def test_who_did_not_enrol_is_refused_with_every_visit_and_press(real: Source) -> None:
    single = one_by_one(real)
    assert single.refused == {"unknown_member": {"PageVisit": 101, "ButtonClick": 99}}


@pytest.mark.slow
def test_the_command_shows_counts_answers_and_a_picture(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    events = tmp_path / "events.csv"
    events.write_text("at,event,member,lesson\n20,button,Ada,Intro\n10,visit,Ada,Intro\n")
    picture = tmp_path / "picture.png"
    assert main([str(events), "--plot", str(picture)]) == 0
    shown = capsys.readouterr().out
    assert "events per second" in shown
    assert "200, 1 items in" in shown
    assert "1970-01-01T00:00:20Z" in shown
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("text", "blame"),
    [
        (None, "events.csv: no such file"),
        ("at,event,member\n", "events.csv:1: no column 'lesson'"),
        ("at,event,member,lesson\nnever,visit,m,l\n", "events.csv:2: column 'at'"),
    ],
)
def test_what_cannot_be_read_is_named_with_exit_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str | None, blame: str
) -> None:
    events = tmp_path / "events.csv"
    if text is not None:
        events.write_text(text)
    assert main([str(events)]) == 2
    assert blame in capsys.readouterr().err


def test_bad_rows_are_counted_with_the_reason_and_the_first_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    events = tmp_path / "events.csv"
    header = "at,event,member,lesson,event_id\n"
    bad = "never,visit,m,l,\never,visit,m,l,\n5,visit,m,l,e1\n6,visit,m,l,e1\n"
    events.write_text(header + "1,visit,m,l,\n" + bad)
    assert main([str(events)]) == 2
    assert "events.csv:3" in capsys.readouterr().err
    assert main([str(events), "--skip-bad-rows"]) == 0
    shown = capsys.readouterr().out
    assert "3 rows were left out" in shown
    assert "2: " in shown
    assert "events.csv:3: column 'at'" in shown
    assert "events.csv:6: event_id 'e1' stands in line 5" in shown
    assert "completed" in shown


def test_a_conflict_of_event_ids_is_named_with_exit_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    events = tmp_path / "events.csv"
    events.write_text("at,event,member,lesson,event_id\n5,visit,m,l,e1\n6,visit,m,l,e1\n")
    assert main([str(events)]) == 2
    assert "events.csv:3: event_id 'e1' stands in line 2" in capsys.readouterr().err
