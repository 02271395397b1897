"""Who may come in: the token, the cookie a browser gets for it, and the proof that a form came from a page of ours. Nothing is stored."""

from __future__ import annotations

import hmac
import secrets
import time
from http.cookies import CookieError, SimpleCookie

COOKIE = "notecheck"
LASTS = 12 * 3600  # seconds


class Sessions:
    """Cookies and form proofs are signed with a key that dies with the server."""

    def __init__(self, token: str | None) -> None:
        self._token = token
        self._key = secrets.token_bytes(32)

    @property
    def needed(self) -> bool:
        return self._token is not None

    def opens(self, token: str) -> bool:
        """Whether this is the server's token."""
        return self._token is not None and _same(token, self._token)

    def new_cookie(self) -> str:
        """The value of the cookie for a browser that showed the token."""
        until = str(int(time.time()) + LASTS)
        return f"{until}.{self._sign('session', until)}"

    def admits(self, authorization: str, cookies: str) -> bool:
        """Whether a request with these two headers may pass."""
        if not self.needed:
            return True
        kind, _, token = authorization.partition(" ")
        return (kind.lower() == "bearer" and self.opens(token.strip())) or self._valid(cookie_of(cookies))

    def form_proof(self, cookies: str) -> str:
        """What a form of ours carries: no other site can read it, and it holds for this browser's cookie only."""
        return self._sign("form", cookie_of(cookies))

    def proven(self, proof: str, cookies: str) -> bool:
        return _same(proof, self.form_proof(cookies))

    def _valid(self, cookie: str) -> bool:
        until, _, signature = cookie.partition(".")
        genuine = _same(signature, self._sign("session", until))
        return genuine and until.isdecimal() and int(until) > time.time()

    def _sign(self, purpose: str, value: str) -> str:
        return hmac.new(self._key, f"{purpose}:{value}".encode(), "sha256").hexdigest()


def _same(shown: str, known: str) -> bool:
    """Compares in a time that tells nothing of `known`."""
    return hmac.compare_digest(shown.encode(errors="replace"), known.encode())


def cookie_of(header: str) -> str:
    """Our cookie in a Cookie header, "" where it has none."""
    try:
        found = SimpleCookie(header).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found else ""
