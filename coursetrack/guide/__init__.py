"""Pages for people who embed coursetrack: each module here is a docstring, and holds no code.

Every block in them is executed by the tests. Read one with ``python -m pydoc
coursetrack.guide.embedding``, or in the reference.

* :mod:`coursetrack.guide.embedding`: a host for one process or several, over SQLite or PostgreSQL;
  FastAPI, Flask, Django, the standard library; signing in
* :mod:`coursetrack.guide.importing`: bringing in what another system already knows
* :mod:`coursetrack.guide.exporting`: pandas and polars, a nightly export, a webhook, a dashboard
* :mod:`coursetrack.guide.fake`: testing a client of the service, in any language
* :mod:`coursetrack.guide.kit`: testing a service of your own with what coursetrack is tested with
* :mod:`coursetrack.guide.simulating`: what a change would do, how many by a date, what load
* :mod:`coursetrack.guide.sharding`: beyond one machine, on Spark, Bytewax, Ray or Dask
* :mod:`coursetrack.guide.questions`: how big, how safe, why not SQLite, what to use instead, and
  what may change
"""
