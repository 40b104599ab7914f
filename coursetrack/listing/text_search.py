"""All distinct labels of a dimension as one text, so that "contains" is one search.

    labels   "=ada"  "=zoe"     text   "ada|zoe"     starts   0  4  8

Between labels stands a character that no label holds, so that nothing is found across a border and
a search goes over the text once, whatever names and query hold. Names may hold any character, line
breaks and other control characters too: they are data that hosts keep as they came. (decided)

A label that comes or goes leaves the text as it is: what was found is put right by it, one label at
a time, until so many have changed that the index begins another list of changes::

    changes  ["=zed", "=ada"]       "z" found  ("=zoe",)  as of change 0
    labels   "=zed" "=zoe"                     ("=zed", "=zoe")  as of change 2
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Container, Iterable, Sequence
from itertools import accumulate

from coursetrack.domain.folding import continuing, finder
from coursetrack.listing.dimensions import NULL
from coursetrack.listing.sizes import bytes_of

_REMEMBERED = 512
_BETWEEN = ("\n", "\0", "\ud800")
"""Of these the first that no label holds; the last is no character, and in no text."""


def holds(label: str, text: str) -> bool:
    """Whether a text label has `text` somewhere in it, as a search among all finds it."""
    key = label[1:]
    return finder(text, continuing((key,)))(key, 0) >= 0


class TextSearch:
    """The text labels of one index: `labels` in order now, and those that change from now on.

    `held` says which labels there are at any time.
    """

    def __init__(
        self, labels: Iterable[str], held: Container[str], changes: Sequence[str] = ()
    ) -> None:
        self.changes = changes
        self._start = len(changes)
        self._held = held
        self._labels = [label for label in labels if label != NULL]
        texts = [label[1:] for label in self._labels]
        for self._between in _BETWEEN:
            self._text = self._between.join(texts)
            if self._text.count(self._between) < max(len(texts), 1):
                break
        self._continuing = continuing(texts)
        self._starts = list(accumulate((len(text) + 1 for text in texts), initial=0))
        self._found: dict[str, tuple[int, tuple[str, ...]]] = {}

    def memory(self) -> int:
        """About how many bytes it takes, without what was found last. O(1)."""
        return bytes_of((self._text, *6 * [self._labels]))  # with a place for each

    def containing(self, text: str) -> tuple[str, ...]:
        """The labels with `text` somewhere in them, in order. O(length of all labels).

        O(labels that changed) where it was asked before.
        """
        changes = len(self.changes)
        seen, found = self._found.get(text, (-1, ()))
        if seen < 0:
            if len(self._found) >= _REMEMBERED:
                self._found.clear()
            seen, found = self._start, tuple(self._search(text))
        if seen < changes:
            found = self._put_right(text, found, self.changes[seen:])
        self._found[text] = changes, found
        return found

    def _search(self, text: str) -> Iterable[str]:
        if self._between in text:
            return  # which no label holds
        if self._continuing:
            yield from self._search_letters(text)
            return
        starts, find = self._starts, finder(text, self._continuing)
        at = find(self._text, 0)
        while at >= 0:
            place = bisect_right(starts, at) - 1
            yield self._labels[place]
            at = find(self._text, starts[place + 1])

    def _search_letters(self, text: str) -> Iterable[str]:
        """The same where letters may go on: each match takes the rest of its label along."""
        follow = re.escape("".join(sorted(self._continuing)))
        pattern = f"{re.escape(text)}(?![{follow}])[^{re.escape(self._between)}]*"
        starts, labels = self._starts, self._labels
        for match in re.finditer(pattern, self._text):
            yield labels[bisect_right(starts, match.start()) - 1]

    def _put_right(
        self, text: str, found: tuple[str, ...], changed: Iterable[str]
    ) -> tuple[str, ...]:
        """What is found once the `changed` labels, which came or went, are looked at."""
        labels = [*found]
        for label in dict.fromkeys(changed):
            place = bisect_left(labels, label)
            was_there = labels[place : place + 1] == [label]
            is_there = label in self._held and holds(label, text)
            if was_there and not is_there:
                del labels[place]
            elif is_there and not was_there:
                labels.insert(place, label)
        return tuple(labels)
