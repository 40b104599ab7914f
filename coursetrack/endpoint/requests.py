"""What comes in: a request and the principal that the host vouches for, as frozen values."""

from collections.abc import Collection, Iterable

import attrs

from coursetrack.errors import InvalidValue


@attrs.frozen
class Request:
    """One HTTP request, as far as the endpoint looks at it.

    `query` is the raw query string (percent-encoded text, or bytes as ASGI hands them over), or an
    iterable of decoded (name, value) pairs. `body` is parsed JSON, or the JSON itself as text or
    bytes. Nothing is checked here: :meth:`Endpoint.handle` answers whatever these hold.
    """

    method: str
    path: str
    query: str | bytes | Iterable[tuple[str, str]] = ""
    body: object = None


@attrs.frozen
class Principal:
    """Who is calling, once the host has checked the token. Roles compare in any case.

    `name` is what a write leaves in ``UpdatedBy``. InvalidValue for roles that are one text: its
    letters would be taken for roles.
    """

    name: str
    is_unrestricted_admin: bool = False
    roles: Collection[str] = frozenset()

    def __attrs_post_init__(self) -> None:
        if isinstance(self.roles, str | bytes):
            raise InvalidValue.of("roles", self.roles, "a set of role names, not one text")
