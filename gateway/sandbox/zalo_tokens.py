"""The tokens of one simulated Zalo app. They carry their own proof, so that a grant outlives a
restart of the sandbox; a refresh token works once.

Source: developers.zalo.me, OAuth v4 of official accounts.
"""

import hmac
from collections.abc import Mapping
from hashlib import sha256
from time import time

from gateway.sandbox.zalo_setting import ZaloSetting

TOKEN_REFUSED, TOKEN_DEAD, APP_WRONG, SECRET_WRONG = -124, -14014, -14002, -14004


class ZaloTokens:
    """Generations: the first is the one of the configuration, each refresh makes the next.
    `refreshes` counts how often one of this account's refresh tokens was shown."""

    def __init__(self, setting: ZaloSetting) -> None:
        self._setting = setting
        # One app may serve several official accounts, each with tokens of its own.
        self._key = f"{setting.app_secret}/{setting.oa_id}".encode()
        self._began_at = time()
        self._newest = 0
        self._expired_up_to = -1
        self._revoked = False
        self.refreshes = 0

    def expire(self) -> None:
        """Every access token that is out ends now; refreshing goes on."""
        self._expired_up_to = self._newest

    def revoke(self) -> None:
        """The consent is withdrawn: the refresh token is dead, too. Forgiven by `consent`."""
        self.expire()
        self._revoked = True

    def consent(self) -> dict[str, str]:
        """A new pair, as after a human agreed."""
        self._revoked = False
        self._newest += 1
        return self._pair(self._newest)

    def accepts(self, access_token: str) -> bool:
        if access_token and access_token == self._setting.access_token:
            return self._alive(0, self._began_at)
        generation, issued_at = self._read("access", access_token)
        if generation is None:
            return False
        self._newest = max(self._newest, generation)
        return self._alive(generation, issued_at)

    def owns(self, refresh_token: str) -> bool:
        """Whether it was ever given out for this account."""
        return self._generation_of(refresh_token) is not None

    def refresh(self, refresh_token: str) -> Mapping[str, str] | None:
        """The next pair; None for a token that is unknown, used or dead."""
        self.refreshes += 1
        generation = self._generation_of(refresh_token)
        if generation is None or generation < self._newest or self._revoked:
            return None
        self._newest = generation + 1
        return self._pair(self._newest)

    def _generation_of(self, refresh_token: str) -> int | None:
        if refresh_token == self._setting.refresh_token:
            return 0
        return self._read("refresh", refresh_token)[0]

    def _alive(self, generation: int, issued_at: float) -> bool:
        young = time() - issued_at < self._setting.access_token_life_s
        return young and generation > self._expired_up_to

    def _pair(self, generation: int) -> dict[str, str]:
        return {
            "access_token": self._write("access", generation),
            "refresh_token": self._write("refresh", generation),
            "expires_in": str(self._setting.access_token_life_s),
        }

    def _write(self, kind: str, generation: int) -> str:
        content = f"{generation}-{time():.3f}"
        return f"{content}-{self._proof(kind, content)}"

    def _read(self, kind: str, token: str) -> tuple[int | None, float]:
        content, _, proof = token.rpartition("-")
        if not hmac.compare_digest(proof.encode(), self._proof(kind, content).encode()):
            return None, 0.0
        generation, _, issued_at = content.partition("-")
        return int(generation), float(issued_at)

    def _proof(self, kind: str, content: str) -> str:
        return hmac.new(self._key, f"{kind}:{content}".encode(), sha256).hexdigest()
