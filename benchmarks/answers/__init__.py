"""The whole answer, from request text to JSON bytes, beside what one would build it with instead.

Every peer answers the same query strings, in process and without a socket, over the same SQLite
database in memory, with names joined live and an exact total; what it answers is compared as
parsed JSON before anything is timed. See ``python -m benchmarks.answers --help``.
"""
