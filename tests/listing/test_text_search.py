"""All labels as one text: what is found, and that a search goes over it once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursetrack.domain.folding import folded
from coursetrack.listing import text_search
from coursetrack.listing.text_search import TextSearch

TEXTS = st.text("ab\n\0é", max_size=6).map(folded)


def search(*texts: str | None) -> TextSearch:
    labels = sorted({"" if text is None else "=" + folded(text) for text in texts})
    return TextSearch(labels, labels)


@given(texts=st.sets(TEXTS, max_size=8), part=TEXTS.filter(bool))
def test_it_finds_each_label_that_holds_the_text(texts: set[str], part: str) -> None:
    def holds(text: str) -> bool:  # an accent belongs to the letter before it
        places = range(len(text) - len(part) + 1)
        return any(
            text[at:].startswith(part) and text[at + len(part) : at + len(part) + 1] != "\u0301"
            for at in places
        )

    expected = tuple(f"={text}" for text in sorted(texts) if holds(text))
    labels = sorted(f"={text}" for text in texts)
    found = TextSearch(labels, labels)
    assert found.containing(part) == expected
    assert found.containing(part) == expected  # as it is remembered


CHANGES = st.lists(TEXTS, max_size=6)


@given(texts=st.sets(TEXTS, max_size=6), changes=CHANGES, part=TEXTS.filter(bool))
def test_what_was_found_is_put_right(texts: set[str], changes: list[str], part: str) -> None:
    """Each change is a label that comes, or goes where it is there; null may be one of them."""
    labels = {f"={text}" for text in texts}
    changed = ["", "", *(f"={text}" for text in changes)]
    log: list[str] = []
    found = TextSearch(sorted(labels), labels, log)
    for label in changed:
        labels ^= {label}
        found._held = labels
        log.append(label)
        if len(log) % 2:
            anew = TextSearch(sorted(labels), labels, log)
            assert found.containing(part) == anew.containing(part)
    assert found.containing(part) == TextSearch(sorted(labels), labels).containing(part)


def test_a_label_that_comes_is_looked_at_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """After the first search over 2,000 names, one for each name that changed."""
    searched: list[int] = []

    def finder(part: str, continuing: frozenset[str]) -> object:
        def find(text: str, start: int) -> int:
            searched.append(len(text) - start)
            return text.find(part, start)

        return find

    monkeypatch.setattr(text_search, "finder", finder)
    labels, log = {f"=name {n}" for n in range(2_000)}, ["=before"]
    found = TextSearch(sorted(labels), labels, log)
    assert len(found.containing("99")) == 38
    searched.clear()
    for label in ("=name 99 b", "=other", "=name 99 b"):
        labels ^= {label}
        log.append(label)
        assert len(found.containing("99")) == 38 + ("=name 99 b" in labels)
    assert sum(searched) <= 30
    searched.clear()
    found.containing("99")
    assert searched == []


def test_nothing_is_found_across_a_border() -> None:
    found = search("ada", "bob", None)
    assert found.containing("a\nb") == ()
    assert found.containing("\n") == ()
    assert found.containing("a") == ("=ada",)


def test_null_and_the_sign_before_a_label_are_not_searched() -> None:
    found = search(None, "", "a")
    assert found.containing("=") == ()
    assert found.containing("a") == ("=a",)


@pytest.mark.parametrize("char", ["\n", "\0", "\n\0"])
def test_names_may_hold_what_stands_between_others(char: str) -> None:
    found = search(f"a{char}b", "b", f"{char}")
    assert found.containing(char) == (f"={char}", f"=a{char}b")
    assert found.containing(f"{char}b") == (f"=a{char}b",)
    assert found.containing(f"b{char}") == ()


def test_the_search_goes_on_behind_a_label_that_it_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """400 names of newlines, and a needle of newlines: one step for each name, not for each place.

    It went on one character later for each match across a border: text times needle.
    """
    steps = []

    def finder(part: str, continuing: frozenset[str]) -> object:
        def find(text: str, start: int) -> int:
            steps.append(start)
            return text.find(part, start)

        return find

    monkeypatch.setattr(text_search, "finder", finder)
    found = search(*("\n" * length for length in range(600, 1000)))
    assert len(found.containing("\n" * 900)) == 100
    assert len(steps) == 101


def test_what_is_remembered_is_bounded() -> None:
    found = search("ada")
    for n in range(2_000):
        found.containing(f"x{n}")
    assert len(found._found) <= text_search._REMEMBERED
    assert found.containing("ad") == ("=ada",)
