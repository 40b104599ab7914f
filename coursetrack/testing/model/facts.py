"""What the naive model knows: one list of entities, always scanned from end to end."""

from operator import attrgetter
from typing import TypeVar

from coursetrack.domain.entities import Entity
from coursetrack.errors import MissingEntity

E = TypeVar("E", bound=Entity)


class ModelFacts:
    """Entities in the order in which they came."""

    def __init__(self) -> None:
        self.entities: list[Entity] = []

    def all_of(self, kind: type[E]) -> list[E]:
        """Every entity of this kind, by id."""
        return sorted([e for e in self.entities if isinstance(e, kind)], key=attrgetter("id"))

    def one(self, kind: type[E], id_: int | None) -> E | None:
        """The entity of this kind with this id, or None."""
        for each in self.entities:
            if each.id == id_ and isinstance(each, kind):
                return each
        return None

    def need(self, kind: type[E], id_: int) -> E:
        """The entity of this kind with this id, or :class:`MissingEntity`."""
        if (found := self.one(kind, id_)) is None:
            raise MissingEntity(f"there is no {kind.__name__} {id_}", value=id_)
        return found
