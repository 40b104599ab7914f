"""How one signs in to the fake: tokens, refreshing them, and what is no longer good."""

from urllib.parse import urlencode

import pytest

from coursetrack.testing import Answer, Call, FakeNexudus

PATH = "/api/content/coursecompletedlessons"
PASSWORD = {"grant_type": "password", "username": "admin@example.com", "password": "password"}


@pytest.fixture
def fake() -> FakeNexudus:
    return FakeNexudus()


def sign_in(fake: FakeNexudus, path: str = "/api/token", client: str = "", **form: str) -> Answer:
    headers = {"client_id": client} if client else {}
    body = urlencode(form).encode()
    return fake.handle(Call(method="POST", path=path, headers=headers, body=body))


def refresh(fake: FakeNexudus, token: str, client: str = "") -> Answer:
    return sign_in(fake, client=client, grant_type="refresh_token", refresh_token=token)


def status(fake: FakeNexudus, token: str) -> int:
    call = Call(method="GET", path=PATH, headers={"authorization": f"Bearer {token}"})
    return fake.handle(call).status


@pytest.mark.parametrize("path", ["/api/token", "/api/token/", "/API/Token"])
def test_a_sign_in_gives_both_tokens(fake: FakeNexudus, path: str) -> None:
    body = sign_in(fake, path, **PASSWORD).json()
    assert set(body) == {"access_token", "token_type", "expires_in", "refresh_token"}
    assert status(fake, body["access_token"]) == 200
    assert status(fake, body["refresh_token"]) == 401


def test_a_refresh_gives_new_ones_and_uses_the_old_one_up(fake: FakeNexudus) -> None:
    first = sign_in(fake, **PASSWORD).json()
    second = refresh(fake, first["refresh_token"]).json()
    assert second["access_token"] != first["access_token"]
    assert [status(fake, each["access_token"]) for each in (first, second)] == [200, 200]
    used = refresh(fake, first["refresh_token"])
    assert (used.status, used.json()["error"]) == (400, "invalid_grant")
    assert refresh(fake, second["refresh_token"]).status == 200


def test_expired_tokens_are_refused_until_they_are_refreshed(fake: FakeNexudus) -> None:
    tokens = sign_in(fake, **PASSWORD).json()
    fake.expire_tokens()
    assert status(fake, tokens["access_token"]) == 401
    fresh = refresh(fake, tokens["refresh_token"]).json()["access_token"]
    assert status(fake, fresh) == status(fake, fake.token()) == 200


def test_a_refresh_token_is_of_one_client(fake: FakeNexudus) -> None:
    one = sign_in(fake, client="one", **PASSWORD).json()["refresh_token"]
    two = sign_in(fake, client="two", **PASSWORD).json()["refresh_token"]
    assert one != two
    assert refresh(fake, one, client="two").json()["error"] == "invalid_grant"
    assert refresh(fake, one, client="one").status == 200
    again = sign_in(fake, client="two", **PASSWORD).json()["refresh_token"]
    assert refresh(fake, two, client="two").status == 400
    assert refresh(fake, again, client="two").status == 200


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({**PASSWORD, "password": "wrong"}, "invalid_grant"),
        ({**PASSWORD, "username": "nobody"}, "invalid_grant"),
        ({"grant_type": "refresh_token"}, "invalid_grant"),
        ({"grant_type": "client_credentials"}, "unsupported_grant_type"),
        ({"username": "x"}, "invalid_request"),
    ],
)
def test_a_refusal_is_oauth_s_and_says_nothing_of_roles(
    fake: FakeNexudus, form: dict[str, str], error: str
) -> None:
    answer = sign_in(fake, **form)
    assert (answer.status, answer.json()["error"]) == (400, error)
    assert "role" not in answer.body.decode()


def test_tokens_are_the_same_in_every_run() -> None:
    def tokens() -> list[str]:
        fake = FakeNexudus()
        found = sign_in(fake, **PASSWORD).json()
        return [*found.values(), *refresh(fake, found["refresh_token"]).json().values()]

    assert tokens() == tokens()
