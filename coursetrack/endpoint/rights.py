"""Who may do what: a pure predicate over principal and operation. Whatever is unclear is denied."""

from collections.abc import Collection
from enum import StrEnum

from coursetrack.endpoint.requests import Principal


class Operation(StrEnum):
    """The six things a caller may ask for."""

    LIST = "list"
    GET_ONE = "get one"
    GET_SEVERAL = "get several"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"

    @property
    def role(self) -> str:
        """The role that allows it [seed, docs]."""
        return self.role_for("CourseCompletedLesson")

    def role_for(self, entity: str) -> str:
        """The role that allows it on the records of another kind of entity [docs]."""
        return f"{entity}-{_ROLE_ENDINGS[self]}"


_ROLE_ENDINGS = {
    Operation.LIST: "List",
    Operation.GET_ONE: "Read",
    Operation.GET_SEVERAL: "Read",
    Operation.CREATE: "Create",
    Operation.UPDATE: "Edit",
    Operation.DELETE: "Delete",
}


def may(
    principal: Principal | None, operation: Operation, entity: str = "CourseCompletedLesson"
) -> bool:
    """Whether `principal` is a full unrestricted administrator or holds the role [seed].

    Roles compare without regard to the case of ASCII letters. Anything that is not exactly a
    principal, True, or a collection of texts denies. O(roles held).
    """
    if not isinstance(principal, Principal):
        return False
    return principal.is_unrestricted_admin is True or _holds(
        principal.roles, operation.role_for(entity)
    )


def _holds(roles: object, wanted: str) -> bool:
    # Only ASCII: other letters may fold to it ("ſ" to "s"), and those are other roles.
    return isinstance(roles, Collection) and any(
        isinstance(role, str) and role.isascii() and role.lower() == wanted.lower()
        for role in roles
    )
