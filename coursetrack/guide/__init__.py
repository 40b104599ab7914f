"""Pages for people who embed coursetrack: each module here is a docstring, and holds no code.

Every block in them is executed by the tests. Read one with ``python -m pydoc
coursetrack.guide.embedding``, or in the reference.

* :mod:`coursetrack.guide.embedding`: a host for one process or several, over SQLite or PostgreSQL;
  FastAPI, Flask, Django, the standard library; signing in
"""
