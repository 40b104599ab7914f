"""A stand-in for the service, without a socket: what it covers, and where it may differ.

Covered: completed lessons, courses, sections, lessons, members and coworkers, each with list, get
one, get several, create, update and delete, one query language and the roles of each; other
properties that a client writes are kept and shown again. Signing in by Basic, by
``POST /api/token`` with the password grant, and by refreshing. Throttling and failures are what the
test arranges. All else is a 404 that names the fake.

Known to differ, or not documented by the service:

* ``dir=1`` is ascending, as the documentation says; one public client takes it for descending
* texts compare without case, and accents count; the service's collation is not documented
* a refresh works without the ``client_id`` header, which the service asks for
* deleting what others refer to is a 409; what the service does is not documented
* of what a test puts on the tracker itself, ``CreatedOn`` and ``UpdatedOn`` are the clock's at the
  next look; a member's ``CreatedOn`` is its enrolment
"""
