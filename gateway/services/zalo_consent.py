"""The consent by which a human lets us write in the name of an official account.

It is asked for with a challenge, and its code is worth something only together with the verifier,
which waits here sealed for a quarter of an hour.
"""

import json
import secrets
from hmac import compare_digest

from gateway.errors import BaotinError
from gateway.ledger import consents
from gateway.ledger.consents import StoredConsent
from gateway.ledger.database import Database
from gateway.providers.contract import AccountAccess
from gateway.providers.outbound import Door, MaybeSent, NotSent
from gateway.providers.zalo_oauth import (
    APP_INACTIVE,
    CHALLENGE_WRONG,
    SECRET_WRONG,
    CodeRefused,
    exchange_code,
    permission_url,
)
from gateway.sealing import Sealer
from gateway.services.tokens import store_pair

STANDS_FOR_S = 900.0
_AGAIN = "ask for a new one with `baotin zalo consent {} --redirect-uri URI`"

_WHY = {
    APP_INACTIVE: "the app {app_id} is inactive or does not exist; look at its state in Zalo's"
    " developer console and at app_id of the account",
    CHALLENGE_WRONG: "the code does not belong to the address that was printed last; the redirect"
    " URI and, where the console asks for one, the code challenge must be the ones registered"
    " there; then " + _AGAIN,
    SECRET_WRONG: "app_secret of the account is not the secret key of the app {app_id}",
    "-32": "too many calls; try the same code again in a minute",
}
_CODE_DEAD = "the code is wrong, used or too old: it works once and for about ten minutes; "


class ConsentFailed(BaotinError):
    """The consent brought no tokens."""


class ZaloConsent:
    """For one account at a time; what is asked for later stands in place of what was before."""

    def __init__(self, database: Database, sealer: Sealer, door: Door) -> None:
        self._database = database
        self._sealer = sealer
        self._door = door

    async def ask(self, access: AccountAccess, redirect_uri: str) -> str:
        """The address at which an administrator of the official account consents."""
        # Where the console of the app wants one fixed challenge, the account keeps its verifier.
        verifier = access.secrets.get("code_verifier") or secrets.token_urlsafe(32)
        state = secrets.token_urlsafe(16)
        plain = json.dumps([verifier, state]).encode()
        sealed, key = self._sealer.seal(plain, bound_to(access.code))
        async with self._database.connection() as connection:
            stored = StoredConsent(sealed=sealed, seal_key=key)
            await consents.keep(connection, access.code, stored, STANDS_FOR_S)
        return permission_url(access, redirect_uri, verifier, state)

    async def redeem(
        self, access: AccountAccess, code: str, state: str | None, oa_id: str | None
    ) -> None:
        """Store the tokens that a code is good for. Raises ConsentFailed with what to do."""
        verifier = await self._verifier(access.code, state)
        expected = access.settings.get("oa_id")
        if expected and oa_id and oa_id != expected:
            raise ConsentFailed(
                f"the consent is for the official account {oa_id}, but account {access.code} has"
                f" oa_id {expected}; consent as an administrator of that one"
            )
        try:
            pair = await exchange_code(access, self._door, code, verifier)
        except CodeRefused as refused:
            raise ConsentFailed(_sentence(refused.code, access)) from None
        except NotSent as error:
            raise ConsentFailed(
                f"Zalo was not reached ({error.cause}); try the same code again"
            ) from None
        except MaybeSent:
            raise ConsentFailed(
                f"Zalo's answer was lost, so the code may be used up; {_AGAIN.format(access.code)}"
            ) from None
        await store_pair(self._database, self._sealer, access.code, pair)
        async with self._database.connection() as connection:
            await consents.forget(connection, access.code)

    async def _verifier(self, account: str, state: str | None) -> str:
        async with self._database.connection() as connection:
            stored = await consents.read(connection, account)
        if stored is None:
            raise ConsentFailed(
                f"no consent of {account} was asked for in the last quarter of an hour;"
                f" {_AGAIN.format(account)}"
            )
        verifier, expected = json.loads(
            self._sealer.open(stored.sealed, stored.seal_key, bound_to(account))
        )
        if state is not None and not compare_digest(state.encode(), expected.encode()):
            raise ConsentFailed(
                "the state is not the one of the address that was printed last, so the code may be"
                f" somebody else's; {_AGAIN.format(account)}"
            )
        return str(verifier)


def bound_to(account: str) -> bytes:
    return f"consent/{account}".encode()


def _sentence(code: str, access: AccountAccess) -> str:
    why = _WHY.get(code, _CODE_DEAD + _AGAIN)
    told = why.format(access.code, app_id=access.settings["app_id"])
    return f"Zalo gave no tokens ({code}): {told}"
