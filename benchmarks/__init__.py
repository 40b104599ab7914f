"""What coursetrack costs, measured: replays of event data, queries, writes and snapshots.

Everything that reads a file, prints, draws or looks at a clock lives here and not in the package.
Each module with a ``main`` is a command: ``python -m benchmarks.replay``, ``benchmarks.queries``,
``benchmarks.writes``, ``benchmarks.snapshots``; each says with ``--help`` what it takes.
"""
