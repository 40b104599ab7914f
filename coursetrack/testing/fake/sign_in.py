"""Who is calling: passwords, bearer tokens and refresh tokens, as the service's docs tell them.

Tokens are made from the user's name and password and a count, so every run gives the same ones.
"""

from base64 import b64decode
from collections.abc import Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl

from coursetrack.endpoint.requests import Principal

EXPIRES_IN = 604_799
"""Seconds that an access token is said to last [docs]. It lasts until a test says otherwise."""

_WRONG_PASSWORD = "The user name or password is incorrect."


class SignIn:
    """The users of a fake, and the tokens that they hold."""

    def __init__(self, users: Mapping[str, tuple[str, Principal]]) -> None:
        self.users: dict[str, tuple[str, Principal]] = dict(users)
        self._issued: dict[str, int] = {}
        self._expired: dict[str, int] = {}
        self._refreshing: dict[str, tuple[str, str]] = {}
        self._count = 0

    # -- tokens

    def token(self, user: str) -> str:
        """The user's current access token."""
        return _hash("access", user, self.users[user][0], self._issued.get(user, 0))

    def expire(self, user: str) -> None:
        """Makes every access token of a user worthless; the next one is another."""
        self._issued[user] = self._expired[user] = self._issued.get(user, 0) + 1

    def principal(self, authorization: str) -> Principal | None:
        """Who an ``Authorization`` header proves to be calling: Bearer or Basic; else None."""
        scheme, _, given = authorization.partition(" ")
        if scheme.lower() == "bearer":
            return next(
                (who for user, (_, who) in self.users.items() if self._is(given, user)), None
            )
        if scheme.lower() == "basic":
            user, _, password = _decoded(given).partition(":")
            return self.users[user][1] if self._is_user(user, password) else None
        return None

    def _is(self, token: str, user: str) -> bool:
        password = self.users[user][0]
        counts = range(self._expired.get(user, 0), self._issued.get(user, 0) + 1)
        return any(token == _hash("access", user, password, count) for count in counts)

    def _is_user(self, user: str, password: str) -> bool:
        return user in self.users and self.users[user][0] == password

    # -- POST /api/token

    def grant(self, body: bytes, client_id: str) -> tuple[int, dict[str, Any]]:
        """The status and body that answer a sign-in, or the refreshing of one.

        `client_id` is the header of this name; the user's name stands in for one left out [docs].
        """
        form = dict(parse_qsl(body.decode("utf-8", "replace")))
        match form.get("grant_type"):
            case "password":
                return self._by_password(form, client_id)
            case "refresh_token":
                return self._by_refresh_token(form, client_id)
            case None:
                hint = "a form with grant_type is expected, and not JSON"
                return 400, {"error": "invalid_request", "error_description": hint}
            case _:
                hint = "grant_type is password or refresh_token"
                return 400, {"error": "unsupported_grant_type", "error_description": hint}

    def _by_password(self, form: Mapping[str, str], client_id: str) -> tuple[int, dict[str, Any]]:
        user = form.get("username", "")
        if not self._is_user(user, form.get("password", "")):
            return _invalid_grant(_WRONG_PASSWORD)
        return self._granted(user, client_id or user)

    def _by_refresh_token(
        self, form: Mapping[str, str], client_id: str
    ) -> tuple[int, dict[str, Any]]:
        user, holder = self._refreshing.get(form.get("refresh_token", ""), ("", ""))
        if user not in self.users or client_id not in ("", holder):
            return _invalid_grant("The refresh token is unknown, used, or of another client_id.")
        self._issued[user] = self._issued.get(user, 0) + 1
        return self._granted(user, holder)

    def _granted(self, user: str, client_id: str) -> tuple[int, dict[str, Any]]:
        # One refresh token for each client: a new one makes those before it worthless [docs].
        holder = user, client_id
        self._refreshing = {t: whose for t, whose in self._refreshing.items() if whose != holder}
        self._count += 1
        refresh = _hash("refresh", user, client_id, self._count)
        self._refreshing[refresh] = holder
        return 200, {
            "access_token": self.token(user),
            "token_type": "bearer",
            "expires_in": EXPIRES_IN,
            "refresh_token": refresh,
        }


def _hash(*parts: object) -> str:
    return sha256("/".join(map(str, parts)).encode()).hexdigest()


def _invalid_grant(why: str) -> tuple[int, dict[str, Any]]:
    return 400, {"error": "invalid_grant", "error_description": why}


def _decoded(text: str) -> str:
    try:
        return b64decode(text).decode("utf-8", "replace")
    except ValueError:
        return ""
