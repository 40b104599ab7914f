"""Values in their one normal form."""

from uuid import UUID, uuid5

from hypothesis import given
from hypothesis import strategies as st

from coursetrack.domain import values


@given(st.sampled_from(["Lesson", "CompletedLesson"]), st.integers(1, values.MAX_ID))
def test_a_derived_unique_id_is_the_uuid5_of_kind_and_id(kind: str, id_: int) -> None:
    expected = uuid5(UUID(bytes=values._NAMESPACE), f"{kind}/{id_}")
    assert values.derived_unique_id(kind, id_) == str(expected)
    assert values.derived_unique_number(kind, id_) == expected.int


@given(st.integers(-(10**14), 10**15))
def test_microseconds_and_instants_are_inverse(since_epoch: int) -> None:
    assert values.microseconds(values.instant(since_epoch)) == since_epoch


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-9, 9) | st.text("aé"),
        lambda inner: st.lists(inner) | st.dictionaries(st.text("ab"), inner),
    )
)
def test_frozen_json_thaws_to_what_it_was(value: object) -> None:
    frozen = values.as_json("field", value)
    hash(frozen)
    assert values.thawed(frozen) == value
