"""All distinct labels of a dimension as one text, so that "contains" is one search.

    labels   "=ada"  "=zoe"     text   "ada|zoe"     starts   0  4  8

Between labels stands a character that no label holds, so that nothing is found across a border and
a search goes over the text once, whatever names and query hold. Names may hold any character, line
breaks and other control characters too: they are data that hosts keep as they came. (decided)
"""

from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate

from coursetrack.domain.folding import continuing, finder
from coursetrack.listing.dimensions import NULL

_REMEMBERED = 512
_BETWEEN = ("\n", "\0", "\ud800")
"""Of these the first that no label holds; the last is no character, and in no text."""


class TextSearch:
    """The text labels of one index, in order, as they were when it had `source`'s version."""

    def __init__(self, source: object, labels: Iterable[str]) -> None:
        self.source = source
        self._labels = [label for label in labels if label != NULL]
        texts = [label[1:] for label in self._labels]
        for self._between in _BETWEEN:
            self._text = self._between.join(texts)
            if self._text.count(self._between) < max(len(texts), 1):
                break
        self._continuing = continuing(texts)
        self._starts = list(accumulate((len(text) + 1 for text in texts), initial=0))
        self._found: dict[str, tuple[str, ...]] = {}

    def containing(self, text: str) -> tuple[str, ...]:
        """The labels with `text` somewhere in them, in order. O(length of all labels)."""
        found = self._found.get(text)
        if found is None:
            if len(self._found) >= _REMEMBERED:
                self._found.clear()
            found = self._found[text] = tuple(self._search(text))
        return found

    def _search(self, text: str) -> Iterable[str]:
        if self._between in text:
            return  # which no label holds
        starts, find = self._starts, finder(text, self._continuing)
        at = find(self._text, 0)
        while at >= 0:
            place = bisect_right(starts, at) - 1
            yield self._labels[place]
            at = find(self._text, starts[place + 1])
