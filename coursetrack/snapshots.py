"""All that a tracker knows as one plain value, and back.

The value is made of dicts, lists, texts, numbers, True, False and None, so that any JSON library
writes it. Completions are columns, which is what makes a million of them take seconds; only those
with custom fields, with localization details or of no lesson or member are objects, like all other
facts::

    {"format": "coursetrack", "format_version": 2, "version": 12, "next_id": 3,
     "given_ids": {"member_id": [], "given": []},
     "settings": {"first_id": 1, "id_step": 1, "remember_events": 100000, ...},
     "entities": {"Course": [{...}], "Coworker": [{...}], ...},
     "completed_lessons": {"id": [1, 2], "lesson_id": [10, 11], "member_id": [7, 7],
                           "created_on": [1736496000000000, ...], "updated_on": [...],
                           "updated_by": [None, "ada"], "system_id": [], "to_string_text": [],
                           "unique_id": []},
     "evidence": {"Watched": [{...}], "FirstVisit": [{...}], ...},
     "CompletedLesson": [{...}], "RememberedEvent": [{...}]}

Times in the columns are whole microseconds since 1970 (UTC). A column of texts is empty where no
record has one, and of unique ids there are those that records were given.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import compress
from operator import and_, le, not_
from typing import Any, get_args

from coursetrack.domain.entities import CompletedLesson, CourseMember, Lesson
from coursetrack.domain.facts import Fact, RememberedEvent
from coursetrack.domain.kinds import KINDS, Kinds
from coursetrack.domain.plain import (
    Plain,
    plain_fact,
    read_fact,
    read_int,
    read_list,
    read_object,
    refuse,
)
from coursetrack.domain.values import (
    MAX_ID,
    as_optional_text,
    as_unique_id,
    derived_unique_id,
    may_be_derived,
    microseconds,
)
from coursetrack.errors import CoursetrackError, InvalidSnapshot, InvalidValue
from coursetrack.knowledge.entity_tables import REFERENCES
from coursetrack.knowledge.member_ids import Ids
from coursetrack.knowledge.state import State
from coursetrack.knowledge.undo_log import UndoLog
from coursetrack.listing.table import Columns, Extra

FORMAT = "coursetrack"
FORMAT_VERSION = 2

_FIRST_INSTANT = microseconds(datetime.min.replace(tzinfo=UTC))
_LAST_INSTANT = microseconds(datetime.max.replace(tzinfo=UTC))
_SETTINGS = ("first_id", "id_step", "remember_events", "remember_answers", "accents", "ids")
_ENTITIES = tuple(kind.__name__ for kind in REFERENCES)
_OTHERS = (CompletedLesson.__name__, RememberedEvent.__name__)
_NUMBERS = ("id", "lesson_id", "member_id", "created_on", "updated_on")
_TEXTS = ("updated_by", "system_id", "to_string_text", "unique_id")
KEYS = (
    "format",
    "format_version",
    "version",
    "next_id",
    "given_ids",
    "settings",
    "entities",
    "completed_lessons",
    "evidence",
    *_OTHERS,
)


# -- writing


def snapshot(state: State) -> Plain:
    """Everything that `state` knows, as a fresh plain value. O(facts)."""
    columns, others = _completed(state)
    entities: dict[str, list[Plain]] = {name: [] for name in _ENTITIES}
    for entity in state.entity_tables:
        entities[type(entity).__name__].append(plain_fact(entity))
    evidence: dict[str, list[Plain]] = {name: [] for name in state.kinds.evidence}
    for each in state.evidence:
        evidence[type(each).__name__].append(plain_fact(each))
    return {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "version": state.version,
        "next_id": state.next_id,
        "given_ids": _given_ids(state),
        "settings": state.settings,
        "entities": entities,
        "completed_lessons": columns,
        "evidence": evidence,
        "CompletedLesson": [plain_fact(record) for record in others],
        "RememberedEvent": [plain_fact(event) for event in state.remembered],
    }


def _given_ids(state: State) -> dict[str, list[int]]:
    """How many ids each member was given, where ids go by member."""
    given = [] if state.member_ids is None else sorted(state.member_ids.serials.items())
    return {
        "member_id": [member_id for member_id, _ in given],
        "given": [serial for _, serial in given],
    }


def _completed(state: State) -> tuple[dict[str, list[Any]], list[CompletedLesson]]:
    """The columns of the records that are read off columns, and all other records."""
    found = state.store.columns()
    in_columns = [*map(and_, map(bool, found.lessons), map(bool, found.members))]
    for place, extra in found.extras.items():
        if extra.custom_fields is not None or extra.localization_details is not None:
            in_columns[place] = False
    numbers = (found.ids, found.lessons, found.members, found.created, found.updated)
    columns: dict[str, list[Any]] = {
        name: list(compress(column, in_columns))
        for name, column in zip(_NUMBERS, numbers, strict=True)
    }
    editors = compress(found.editors, in_columns) if any(found.editors) else ()
    columns["updated_by"] = as_written([*map(found.editor_names.__getitem__, editors)])
    extras = found.extras
    for name in _TEXTS[1:]:
        told = {place: getattr(extra, name) for place, extra in extras.items()}
        places = compress(range(len(found.ids)), in_columns) if told else ()
        columns[name] = as_written([*map(told.get, places)])
    others = map(state.store.get, compress(found.ids, map(not_, in_columns)))
    return columns, [record for record in others if record is not None]


def as_written(column: list[Any]) -> list[Any]:
    """A column as a snapshot has it: empty where there is nothing in it."""
    return column if any(each is not None for each in column) else []


# -- reading


def restore(value: object, kinds: Kinds = KINDS) -> State:
    """The state whose snapshot `value` is; InvalidSnapshot says where it is none. O(facts)."""
    found = read_object(value, "snapshot", KEYS)
    if found["format"] != FORMAT:
        refuse("snapshot.format", found["format"], repr(FORMAT))
    read_int(
        found["format_version"], "snapshot.format_version", low=FORMAT_VERSION, high=FORMAT_VERSION
    )
    state = _empty(found["settings"], kinds)
    entities = read_object(found["entities"], "snapshot.entities", _ENTITIES)
    for kind in _ENTITIES:
        _take_all(state, kind, entities[kind], f"snapshot.entities.{kind}")
    _take_columns(state, found["completed_lessons"])
    evidence = read_object(found["evidence"], "snapshot.evidence", kinds.evidence)
    for kind in kinds.evidence:
        _take_all(state, kind, evidence[kind], f"snapshot.evidence.{kind}")
    for kind in _OTHERS:
        _take_all(state, kind, found[kind], f"snapshot.{kind}")
    state.version = read_int(found["version"], "snapshot.version", low=0, high=MAX_ID)
    state.next_id = _read_next_id(state, found["next_id"])
    _take_given_ids(state, found["given_ids"])
    return state


def _empty(value: object, kinds: Kinds) -> State:
    where = "snapshot.settings"
    # What there was no choice of was not written: accents counted, ids were given in order.
    known = {"accents": True, "ids": "in_order", **value} if isinstance(value, dict) else value
    found = read_object(known, where, _SETTINGS)
    if not isinstance(found["accents"], bool):
        refuse(f"{where}.accents", found["accents"], "True or False")
    if found["ids"] not in get_args(Ids):
        refuse(f"{where}.ids", found["ids"], "'in_order' or 'by_member'")
    lows = {"first_id": 1, "id_step": 1, "remember_events": 0, "remember_answers": 0}
    return State(
        **{
            name: read_int(found[name], f"{where}.{name}", low=low, high=MAX_ID)
            for name, low in lows.items()
        },
        accents=found["accents"],
        kinds=kinds,
        ids=found["ids"],
    )


def _take_all(state: State, kind: str, value: object, where: str) -> None:
    for place, each in enumerate(read_list(value, where)):
        fact = read_fact(kind, each, f"{where}[{place}]", state.kinds)
        _take(state, fact, f"{where}[{place}]")


def _take(state: State, fact: Fact, where: str) -> None:
    try:
        state.take(UndoLog(), (None, fact))
    except CoursetrackError as wrong:
        raise InvalidSnapshot(f"{where}: {wrong}", value=fact) from wrong


def _read_next_id(state: State, value: object) -> int:
    # What was taken has moved the state's own next id past every id that it could give.
    where, step = "snapshot.next_id", state.id_step
    next_id = read_int(value, where, low=state.next_id, high=2 * MAX_ID)
    if (next_id - state.first_id) % step:
        refuse(where, value, f"an id reached from {state.first_id} by steps of {step}")
    return next_id


def _take_columns(state: State, value: object) -> None:
    where = "snapshot.completed_lessons"
    # What there was no column for was not written, and nobody had it.
    known = {**{name: [] for name in _TEXTS}, **value} if isinstance(value, dict) else value
    found = read_object(known, where, (*_NUMBERS, *_TEXTS))
    ids, lesson_ids, member_ids, created, updated = columns = [
        read_list(found[name], f"{where}.{name}") for name in _NUMBERS
    ]
    if len(set(map(len, columns))) > 1:
        refuse(where, [len(column) for column in columns], "columns of one length")
    for name, column in zip(_NUMBERS, columns, strict=True):
        times = name in ("created_on", "updated_on")
        low, high = (_FIRST_INSTANT, _LAST_INSTANT) if times else (1, MAX_ID)
        _require_ints(column, f"{where}.{name}", low=low, high=high)
    _require_ascending(ids, f"{where}.id")
    _require_known(lesson_ids, state.entity_tables.table(Lesson), f"{where}.lesson_id")
    _require_known(member_ids, state.entity_tables.table(CourseMember), f"{where}.member_id")
    editors, *texts = (_read_texts(found[name], f"{where}.{name}", len(ids)) for name in _TEXTS)
    if texts[-1]:
        texts[-1] = _take_unique_ids(state, ids, texts[-1], f"{where}.unique_id")
    _take_pairs(state, lesson_ids, member_ids, where)
    names = (None, *dict.fromkeys(name for name in editors if name is not None))
    numbers = {name: number for number, name in enumerate(names)}
    by_whom = [*map(numbers.__getitem__, editors)] if editors else bytes(len(ids))
    extras = _extras(*texts)
    state.store.load(Columns(ids, lesson_ids, member_ids, created, updated, by_whom, names, extras))
    _pass_ids(state, ids)


def _read_texts(value: object, where: str, length: int) -> list[str | None]:
    """A column of texts and None: as long as the others, or empty."""
    column = read_list(value, where)
    if len(column) not in (0, length):
        refuse(where, len(column), f"no values, or {length}")
    try:  # passes in C over a good column; only a bad one is walked to tell where it is bad
        is_good = {*map(type, column)} <= {str, type(None)}
        "".join(filter(None, column) if is_good else ()).encode()
    except UnicodeEncodeError:
        is_good = False
    if not is_good:
        for place, each in enumerate(column):
            try:
                as_optional_text("", each)
            except InvalidValue as wrong:
                refuse(f"{where}[{place}]", each, str(wrong.expected))
    return column


def _take_unique_ids(
    state: State, ids: Sequence[int], column: list[str | None], where: str
) -> list[str | None]:
    """The column without what the ids derive; refuses one that is none, or another's too."""
    given: dict[str, int] = {}
    taken: list[str | None] = list(column)
    for place, (id_, unique_id) in enumerate(zip(ids, column, strict=True)):
        if unique_id is None:
            continue
        try:
            unique_id = taken[place] = as_unique_id("", unique_id)
        except InvalidValue as wrong:
            refuse(f"{where}[{place}]", unique_id, str(wrong.expected))
        if may_be_derived(unique_id) and unique_id == derived_unique_id("CompletedLesson", id_):
            taken[place] = None
        elif given.setdefault(unique_id, id_) != id_:
            refuse(f"{where}[{place}]", unique_id, f"another, as {given[unique_id]} has it too")
    state.given.fill(given)
    if state.given.derivable:  # hashes every id
        for place, id_ in enumerate(ids):
            holder = None if taken[place] else state.given.holder(id_)
            if holder is not None:
                told = f"none that record {holder} was given"
                refuse(f"{where}[{place}]", derived_unique_id("CompletedLesson", id_), told)
    return taken


def _extras(
    system_ids: Sequence[str | None],
    texts: Sequence[str | None],
    unique_ids: Sequence[str | None],
) -> dict[int, Extra]:
    """What few records have, by their places."""
    length = max(map(len, (system_ids, texts, unique_ids)))
    if not length:
        return {}
    nothing = [None] * length
    told = zip(system_ids or nothing, texts or nothing, unique_ids or nothing, strict=True)
    return {
        place: Extra(system_id, None, None, text, unique_id)
        for place, (system_id, text, unique_id) in enumerate(told)
        if not system_id is text is unique_id is None
    }


def _require_ints(column: Sequence[Any], where: str, *, low: int, high: int) -> None:
    # Three passes in C over a good column; only a bad one is walked to tell where it is bad.
    if column and not (
        set(map(type, column)) == {int} and low <= min(column) <= max(column) <= high
    ):
        for place, each in enumerate(column):
            read_int(each, f"{where}[{place}]", low=low, high=high)


def _require_ascending(ids: Sequence[int], where: str) -> None:
    for place, not_above in enumerate(map(le, ids[1:], ids), 1):
        if not_above:
            refuse(f"{where}[{place}]", ids[place], f"an id above the one before, {ids[place - 1]}")


def _require_known(ids: Sequence[int], table: Mapping[int, object], where: str) -> None:
    unknown = set(ids).difference(table)
    if unknown:
        place = next(place for place, id_ in enumerate(ids) if id_ in unknown)
        refuse(f"{where}[{place}]", ids[place], "an id that is among the entities")


def _take_pairs(
    state: State, lesson_ids: Sequence[int], member_ids: Sequence[int], where: str
) -> None:
    place = state.completions.fill(zip(lesson_ids, member_ids, strict=True))
    if place is not None:
        pair = (lesson_ids[place], member_ids[place])
        refuse(f"{where}[{place}]", pair, "a lesson and member that no other record has")


def _take_given_ids(state: State, value: object) -> None:
    where, names = "snapshot.given_ids", ("member_id", "given")
    found = read_object(value, where, names)
    members, given = (read_list(found[name], f"{where}.{name}") for name in names)
    if len(members) != len(given) or (members and state.member_ids is None):
        refuse(where, [len(members), len(given)], "columns of one length, empty for ids in order")
    _require_ints(members, f"{where}.member_id", low=0, high=MAX_ID)
    _require_ints(given, f"{where}.given", low=1, high=MAX_ID)
    for place, (member_id, serial) in enumerate(zip(members, given, strict=True)):
        if state.member_ids is not None:
            if serial < state.member_ids.serials.get(member_id, 0):
                refuse(f"{where}.given[{place}]", serial, "a number not below one that is given")
            state.member_ids.serials[member_id] = serial


def _pass_ids(state: State, ids: Sequence[int]) -> None:
    if state.member_ids is not None:
        state.member_ids.give(UndoLog(), ids)
        return
    step = state.id_step
    given = [id_ for id_ in ids if (id_ - state.first_id) % step == 0]
    if given and given[-1] >= state.next_id:
        state.next_id = given[-1] + step
