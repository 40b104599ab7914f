r"""Questions that people ask before they use it, what to use instead, and what may change.

## Is it thread-safe?

Hold one lock around everything that touches a tracker, reading too: reading catches up indexes and
fills a cache. What it returns is immutable and may be shared freely. Two trackers share nothing, so
one for each thread, or a fork for each long report, needs no lock.

## Does it persist?

No. Every call returns what it changed, and the host writes that down before it shows the answer;
:mod:`coursetrack.guide.embedding` has the whole of it in a hundred lines.

## What about several workers?

Each has a tracker of its own and replays what the others kept; one writes at a time, behind the
database's lock. That is in the same place, and tested with four processes at once. Two workers that
keep their trackers to themselves serve two academies.

## How big can it get?

Everything is in memory: a record with all its indexes takes about a hundred bytes, so a million of
them a hundred megabytes (``python -m benchmarks.writes`` measures it), and a page of them that is
asked for again comes in well under a millisecond.
Starting from a snapshot takes seconds at that size; `compact` now and then keeps it so. Beyond one
machine's memory, members are the unit that is moved: what an event changes belongs to one member.

## Why not SQLite, or PostgreSQL alone?

If all you need is the list, use them: a table with the right indexes answers most first pages in a
few milliseconds, and it is on disk. coursetrack is for what they do not give: the rules (what
completes a lesson, once, and when; what is locked, and why), watched stretches joined exactly, exact
totals under every filter and order in microseconds, what-if, and tests of your client against the
same thing. They go well together: the database keeps the changes, coursetrack answers.

| you want | use |
|---|---|
| a list of completions, on disk, no rules | a table in SQLite or PostgreSQL |
| analysis of what happened | pandas or polars on ``completed_lessons.columns()`` |
| a learning record store, statements from many tools | an xAPI store; its statements become events here |
| a whole learning platform, with pages and people | Moodle, Open edX, or Nexudus itself |
| the rules and the list inside your own service | coursetrack |
| to test a client of the service | ``coursetrack.testing.FakeNexudus`` |
| one mocked answer in one test | `responses` or `respx` |

## Why is an event refused?

Ask: ``tracker.refusals(event)`` says so without recording it, and ``tracker.explain`` says it for a
lesson, with what would lift it. The codes are :class:`coursetrack.RefusalCode`, and stay; the rules
behind them are :func:`coursetrack.rules_text`.

```python
from coursetrack import RefusalCode, rules_text

assert "lesson_locked" in list(RefusalCode)
assert len(rules_text().splitlines()) > 50
```

## Are names and numbers those of Nexudus?

Property names, numbers of enumerations, paging, errors and roles follow its public documentation.
What that leaves open is decided here, and marked so in the docstrings. Known to be unsure: how the
service collates texts, and whether every client takes ``dir=1`` for ascending (the documentation
does, one public client does not). :mod:`coursetrack.testing.fake` has the table.

## What may change?

Versions follow semantic versioning. Before 1.0 a minor version may break something, and the
changelog says so under "Changed". From 1.0 on:

* what `coursetrack`, `coursetrack.endpoint` and `coursetrack.testing` name in their ``__all__`` is
  the public surface, with parameters and meanings; modules below are not;
* something public that goes is deprecated first, for two minor versions and at least half a year,
  with a ``DeprecationWarning`` that names what to use instead;
* codes of refusals and errors, keys of snapshots and changes stay; a new version reads the snapshots
  and changes of every version before it;
* a Python version is supported as long as its makers support it.
"""
