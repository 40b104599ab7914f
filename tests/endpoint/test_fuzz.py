"""The fuzz command, short, and that it finds what it is there to find."""

import pytest

from coursetrack.endpoint import handler
from coursetrack.endpoint.bodies import Body
from tests.endpoint.fuzz import main


@pytest.mark.slow
def test_a_short_run_finds_only_documented_answers(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--examples", "150", "--seed", "1"]) == 0
    assert "150 requests" in capsys.readouterr().out


def test_a_planted_fault_is_found(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def careless(body: dict[str, int], names: tuple[str, ...]) -> Body:
        return Body({name: body[name] for name in names}, ())

    monkeypatch.setattr(handler, "read_body", careless)
    assert main(["--examples", "300", "--seed", "1"]) == 1
    assert "Error" in capsys.readouterr().err
