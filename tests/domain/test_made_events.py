"""Events made of values that were checked before are those that are checked."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursetrack.domain.events import ButtonClick, PageVisit, made

IDS = st.integers(1, 2**53)


@given(st.sampled_from([PageVisit, ButtonClick]), IDS, IDS, st.datetimes())
def test_they_are_equal_in_every_way(
    kind: type[PageVisit] | type[ButtonClick], member_id: int, lesson_id: int, at: datetime
) -> None:
    at = at.replace(tzinfo=UTC)
    event, plain = (
        made(kind, member_id, lesson_id, at),
        kind(member_id=member_id, lesson_id=lesson_id, at=at),
    )
    assert event == plain
    assert (hash(event), repr(event), event.to_plain()) == (
        hash(plain),
        repr(plain),
        plain.to_plain(),
    )
    with pytest.raises(AttributeError):
        event.at = at  # type: ignore[misc]
