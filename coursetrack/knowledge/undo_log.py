"""The undo log: how a call that fails half-way leaves everything as it was.

Every container of a tracker's state is changed through an undo log. It notes how to put the old
value back *before* it changes anything, and what it notes may run whether or not the change took
place, and twice. So rolling back may be cut off, and begun again where it was::

    undo_log.put(titles, 10, "Welcome")      notes: titles[10] was "Hello"
    undo_log.include(members, 7)             notes: 7 was not among members
    undo_log.roll_back()                     7 goes, then titles[10] is "Hello" again
"""

from collections.abc import Callable
from typing import Any, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")

_ABSENT: Any = object()


class UndoLog:
    """Changes containers, and can take all of it back. Each operation O(1)."""

    __slots__ = ("_undos",)

    def __init__(self) -> None:
        self._undos: list[tuple[Callable[..., object], tuple[Any, ...]]] = []

    def __len__(self) -> int:
        """How many changes can be taken back."""
        return len(self._undos)

    def put(self, table: dict[Key, Value], key: Key, value: Value) -> None:
        """Makes ``table[key]`` be `value`."""
        self._undos.append((_restore, (table, key, table.get(key, _ABSENT))))
        table[key] = value

    def drop(self, table: dict[Key, Value], key: Key) -> None:
        """Makes `key` be absent from `table`."""
        self._undos.append((_restore, (table, key, table.get(key, _ABSENT))))
        table.pop(key, None)

    def set_item(self, items: list[Value], place: int, value: Value) -> None:
        """Makes ``items[place]`` be `value`."""
        self._undos.append((items.__setitem__, (place, items[place])))
        items[place] = value

    def include(self, group: set[Key], item: Key) -> None:
        """Makes `item` be in `group`."""
        if item not in group:
            self._undos.append((group.discard, (item,)))
            group.add(item)

    def exclude(self, group: set[Key], item: Key) -> None:
        """Makes `item` be absent from `group`."""
        if item in group:
            self._undos.append((group.add, (item,)))
            group.discard(item)

    def assign(self, owner: object, name: str, value: object) -> None:
        """Makes the attribute `name` of `owner` be `value`."""
        self._undos.append((setattr, (owner, name, getattr(owner, name))))
        setattr(owner, name, value)

    def call(self, act: Callable[..., object], undo: tuple[Any, ...], *arguments: object) -> None:
        """Calls ``act(*arguments)``; ``act(*undo)`` takes it back, even if it did nothing yet."""
        self._undos.append((act, undo))
        act(*arguments)

    def note(self, undo: Callable[..., object], *arguments: object) -> None:
        """``undo(*arguments)`` takes back what the caller does next, even if it does not."""
        self._undos.append((undo, arguments))

    def roll_back(self) -> None:
        """Puts everything back that was changed through this undo log, the latest first."""
        while self._undos:
            undo, arguments = self._undos[-1]
            undo(*arguments)
            self._undos.pop()


def _restore(table: dict[Key, Value], key: Key, value: Value) -> None:
    if value is _ABSENT:
        table.pop(key, None)
    else:
        table[key] = value
