"""Method and path -> what may be meant: one operation, or two that only the query tells apart."""

from collections.abc import Mapping

import attrs

from coursetrack.domain.values import MAX_ID
from coursetrack.endpoint.rights import Operation

PATH = "/api/content/coursecompletedlessons"
"""Where the list lives; ``/{id}`` after it is one record. One slash at the end is ignored."""

_COLLECTION = {
    "GET": (Operation.LIST, Operation.GET_SEVERAL),
    "POST": (Operation.CREATE,),
    "PUT": (Operation.UPDATE,),
}
_ITEM = {"DELETE": (Operation.DELETE,), "GET": (Operation.GET_ONE,)}


@attrs.frozen
class Route:
    """A known path: its operations by method, and the id in it (0 where no record can have it)."""

    operations: Mapping[str, tuple[Operation, ...]]
    id: int = 0

    def possible(self, method: object) -> tuple[Operation, ...]:
        """What `method` may mean here; nothing for a method that the path does not know."""
        return self.operations.get(method, ()) if isinstance(method, str) else ()

    @property
    def allow(self) -> str:
        """The methods that the path knows, as the ``Allow`` header lists them."""
        return ", ".join(sorted(self.operations))


_WHOLE = Route(_COLLECTION)


def find_route(path: object, base: str = PATH) -> Route | None:
    """The route of `path` under `base`, None for an unknown path; in any case. O(length)."""
    start = path[: len(base)] if isinstance(path, str) else ""
    # Only ASCII: other letters may fold to it, and those are other paths.
    if not isinstance(path, str) or not start.isascii() or start.lower() != base.lower():
        return None
    rest = path[len(base) :].removesuffix("/")
    if not rest:
        return _WHOLE
    item = rest[1:]
    if rest[0] != "/" or not item or "/" in item:
        return None
    return Route(_ITEM, _id_in(item))


def _id_in(text: str) -> int:
    # Digits are counted before they are read: reading a number takes more than linear time.
    if len(text) > len(str(MAX_ID)) or not (text.isascii() and text.isdigit()):
        return 0
    number = int(text)
    return number if number <= MAX_ID else 0
