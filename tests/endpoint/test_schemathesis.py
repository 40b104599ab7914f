"""Requests made from the description, good and bad, get only described answers."""

import pytest
from hypothesis import HealthCheck, settings

from tests.endpoint.worlds import Caller
from tests.endpoint.wsgi import TOKEN, host

schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed")

checks = pytest.importorskip("schemathesis.specs.openapi.checks")
caller = Caller()
schema = schemathesis.openapi.from_wsgi("/openapi.json", host(caller))


@schemathesis.auth()
class Token:
    """The administrator's token, sent unless a case is about leaving it out."""

    def get(self, case: "schemathesis.Case", context: object) -> str:
        return TOKEN

    def set(self, case: "schemathesis.Case", data: str, context: object) -> None:
        case.headers = {**(case.headers or {}), "Authorization": f"Bearer {data}"}


@schema.parametrize()
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)
@pytest.mark.slow
def test_only_described_answers_come_back(case: "schemathesis.Case") -> None:
    # A schema cannot say which lessons exist, which days do, or that two names are one filter.
    case.call_and_validate(excluded_checks=[checks.positive_data_acceptance])
