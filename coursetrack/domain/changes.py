"""What changed, as numbered values for a host to persist, replay and take back."""

from collections.abc import Iterable
from typing import Any

import attrs

from coursetrack.domain.criteria.criterion import Criterion
from coursetrack.domain.evidence import Evidence
from coursetrack.domain.facts import Fact, key_of
from coursetrack.domain.kinds import kinds_with
from coursetrack.domain.plain import (
    fact_kinds,
    plain_fact,
    read_fact,
    read_int,
    read_kind,
    read_object,
    refuse,
)
from coursetrack.domain.values import MAX_ID, as_id
from coursetrack.errors import InvalidValue, shown

_KINDS = fact_kinds()


@attrs.frozen(kw_only=True)
class Change:
    """One fact before and after: created where `before` is None, removed where `after` is.

    Of evidence that was there and stays, both sides tell what differs, so that a change costs what
    it changes: what of it is gone, and what came. Its other fields, such as an instant, are as
    before and afterwards::

        watched before    0-10 s, 20-30 s, 40-50 s          the change's before    0-10 s, 20-30 s
        watched after     0-30 s, 40-50 s                   the change's after     0-30 s

    `sequence` is the tracker's version once the change is applied: 1, 2, 3, … up to 2**63 - 1.
    Both facts are of the same kind and identity, else :class:`InvalidValue`.
    """

    sequence: int
    before: Fact | None = None
    after: Fact | None = None

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "sequence", as_id("sequence", self.sequence))
        if self.before is None and self.after is None:
            raise InvalidValue.of("after", None, "a fact before, a fact after, or both")
        _require_same_identity(self.before, self.after)

    @property
    def fact(self) -> Fact:
        """The fact afterwards, or what it was where it is gone."""
        found = self.before if self.after is None else self.after
        assert found is not None
        return found

    @property
    def kind(self) -> str:
        """The name of the fact's type, such as ``"CompletedLesson"``."""
        return type(self.fact).__name__

    def inverse(self, sequence: int | None = None) -> "Change":
        """The change that takes this one back, as the one right after it unless numbered.

        Several changes are taken back from the last to the first, each numbered by its new place.
        """
        sequence = self.sequence + 1 if sequence is None else sequence
        return Change(sequence=sequence, before=self.after, after=self.before)

    def to_dict(self) -> dict[str, Any]:
        """This change as a fresh plain value, ready for ``json.dumps``."""
        return {
            "sequence": self.sequence,
            "kind": self.kind,
            "before": None if self.before is None else plain_fact(self.before),
            "after": None if self.after is None else plain_fact(self.after),
        }

    @classmethod
    def from_dict(
        cls,
        value: object,
        *,
        where: str = "change",
        criteria: Iterable[type[Criterion]] = (),
    ) -> "Change":
        """The change that :meth:`to_dict` gave; :class:`InvalidSnapshot` names what is wrong.

        `where` begins the place in that message; `criteria` are your own classes of criteria.
        """
        kinds = kinds_with(criteria)
        found = read_object(value, where, ("sequence", "kind", "before", "after"))
        sequence = read_int(found["sequence"], f"{where}.sequence", low=1, high=MAX_ID)
        kind = read_kind(found["kind"], f"{where}.kind", fact_kinds(kinds))
        before, after = (
            None if found[side] is None else read_fact(kind, found[side], f"{where}.{side}", kinds)
            for side in ("before", "after")
        )
        try:
            return cls(sequence=sequence, before=before, after=after)
        except InvalidValue as wrong:
            refuse(where, wrong.value, wrong.expected)


def _require_same_identity(before: Fact | None, after: Fact | None) -> None:
    for fact in (before, after):
        known = fact is None or isinstance(fact, Evidence) or type(fact) in _KINDS.values()
        if not known:
            raise InvalidValue.of("fact", fact, f"one of {', '.join(_KINDS)}")
    if before is None or after is None:
        return
    if type(before) is not type(after) or key_of(before) != key_of(after):
        expected = f"a {type(before).__name__} with the identity of {shown(key_of(before))}"
        raise InvalidValue.of("after", after, expected)
