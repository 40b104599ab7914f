"""How texts compare: Unicode's canonical caseless match, in time linear in their length."""

import sys
from collections.abc import Callable
from unicodedata import category, combining, normalize

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from coursetrack.domain import folding
from coursetrack.domain.folding import continuing, finder, folded, folded_teams
from coursetrack.testing.strategies import texts

ASSIGNED = [
    char for char in map(chr, range(sys.maxunicode + 1)) if category(char) not in ("Cn", "Cs")
]
FORMS: dict[str, Callable[[str], str]] = {
    "upper case": str.upper,
    "lower case": str.lower,
    "title case": str.title,
    "NFD": lambda text: normalize("NFD", text),
    "NFC": lambda text: normalize("NFC", text),
}
MARKS = st.text("\u0301\u0308\u0323\u0338\u0345\u0344\u0f73\u05b0\u3099ae", max_size=40)


@pytest.mark.parametrize("form", FORMS)
def test_every_character_is_the_same_as_its_other_forms(form: str) -> None:
    other = FORMS[form]
    changed = [char for char in ASSIGNED if other(char) != char]
    differ = [char for char in changed if folded(char) != folded(other(char))]
    # Unicode itself tells the dotless i of Turkish from the I that is its upper case.
    assert differ == (["\u0131"] if form in ("upper case", "title case") else [])


@pytest.mark.parametrize("accents", [True, False])
def test_folding_a_key_changes_nothing(accents: bool) -> None:
    cased = {folded(char) for char in ASSIGNED if char.casefold() != char or combining(char)}
    keys = {folded(key, accents=accents) for key in cased}
    assert [key for key in keys if folded(key, accents=accents) != key] == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("\u03a4\u03b1\u0390\u03b6\u03b7\u03c2", "\u03a4\u0391\u03aa\u0301\u0396\u0397\u03a3"),
        ("Stra\u00dfe", "STRASSE"),
        ("Zo\u00eb", "zoe\u0308"),
        ("\u212b", "\u00e5"),
        ("\uac00", "\u1100\u1161"),
        ("q\u0323\u0307", "q\u0307\u0323"),
    ],
)
def test_these_are_the_same(one: str, other: str) -> None:
    assert folded(one) == folded(other)


def test_accents_count_or_do_not() -> None:
    assert folded("\u00c9") != folded("E")
    assert folded("\u00c9", accents=False) == folded("E", accents=False) == "e"
    assert folded("\u1fb7", accents=False) == folded("\u03b1\u03b9", accents=False)
    assert folded_teams("D\u00e9sign , Ops", accents=False) == "design,ops"


def test_blanks_count_at_the_ends_of_all_teams_together() -> None:
    assert folded_teams(" A \t,\t B , C ") == " a,b,c "
    assert folded_teams(" A ") == " a "


@given(texts() | MARKS)
@example("e" + "\u0301\u0323" * 300)
def test_a_key_is_the_canonical_caseless_one(text: str) -> None:
    key = normalize("NFD", normalize("NFD", text).casefold())
    assert folded(text) == key
    assert folded(text, accents=False) == "".join(char for char in key if not combining(char))


@given(MARKS)
def test_a_long_text_is_decomposed_as_a_short_one(text: str) -> None:
    long = "x" * (folding._SHORT + 1)
    assert folded(long + text) == long + folded(text)


def test_runs_of_marks_are_put_in_order_in_one_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    """`normalize` sorts a run by insertion, so it never sees a long one that is out of order."""
    asked: list[int] = []

    def counted(form: str, text: str) -> str:
        asked.append(len(text))
        return normalize(form, text)  # type: ignore[arg-type]

    monkeypatch.setattr(folding, "normalize", counted)
    marks = "\u0301\u0323" * 5_000
    assert folded("e" + marks) == "e" + "\u0323" * 5_000 + "\u0301" * 5_000
    assert max(asked) <= folding._SHORT
    assert len(asked) <= 2 * (len(marks) + 1)


@given(texts() | MARKS, st.lists(texts() | MARKS, min_size=1))
def test_a_part_is_found_where_it_ends_with_a_letter(part: str, keys: list[str]) -> None:
    part, keys = folded(part), [folded(key) for key in keys]
    text, marks = "\n".join(keys), continuing(keys)
    places = [
        at
        for at in range(len(text) + 1)
        if text.startswith(part, at) and text[at + len(part) : at + len(part) + 1] not in marks
    ]
    find = finder(part, marks)
    assert find(text, 0) == min(places, default=-1)


def test_marks_and_the_ends_of_syllables_go_on_with_a_letter() -> None:
    assert continuing(["zoe\u0308 a", "abc"]) == {"\u0308"}
    edges = "\u115f\u1160\u11ff\u1200"
    assert continuing([edges]) == {"\u1160", "\u11ff"}
    assert continuing([]) == continuing(["abc"]) == frozenset()


def test_a_letter_is_found_whole() -> None:
    for part, key in [("e", "\u00e9"), ("\uac00", "\uac01"), ("\u1100", "\uac00")]:
        assert finder(folded(part), continuing([folded(key)]))(folded(key), 0) == -1
        assert finder(folded(key), continuing([folded(key)]))(folded(key), 0) == 0
