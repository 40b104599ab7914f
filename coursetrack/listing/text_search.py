"""All distinct labels of a dimension as one text, so that "contains" is one search."""

from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate

from coursetrack.domain.folding import continuing, finder
from coursetrack.listing.dimensions import NULL

_REMEMBERED = 512


class TextSearch:
    """The text labels of one index, in order, as they were when it had `source`'s version."""

    def __init__(self, source: object, labels: Iterable[str]) -> None:
        self.source = source
        self._labels = [label for label in labels if label != NULL]
        texts = [label[1:] for label in self._labels]
        self._text = "\n".join(texts)
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
        starts, find = self._starts, finder(text, self._continuing)
        at = find(self._text, 0)
        while at >= 0:
            place = bisect_right(starts, at) - 1
            if at + len(text) < starts[place + 1]:
                yield self._labels[place]
                at = find(self._text, starts[place + 1])
            else:  # found across the border of two labels
                at = find(self._text, at + 1)
