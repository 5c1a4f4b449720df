"""The simulated consent and token service of Zalo.

Source: developers.zalo.me, OAuth v4 of official accounts; zaloplatform/zalo-php-sdk.
"""

import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from time import monotonic
from urllib.parse import urlencode

from aiohttp import web

from gateway.sandbox.faults import Fault
from gateway.sandbox.wire import Answer, json_answer
from gateway.sandbox.world import World
from gateway.sandbox.zalo_account import ZaloAccount
from gateway.sandbox.zalo_tokens import APP_WRONG, SECRET_WRONG, TOKEN_DEAD

CODE_DEAD, CHALLENGE_WRONG, GRANT_WRONG = -14001, -14003, -14005
CODE_LIFE_S = 600.0


@dataclass(frozen=True, kw_only=True, slots=True)
class _Consent:
    account: ZaloAccount
    challenge: str
    given_at: float


class ZaloOAuth:
    """One app may serve several official accounts; a refresh token tells which."""

    def __init__(self, world: World, accounts: Sequence[ZaloAccount]) -> None:
        self._world = world
        self._accounts = accounts
        self._consents: dict[str, _Consent] = {}

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/zalo-oauth/v4/oa/permission", self.permission),
            web.post("/zalo-oauth/v4/oa/access_token", self.access_token),
        ]

    async def permission(self, request: web.Request) -> web.StreamResponse:
        """Consents at once in the administrator's name and sends the browser back with a code."""
        served = self._of_app(request.query.get("app_id", ""))
        back, challenge = request.query.get("redirect_uri"), request.query.get("code_challenge", "")
        if not served or not back:
            return _refusal(APP_WRONG).response()
        account = next((one for one in served if one.consents), served[0])
        if account.setting.redirect_uris and back not in account.setting.redirect_uris:
            return _refusal(CHALLENGE_WRONG).response()
        code = secrets.token_urlsafe(24)
        self._consents[code] = _Consent(account=account, challenge=challenge, given_at=monotonic())
        told = {"code": code, "oa_id": account.setting.oa_id}
        told |= {"state": request.query["state"]} if "state" in request.query else {}
        raise web.HTTPFound(f"{back}{'&' if '?' in back else '?'}{urlencode(told)}")

    async def access_token(self, request: web.Request) -> web.StreamResponse:
        form = {name: str(value) for name, value in (await request.post()).items()}
        served = self._of_app(form.get("app_id", ""))
        if not served:
            return _refusal(APP_WRONG).response()
        if request.headers.get("secret_key") != served[0].setting.app_secret:
            return _refusal(SECRET_WRONG).response()
        match form.get("grant_type"):
            case "refresh_token":
                return await self._refreshed(request, served, form.get("refresh_token", ""))
            case "authorization_code":
                return self._exchanged(served, form).response()
        return _refusal(GRANT_WRONG).response()

    def _of_app(self, app_id: str) -> list[ZaloAccount]:
        return [one for one in self._accounts if one.setting.app_id == app_id]

    async def _refreshed(
        self, request: web.Request, served: Sequence[ZaloAccount], token: str
    ) -> web.StreamResponse:
        account = next((one for one in served if one.tokens.owns(token)), None)
        if account is None or (pair := account.tokens.refresh(token)) is None:
            return _refusal(TOKEN_DEAD).response()
        lost = Fault.RESET_TAKEN if account.loses_refresh_answer else Fault.NONE
        return await self._world.wire.answer(request, json_answer(pair), lost)

    def _exchanged(self, served: Sequence[ZaloAccount], form: Mapping[str, str]) -> Answer:
        consent = self._consents.pop(form.get("code", ""), None)
        if consent is None or consent.account not in served:
            return _refusal(CODE_DEAD)
        if monotonic() - consent.given_at > CODE_LIFE_S:
            return _refusal(CODE_DEAD)
        if consent.challenge != _challenge(form.get("code_verifier", "")):
            return _refusal(CHALLENGE_WRONG)
        return json_answer(consent.account.tokens.consent())


MESSAGES: Mapping[int, tuple[str, str]] = {
    CODE_DEAD: ("Invalid code", "The authorization code is unknown, used or too old"),
    APP_WRONG: ("Invalid app", "The application is inactive or does not exist"),
    CHALLENGE_WRONG: ("Invalid code verifier", "The verifier does not fit the challenge"),
    SECRET_WRONG: ("Invalid secret key", "The secret key of the application is wrong"),
    GRANT_WRONG: ("Invalid grant type", "The grant type is not supported"),
    TOKEN_DEAD: ("Invalid refresh token", "The refresh token is unknown, used or expired"),
}


def _refusal(code: int) -> Answer:
    name, reason = MESSAGES[code]
    return json_answer({"error": code, "error_name": name, "error_reason": reason})


def _challenge(verifier: str) -> str:
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
