"""One snapshot as many, and many as one: the facts of a member stay together.

Courses, sections and lessons go into every shard. A member goes into one, with everything that an
event can change: completions, evidence, remembered events. A coworker goes wherever one of its
members is, and into the first shard where it has none; so do records of no member.

What is split and merged is the plain value of ``Tracker.snapshot()``; nothing is restored on the
way, and nothing but its outline is looked at: ``Tracker.restore`` checks the rest.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, compress, repeat
from math import gcd
from operator import itemgetter
from typing import Any

from coursetrack.domain.entities import CompletedLesson, CourseMember, Coworker
from coursetrack.domain.facts import RememberedEvent
from coursetrack.domain.plain import Plain, read_int, read_object, refuse
from coursetrack.domain.values import as_int, as_iterable
from coursetrack.errors import InvalidValue, MergeConflict
from coursetrack.sharding.slots import shard_of as shard_of_slot
from coursetrack.snapshots import FORMAT, FORMAT_VERSION, KEYS, as_written

ShardOf = Callable[[int], int]
"""From a member's id to the number of its shard."""

_MEMBERS, _COWORKERS = CourseMember.__name__, Coworker.__name__
_COMPLETED, _REMEMBERED = CompletedLesson.__name__, RememberedEvent.__name__
_NUMBERING = ("first_id", "id_step")
_COLUMNS = ("completed_lessons", "given_ids")
_FACTS = (_COMPLETED, _REMEMBERED)


# -- one as many


def split(snapshot: Plain, shards: int, shard_of: ShardOf | None = None) -> list[Plain]:
    """`snapshot` as that many, each to be restored as a tracker of its own. O(facts).

    `shard_of` gives each member id a shard from 0 on; left out, members hash to slots and each
    shard has a range of the slots. InvalidSnapshot for what is no snapshot, InvalidValue for a
    number that is no shard. Every shard keeps version, settings and next id, so two of them give
    the same ids to what is completed from now on, unless these go by member.
    """
    as_int("shards", shards, low=1, high=2**31)
    found = as_snapshot(snapshot)
    parting = _Parting(shards, shard_of or (lambda id_: shard_of_slot(id_, shards)))
    parted = {key: [value] * shards for key, value in found.items()}
    parted["settings"] = [dict(found["settings"]) for _ in range(shards)]
    parted["entities"] = parting.entities(found["entities"])
    parted["evidence"] = parting.evidence(found["evidence"])
    for key, value in found.items():
        if key in _COLUMNS:
            parted[key] = parting.columns(value)
        elif key in _FACTS:
            parted[key] = parting.facts(value)
        elif key == "evidence":
            parted[key] = parting.evidence(value)
    return [{key: parts[shard] for key, parts in parted.items()} for shard in range(shards)]


class _Parting:
    """Sends each fact to its shard."""

    def __init__(self, shards: int, shard_of: ShardOf) -> None:
        self._shards = shards
        self._shard_of = shard_of
        self._known: dict[int, int] = {0: 0}

    def of(self, member_id: int) -> int:
        """The shard of a member; asked for once."""
        shard = self._known.get(member_id)
        if shard is None:
            shard = self._shard_of(member_id)
            if type(shard) is not int or not 0 <= shard < self._shards:
                expected = f"a shard from 0 to {self._shards - 1}"
                raise InvalidValue.of(f"shard_of({member_id})", shard, expected)
            self._known[member_id] = shard
        return shard

    def facts(self, facts: Iterable[Plain]) -> list[list[Plain]]:
        """Facts of members, each in its member's shard, in the order that they have."""
        parts = self._none()
        for fact in facts:
            parts[self.of(_member_of(fact))].append(fact)
        return parts

    def evidence(self, evidence: Mapping[str, Iterable[Plain]]) -> list[dict[str, list[Plain]]]:
        """Facts of members by kind, each in its member's shard."""
        parts = {kind: self.facts(facts) for kind, facts in evidence.items()}
        return [{kind: parts[kind][shard] for kind in parts} for shard in range(self._shards)]

    def columns(self, columns: Mapping[str, Sequence[Any]]) -> list[dict[str, list[Any]]]:
        """Columns, of which one is ``member_id``, cut by row."""
        shards = [*map(self.of, columns["member_id"])]
        parts = []
        for shard in range(self._shards):
            mine = [each == shard for each in shards]
            cut = {name: [*compress(column, mine)] for name, column in columns.items()}
            parts.append({name: as_written(column) for name, column in cut.items()})
        return parts

    def entities(self, entities: Mapping[str, Sequence[Plain]]) -> list[dict[str, list[Plain]]]:
        """The catalogue everywhere, members in their shards, coworkers where their members are."""
        members, homes = self._none(), dict[int, set[int]]()
        for member in entities[_MEMBERS]:
            shard = self.of(member["id"])
            members[shard].append(member)
            homes.setdefault(member["coworker_id"], set()).add(shard)
        coworkers = self._none()
        for coworker in entities[_COWORKERS]:
            for shard in homes.get(coworker["id"], {0}):
                coworkers[shard].append(coworker)
        theirs = {_MEMBERS: members, _COWORKERS: coworkers}
        return [
            {
                kind: theirs[kind][shard] if kind in theirs else [*entities[kind]]
                for kind in entities
            }
            for shard in range(self._shards)
        ]

    def _none(self) -> list[list[Plain]]:
        return [[] for _ in range(self._shards)]


def _member_of(fact: Plain) -> int:
    member_id: int = fact["event"]["member_id"] if "event" in fact else fact["member_id"]
    return member_id


# -- many as one


def merge(snapshots: Iterable[Plain]) -> Plain:
    """All `snapshots` as one, the same in whatever order they come. O(n log n) for n facts.

    The version is the highest of theirs. Numberings that interleave become the one that they
    interleave in. Remembered events keep their places where no two have one place, else they are
    numbered anew, by place and then event id. MergeConflict for an entity, a setting that differs,
    or one id, pair or event id in two of them; InvalidSnapshot for what is no snapshot.
    """
    parts = [as_snapshot(each) for each in as_iterable("snapshots", snapshots)]
    if not parts:
        raise InvalidValue.of("snapshots", snapshots, "at least one snapshot")
    settings = _merged_settings([part["settings"] for part in parts])
    merged: Plain = {
        "format": FORMAT,
        "format_version": max(part["format_version"] for part in parts),
        "version": max(part["version"] for part in parts),
        "next_id": _merged_next_id(settings, [part["next_id"] for part in parts]),
        "settings": settings,
        "entities": _merged_entities([part["entities"] for part in parts]),
        "evidence": _merged_evidence([part["evidence"] for part in parts]),
    }
    merged["completed_lessons"] = _merged_columns([part["completed_lessons"] for part in parts])
    merged["given_ids"] = _merged_given([part["given_ids"] for part in parts])
    for key in _FACTS:
        merged[key] = _merged_facts(key, [part[key] for part in parts])
    _require_distinct("completed lesson", _completed_ids(merged))
    return {key: merged[key] for key in KEYS}


def _merged_settings(settings: Sequence[Plain]) -> Plain:
    """The settings that all have; of numberings that interleave, the one that they are part of."""
    merged = dict(settings[0])
    for name, value in merged.items():
        for other in settings[1:]:
            if name != "first_id" and other.get(name) != value:
                raise MergeConflict(
                    f"settings.{name} is {value} in one shard and {other.get(name)} in another",
                    value=name,
                )
    firsts = [each["first_id"] for each in settings]
    merged["first_id"] = min(firsts)
    merged["id_step"] = gcd(merged["id_step"], *(first - min(firsts) for first in firsts))
    return merged


def _merged_next_id(settings: Plain, next_ids: Sequence[int]) -> int:
    """The first id of the merged numbering that no shard has given or stepped over."""
    first: int = settings["first_id"]
    step: int = settings["id_step"]
    next_id: int = max(next_ids)
    return next_id + (first - next_id) % step


def _merged_entities(parts: Sequence[Mapping[str, Sequence[Plain]]]) -> dict[str, list[Plain]]:
    return {kind: _merged_kind(kind, [part[kind] for part in parts]) for kind in parts[0]}


def _merged_kind(kind: str, parts: Sequence[Sequence[Plain]]) -> list[Plain]:
    listed = [*chain.from_iterable(parts)]
    if kind == _MEMBERS:
        _require_distinct(kind, (member["id"] for member in listed))
    found: dict[int, Plain] = {}
    for entity in listed:
        id_ = entity["id"]
        if found.setdefault(id_, entity) != entity:
            raise MergeConflict(f"{kind} {id_} differs between two shards", value=entity)
    return [found[id_] for id_ in sorted(found)]


def _merged_evidence(parts: Sequence[Mapping[str, Sequence[Plain]]]) -> dict[str, list[Plain]]:
    kinds = dict.fromkeys(kind for part in parts for kind in part)
    return {kind: _merged_facts(kind, [part.get(kind, ()) for part in parts]) for kind in kinds}


def _merged_columns(parts: Sequence[Mapping[str, Sequence[Any]]]) -> dict[str, list[Any]]:
    """Columns of which the first ascends and the rows go by it; some may be empty."""
    first, *_ = names = [*parts[0]]
    rows: list[tuple[Any, ...]] = []
    for part in parts:
        rows.extend(zip(*(part[name] or [None] * len(part[first]) for name in names), strict=True))
    rows.sort(key=itemgetter(0))
    columns = zip(*rows, strict=True) if rows else repeat((), len(names))
    return {name: as_written([*column]) for name, column in zip(names, columns, strict=True)}


def _merged_given(parts: Sequence[Mapping[str, Sequence[int]]]) -> dict[str, list[int]]:
    """How many ids each member was given: the most that any shard knows of."""
    given: dict[int, int] = {}
    for part in parts:
        for member_id, serial in zip(part["member_id"], part["given"], strict=True):
            given[member_id] = max(serial, given.get(member_id, 0))
    members = sorted(given)
    return {"member_id": members, "given": [given[member_id] for member_id in members]}


def _merged_facts(kind: str, parts: Sequence[Sequence[Plain]]) -> list[Plain]:
    facts = sorted(chain.from_iterable(parts), key=_place_of)
    if kind == _REMEMBERED:
        _require_distinct("remembered event", (fact["event"]["event_id"] for fact in facts))
        return _in_places(facts)
    if kind != _COMPLETED:  # those are told apart together with the columns
        _require_distinct(kind, map(_place_of, facts))
    return facts


def _place_of(fact: Plain) -> tuple[Any, ...]:
    """Where a fact belongs among its kind."""
    if "event" in fact:
        return fact["place"], fact["event"]["event_id"]
    if "id" in fact:
        return (fact["id"],)
    return fact["member_id"], fact["lesson_id"]


def _in_places(remembered: list[Plain]) -> list[Plain]:
    """Remembered events with distinct places: their own, or 1, 2, 3, … in the same order."""
    if len({fact["place"] for fact in remembered}) == len(remembered):
        return remembered
    return [{**fact, "place": place} for place, fact in enumerate(remembered, 1)]


def _completed_ids(snapshot: Plain) -> Iterator[int]:
    yield from snapshot["completed_lessons"]["id"]
    for record in snapshot[_COMPLETED]:
        yield record["id"]


def _require_distinct(kind: str, keys: Iterable[Any]) -> None:
    repeated, times = next(iter(Counter(keys).most_common(1)), (None, 0))
    if times > 1:
        raise MergeConflict(f"{kind} {repeated} is in two shards", value=repeated)


def as_snapshot(value: object) -> Mapping[str, Any]:
    """`value`, if it has the outline of a snapshot that this version writes."""
    found = read_object(value, "snapshot", KEYS)
    if found["format"] != FORMAT:
        refuse("snapshot.format", found["format"], repr(FORMAT))
    read_int(
        found["format_version"], "snapshot.format_version", low=FORMAT_VERSION, high=FORMAT_VERSION
    )
    return found
