"""The access tokens that a simulated FPT account has given out. They end with the sandbox.

Source: developer.sms.fpt.net/document; public client code.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from time import time

from gateway.sandbox import fpt_wire as wire
from gateway.sandbox.fpt_wire import FptSetting, Invalid

KEPT = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class Token:
    session_id: str
    scopes: frozenset[str]
    ends_at: float


class FptTokens:
    def __init__(self, setting: FptSetting) -> None:
        self._setting = setting
        self._given: dict[str, Token] = {}

    def give(self, fields: Mapping[str, str]) -> str:
        """A new token. Raises Invalid."""
        setting, scopes = self._setting, frozenset(fields["scope"].split())
        if fields["grant_type"] != wire.GRANT:
            raise Invalid("1015")
        if fields["client_secret"] != setting.client_secret:
            raise Invalid("1008")
        if not scopes or scopes - wire.SCOPES:
            raise Invalid("1005")
        if len(self._given) >= KEPT:
            self._given.pop(next(iter(self._given)))
        value = secrets.token_urlsafe(30)
        ends_at = time() + setting.token_life_s
        self._given[value] = Token(session_id=fields["session_id"], scopes=scopes, ends_at=ends_at)
        return value

    def holds(self, value: str) -> bool:
        return value in self._given

    def check(self, value: str, session_id: str) -> None:
        """Raises Invalid for a token that does not allow to send a message in this session."""
        token = self._given[value]
        if token.session_id != session_id:
            raise Invalid("1011")
        if token.ends_at <= time():
            raise Invalid("1013")
        if wire.CARE not in token.scopes:
            raise Invalid("1010")

    def expire(self) -> None:
        """Every token that is out ends now."""
        self._given = {
            value: Token(session_id=one.session_id, scopes=one.scopes, ends_at=0.0)
            for value, one in self._given.items()
        }
