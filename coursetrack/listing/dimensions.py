"""What records are grouped, shown and found by: one dimension for each, each giving rows labels.

A label is a plain comparable value. For ids it is the id. For texts it is "" for null and
"=" + the folded text otherwise, so that nulls come first and texts sort as they compare.

    dimension      side        label of a row
    lesson_id      lessons     lesson id
    lesson_title   lessons     "=" + folded title
    member_id      members     member id
    full_name      members     "=" + folded name of the member's coworker
    company_name   members     …
    team_names     members     the teams' joined text, blanks around commas dropped
    team_names/each  members   each single team (a row may have several labels)
    updated_by     editors     "=" + folded editor
    system_id      (few rows)  "=" + folded system id
    everything     -           0

Names change; rows do not. So the names of lessons and those of members keep a log of moves (side
id, old labels, new labels), which each index of posting lists works through when it is next asked.
"""

import sys
from array import array
from collections.abc import Iterable, Sequence
from itertools import repeat
from types import MappingProxyType
from typing import Any, NamedTuple, assert_never

from coursetrack.domain.entities import CourseMember, Coworker, Lesson
from coursetrack.domain.folding import folded, folded_teams
from coursetrack.errors import CorruptStore
from coursetrack.listing.fields import Kind, ListField, Side, named_by
from coursetrack.listing.query import CompletedLessonQuery
from coursetrack.listing.table import Table

Label = Any
NamedEntity = Lesson | Coworker | CourseMember

NULL = ""
_LONGEST_LOG = 10_000


def label_for(field: ListField, value: Any, *, accents: bool = True) -> Label:
    """The label of a field's value: sorts, and is found, as the value compares."""
    match field.kind:
        case Kind.TEXT:
            return label_of(value, accents=accents)
        case Kind.TEAMS:
            return NULL if value is None else _label(folded_teams(value, accents=accents))
        case Kind.ID:
            return value or 0
        case Kind.UNIQUE_ID | Kind.CODE:
            return NULL if value is None else "=" + value
        case Kind.INSTANT:
            raise NotImplementedError(f"{field.name}: only a column of the table holds instants")
        case _:
            assert_never(field.kind)


def each_of(name: str) -> str:
    """The dimension of a joined field's single texts: ``team_names/each``."""
    return f"{name}/each"


def label_of(text: str | None, *, accents: bool) -> str:
    """The label of a text: sorts, and is found, as the text compares."""
    return NULL if text is None else _label(folded(text, accents=accents))


def _label(key: str) -> str:
    return sys.intern("=" + key)


Labels = tuple[Label, ...]
"""The labels of a side id in one dimension; never empty."""


class Move(NamedTuple):
    """The rows of one lesson or member change their labels, given for each dimension of names."""

    side: int
    old: tuple[Labels, ...]
    new: tuple[Labels, ...]


def labels_of(side: Side, entity: Lesson | Coworker, *, accents: bool = True) -> tuple[Labels, ...]:
    """What a lesson, or a member of this coworker, is labelled with: for each dimension."""
    labels: list[Labels] = []
    for field in _NAMED_BY[side]:
        assert field.of is not None
        label = label_for(field, field.of(entity), accents=accents)
        labels.append((label,))
        if field.kind is Kind.TEAMS:
            labels.append(labels_of_each(label))
    return tuple(labels)


_NAMED_BY = MappingProxyType({side: named_by(side) for side in (Side.LESSON, Side.MEMBER)})


def labels_of_each(label: str) -> Labels:
    """The labels of the single texts that a joined text's label holds.

    They are what stands between two commas, as on the wire: a team called "A, B" is shown, and
    found, as two.
    """
    if label == NULL:
        return (NULL,)
    return tuple(dict.fromkeys(_label(each.strip(" \t")) for each in label[1:].split(",")))


def _dimensions(side: Side) -> Iterable[tuple[str, Labels]]:
    for field in named_by(side):
        null = (label_for(field, None),)
        yield field.name, null
        if field.kind is Kind.TEAMS:
            yield each_of(field.name), null


NAMED = MappingProxyType({side: dict(_dimensions(side)) for side in (Side.LESSON, Side.MEMBER)})
"""The dimensions that are named by lessons, or by members, each with the labels of null."""

TEXTS = tuple(name for labels in NAMED.values() for name, null in labels.items() if null == (NULL,))
"""Those of them whose labels are texts."""

UNKNOWN = MappingProxyType({side: tuple(labels.values()) for side, labels in NAMED.items()})
"""The labels of a lesson or coworker that nobody knows: null, in each dimension."""


class SideLabels:
    """The labels of all lessons, or of all members, in each dimension that is named by them.

    A rename moves rows from one label to another, and is told to the indexes by the log::

        known    {7: (("=ada",), …)}        moves  []                         renames  (0, …)
        known    {7: (("=ada l.",), …)}     moves  [(7, "=ada", "=ada l.")]   renames  (1, …)
    """

    def __init__(self, unknown: tuple[Labels, ...]) -> None:
        self._unknown = unknown
        self.known: dict[int, tuple[Labels, ...]] = {}
        self.moves: list[Move] = []
        self.generation: int = 0  # grows when the log was cut: whoever is behind starts again
        self.renames: tuple[int, ...] = (0,) * len(unknown)  # of labels, in each dimension
        self._borrowed = False  # `known` and `moves` are another's too: copied before a write

    def set(self, side: int, labels: tuple[Labels, ...]) -> None:
        """From now on `side` has these labels. The same again changes nothing. O(1).

        A move counts once its labels are known, so a call that is cut off has changed nothing::

            known {7: Ada}    moves []                      before
            known {7: Ada}    moves [7: Ada -> Zoe]         cut off: the next call drops the move
            known {7: Zoe}    moves [7: Ada -> Zoe]         after
        """
        if self.moves and self.known.get(self.moves[-1].side) is not self.moves[-1].new:
            self._own()
            del self.moves[-1]
        old = self.known.get(side)
        if old == labels:
            return
        self._own()
        if old is None:  # no row can refer to what was never known
            self.known[side] = labels
            return
        # First: to grow once too often does no harm.
        self.renames = tuple(
            count + (was != now) for count, was, now in zip(self.renames, old, labels, strict=True)
        )
        self.moves.append(Move(side, old, labels))
        self.known[side] = labels
        if len(self.moves) > _LONGEST_LOG:
            self.generation += 1  # first: whoever looks between the two starts again twice
            # Nor can a row in force refer to what is gone, so it is forgotten now and then.
            self.known = {
                each: labels for each, labels in self.known.items() if labels != self._unknown
            }
            self.moves = []

    @property
    def in_use(self) -> dict[int, tuple[Labels, ...]]:
        """The labels of those that are known. O(n)."""
        return {side: each for side, each in self.known.items() if each != self._unknown}

    def _own(self) -> None:
        if self._borrowed:
            self.known, self.moves = self.known.copy(), self.moves.copy()
            self._borrowed = False

    def fork(self) -> "SideLabels":
        """An independent copy. O(1); the next write to either side copies what it holds."""
        other = SideLabels(self._unknown)
        other.known, other.moves = self.known, self.moves
        other.generation, other.renames = self.generation, self.renames
        other._borrowed = self._borrowed = True
        return other


class Dimension:
    """Rows have the label of their side id: here the id itself, which never changes."""

    moves: Sequence[Move] = ()
    generation = 0

    def __init__(self, name: str, side: str | None) -> None:
        self.name = name
        self.side = side

    def change(self, move: Move) -> tuple[Labels, Labels]:
        """The old and the new labels of a move in this dimension."""
        raise NotImplementedError(f"{self.name} has no moves")

    def sides(self, table: Table, start: int) -> Iterable[int]:
        """The side ids of all rows from `start` on."""
        if self.side is None:
            return repeat(0, table.now.size - start)
        column: array[int] = getattr(table, self.side)
        return column[start : table.now.size]

    def side_of(self, table: Table, row: int) -> int:
        """The side id of a row."""
        return getattr(table, self.side)[row] if self.side else 0

    def labels(self, side: int) -> Labels:
        """The labels of a side id; never empty."""
        return (side,)


class Named(Dimension):
    """A dimension whose labels are looked up by side id and may change."""

    def __init__(self, name: str, side: Side, names: SideLabels, place: int) -> None:
        super().__init__(name, side.value)
        self._names = names
        self._place = place
        self._unknown = UNKNOWN[side][place]

    @property
    def moves(self) -> Sequence[Move]:  # type: ignore[override]
        """The moves since the log was last cut."""
        return self._names.moves

    @property
    def generation(self) -> int:  # type: ignore[override]
        """Grows when the log is cut."""
        return self._names.generation

    def change(self, move: Move) -> tuple[Labels, Labels]:
        """The old and the new labels of a move in this dimension."""
        return move.old[self._place], move.new[self._place]

    def labels(self, side: int) -> Labels:
        """The labels of a side id; null for one that is unknown."""
        known = self._names.known.get(side)
        return self._unknown if known is None else known[self._place]


class Editors(Dimension):
    """The rows by who changed them last."""

    def __init__(self, table: Table, *, accents: bool) -> None:
        super().__init__("updated_by", "editors")
        self.table = table
        self.accents = accents

    def labels(self, side: int) -> Labels:
        """The editor of this number."""
        return (label_of(self.table.editor_names[side], accents=self.accents),)


class Systems(Dimension):
    """The rows by system id, which few have: the side id is the row's number, 0 for null."""

    def __init__(self, table: Table, *, accents: bool) -> None:
        super().__init__("system_id", None)
        self.table = table
        self.accents = accents

    def sides(self, table: Table, start: int) -> Iterable[int]:
        """The rows themselves, counted from 1, where they have a system id; else 0."""
        extras = table.extras
        rows = range(start, table.now.size)
        return (row + 1 if row in extras else 0 for row in rows) if extras else repeat(0, len(rows))

    def side_of(self, table: Table, row: int) -> int:
        """The row counted from 1, or 0."""
        return row + 1 if row in table.extras else 0

    def labels(self, side: int) -> Labels:
        """The system id of the row counted from 1."""
        text = self.table.system_id(side - 1) if side else None
        return (label_of(text, accents=self.accents),)


class Joined(NamedTuple):
    """The live names that a record is shown with; None where there is none."""

    lesson_title: str | None
    full_name: str | None
    company_name: str | None
    team_names: str | None


Shown = tuple[str | None, str | None, str | None]
"""What a member is shown as: full name, company name, team names."""

NOBODY: Shown = (None, None, None)
"""What a member is shown as whom nobody knows."""

_FEW = 8
"""So many members of one coworker stand in a tuple; more in a dict, which forks must copy."""

_Members = tuple[int, ...] | dict[int, None]


class LiveNames:
    """The names behind the ids, and the dimensions made from them; `accents` count or do not.

    A member is shown by the names of its coworker, which all of the coworker's members share::

        coworkers  {5: Coworker(5, "Ada")}    members_of  {5: (7, 9)}    coworker_of  {7: 5, 9: 5}
        shown      {7: ("Ada", None, None), 9: (the same tuple)}

    Copies share all of it until either side puts a name.
    """

    def __init__(self, *, accents: bool = True) -> None:
        self.accents = accents
        self.stamp: object = object()  # another one with each name that is put
        self.lessons: dict[int, Lesson] = {}
        self.titles: dict[int, str] = {}
        self.coworkers: dict[int, Coworker] = {}
        self.coworker_of: dict[int, int] = {}
        self.members_of: dict[int, _Members] = {}
        self.shown: dict[int, Shown] = {}
        self.labels_of: dict[int, tuple[Labels, ...]] = {}
        self.of_lessons: SideLabels = SideLabels(UNKNOWN[Side.LESSON])
        self.of_members: SideLabels = SideLabels(UNKNOWN[Side.MEMBER])
        self._borrowed = False

    def dimensions(self) -> tuple[Named, ...]:
        """The dimensions of names, over the live names as it is and will be."""
        return tuple(
            Named(name, side, labels, place)
            for side, labels in ((Side.LESSON, self.of_lessons), (Side.MEMBER, self.of_members))
            for place, name in enumerate(NAMED[side])
        )

    def put(self, before: NamedEntity | None, after: NamedEntity | None) -> None:
        """Makes `after` (or, where it is None, the absence of `before`) what is known.

        O(1); O(members) for a coworker.
        """
        self.stamp = object()  # first, so that no text made before can be taken for a later one
        self._own()
        entity = after if after is not None else before
        if isinstance(entity, Lesson):
            self._put_lesson(entity, gone=after is None)
        elif isinstance(entity, Coworker):
            self._put_coworker(entity, gone=after is None)
        elif isinstance(entity, CourseMember):
            self._put_member(entity, gone=after is None)

    def _put_lesson(self, lesson: Lesson, *, gone: bool) -> None:
        if gone:
            self.lessons.pop(lesson.id, None)
            self.titles.pop(lesson.id, None)
            self.of_lessons.set(lesson.id, UNKNOWN[Side.LESSON])
        else:
            self.lessons[lesson.id] = lesson
            self.titles[lesson.id] = lesson.title
            self.of_lessons.set(lesson.id, labels_of(Side.LESSON, lesson, accents=self.accents))

    def _put_coworker(self, coworker: Coworker, *, gone: bool) -> None:
        if gone:
            self.coworkers.pop(coworker.id, None)
            self.labels_of.pop(coworker.id, None)
        else:
            self.coworkers[coworker.id] = coworker
            labels = labels_of(Side.MEMBER, coworker, accents=self.accents)
            self.labels_of[coworker.id] = labels
        members = self.members_of.get(coworker.id, ())
        if members:
            self._show(members, coworker.id)

    def _put_member(self, member: CourseMember, *, gone: bool) -> None:
        coworker_id = self.coworker_of.get(member.id)
        if coworker_id is not None and (gone or coworker_id != member.coworker_id):
            left = _without(self.members_of.get(coworker_id, ()), member.id)
            if left:
                self.members_of[coworker_id] = left
            else:
                self.members_of.pop(coworker_id, None)
            self.coworker_of.pop(member.id)
        if not gone:
            self.coworker_of[member.id] = member.coworker_id
            mates = self.members_of.get(member.coworker_id, ())
            self.members_of[member.coworker_id] = _with(mates, member.id)
            self._show((member.id,), member.coworker_id)
        else:
            self.shown.pop(member.id, None)
            self.of_members.set(member.id, UNKNOWN[Side.MEMBER])

    def _show(self, members: Iterable[int], coworker_id: int) -> None:
        """Shows and labels `members` by their coworker's names."""
        coworker = self.coworkers.get(coworker_id)
        shown = NOBODY if coworker is None else _shown(coworker)
        labels = self.labels_of.get(coworker_id, UNKNOWN[Side.MEMBER])
        for member_id in members:
            self.shown[member_id] = shown
            self.of_members.set(member_id, labels)

    def _own(self) -> None:
        """Copies what a fork may read. O(lessons + members + coworkers), once after a fork."""
        if self._borrowed:
            for name in _DICTS:
                setattr(self, name, getattr(self, name).copy())
            self.members_of = {
                id_: each.copy() if isinstance(each, dict) else each
                for id_, each in self.members_of.items()
            }
            self._borrowed = False  # after the last copy: cut off before, all are copied again

    def names(self, lesson_id: int, member_id: int) -> Joined:
        """The names that this lesson and this member are shown with. O(1)."""
        return Joined(self.titles.get(lesson_id), *self.shown.get(member_id, NOBODY))

    def entity(self, side: Side, id_: int) -> Lesson | Coworker | None:
        """The lesson with this id, or the coworker who is this member; None for nobody known."""
        if side is Side.LESSON:
            return self.lessons.get(id_)
        return self.coworkers.get(self.coworker_of.get(id_, 0))

    def renames(self, query: CompletedLessonQuery) -> tuple[int, ...]:
        """How often rows have changed the labels that `query` filters or sorts by. O(fields)."""
        found: tuple[int, ...] = ()
        for name, order, side, places in _USES:
            if getattr(query, name) is not None or query.order_by == order:
                labels = self.of_lessons if side is Side.LESSON else self.of_members
                found += labels.renames[places]
        return found

    def check(self, entities: Iterable[NamedEntity]) -> None:
        """Proves that the names are those of `entities`, or raises CorruptStore. O(entities)."""
        fresh = LiveNames(accents=self.accents)
        for entity in entities:
            fresh.put(None, entity)
        for name in (*_DICTS, "members_of"):
            kept, right = getattr(self, name), getattr(fresh, name)
            if name == "members_of":
                kept = {id_: sorted(each) for id_, each in kept.items()}
                right = {id_: sorted(each) for id_, each in right.items()}
            _require_same(f"names: {name}", kept, right)
        for side in ("of_lessons", "of_members"):
            _require_same(
                f"labels: {side}", getattr(self, side).in_use, getattr(fresh, side).in_use
            )

    def fork(self) -> "LiveNames":
        """An independent copy. O(1); the next name put to either side copies what it holds."""
        other = LiveNames.__new__(LiveNames)
        other.__dict__.update(self.__dict__)
        other.of_lessons, other.of_members = self.of_lessons.fork(), self.of_members.fork()
        other._borrowed = self._borrowed = True
        return other


def _require_same(what: str, kept: dict[int, Any], right: dict[int, Any]) -> None:
    for id_ in kept.keys() | right.keys():
        if kept.get(id_) != right.get(id_):
            raise CorruptStore(f"{what} of {id_} disagree with the entities")


_DICTS = ("lessons", "titles", "coworkers", "coworker_of", "shown", "labels_of")


def _uses() -> Iterable[tuple[str, str, Side, slice]]:
    """For each field of names the query's name and order, and where its dimensions stand."""
    for side, dimensions in NAMED.items():
        places = {name: place for place, name in enumerate(dimensions)}
        for field in named_by(side):
            first, each = places[field.name], each_of(field.name)
            yield field.name, field.order, side, slice(first, places.get(each, first) + 1)


_USES = tuple(_uses())


def _shown(coworker: Coworker) -> Shown:
    return coworker.full_name, coworker.company_name, coworker.teams_text


def _with(members: _Members, member_id: int) -> _Members:
    if isinstance(members, dict):
        members[member_id] = None
        return members
    if member_id in members:
        return members
    return dict.fromkeys((*members, member_id)) if len(members) >= _FEW else (*members, member_id)


def _without(members: _Members, member_id: int) -> _Members:
    if isinstance(members, dict):
        members.pop(member_id, None)
        return members
    return tuple(each for each in members if each != member_id)
