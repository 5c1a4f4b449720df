"""Connecting and looking at Zalo's official accounts, for the command line."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from gateway.domain.directory import Account
from gateway.embedded.attached import attached, with_made_keyring
from gateway.errors import DirectoryError
from gateway.ledger import tokens, zalo_catalogue
from gateway.ledger.database import Database
from gateway.ledger.zalo_catalogue import KnownTemplate
from gateway.providers.contract import TokenPair
from gateway.services.accounts import OpenAccount
from gateway.services.tokens import store_pair
from gateway.services.zalo_catalogue import NotTold, ZaloCatalogue
from gateway.services.zalo_consent import ZaloConsent
from gateway.settings import Settings
from gateway.wiring import Core, wire_core
from gateway.wiring import zalo_catalogue as wire_catalogue

# Pasted tokens come without their end; the first refusal refreshes them.
_PASTED_LIVE_S = 3600
ZALO = "zalo_zns"


class ZaloAccounts:
    def __init__(self, settings: Settings) -> None:
        self._settings = with_made_keyring(settings)

    async def ask_consent(self, account: str, redirect_uri: str) -> str:
        """The address at which an administrator of the official account consents."""
        async with self._core() as core:
            return await self._consent(core).ask(_usable(core, account).access, redirect_uri)

    async def redeem_consent(
        self, account: str, code: str, state: str | None, oa_id: str | None
    ) -> None:
        async with self._core() as core:
            access = _usable(core, account).access
            await self._consent(core).redeem(access, code, state, oa_id)

    async def store_tokens(self, account: str, access: str, refresh: str) -> None:
        pair = TokenPair(access=access, refresh=refresh, expires_in_s=_PASTED_LIVE_S)
        async with self._core() as core:
            _configured(core, account)
            await store_pair(core.database, core.sealer, account, pair)

    async def templates(self, account: str, *, refresh: bool) -> list[dict[str, Any]]:
        """What the account has registered, as it was read last, or is now."""
        async with self._core() as core:
            configured = _configured(core, account)
            if refresh:
                await wire_catalogue(core).refresh(account)
            async with core.database.connection() as connection:
                found = await zalo_catalogue.templates(connection, account)
        ours = {template_id: name for name, template_id in configured.templates.items()}
        known = {one.template_id for one in found}
        listed = [_shown(one, ours.get(one.template_id)) for one in found]
        return listed + [
            {"id": template_id, "ours": name, "status": "not among the account's"}
            for template_id, name in ours.items()
            if template_id not in known
        ]

    async def status(self, account: str) -> dict[str, Any]:
        """Tokens, quota and quality; asked now where the account can be asked."""
        async with self._core() as core:
            _configured(core, account)
            problem = await _refreshed(wire_catalogue(core), account)
            async with core.database.connection() as connection:
                standing = await zalo_catalogue.standing(connection, account)
            token = await _token(core.database, account)
        return {
            "account": account,
            "token": token,
            "daily_quota": standing.daily_quota,
            "remaining_quota": standing.remaining_quota,
            "quality_48_hours": standing.quality or None,
            "quality_7_days": standing.quality_week or None,
            "content_types": list(standing.tags),
            "read_at": standing.read_at.isoformat() if standing.read_at else None,
            **({"problem": problem} if problem else {}),
        }

    @staticmethod
    def _consent(core: Core) -> ZaloConsent:
        return ZaloConsent(core.database, core.sealer, core.door)

    @asynccontextmanager
    async def _core(self) -> AsyncIterator[Core]:
        with attached(self._settings) as settings:
            core = await wire_core(settings)
            try:
                yield core
            finally:
                await core.close()


def _configured(core: Core, code: str) -> Account:
    found = core.directory.now.accounts.get(code)
    if found is None:
        raise DirectoryError(f"the directory has no account {code}")
    if found.provider != ZALO:
        raise DirectoryError(f"account {code} is one of {found.provider}, not of {ZALO}")
    return found


def _usable(core: Core, code: str) -> OpenAccount:
    _configured(core, code)
    if found := core.accounts.get(code):
        return found
    raise DirectoryError(
        f"account {code} lacks a setting or a secret: it needs app_id, oauth_base_url, app_secret"
        " and oa_secret_key"
    )


async def _refreshed(catalogue: ZaloCatalogue, account: str) -> str | None:
    """Why the account could not be asked; None where it was."""
    try:
        await catalogue.refresh(account)
    except NotTold as error:
        return str(error)
    return None


async def _token(database: Database, account: str) -> str:
    async with database.connection() as connection:
        row = await tokens.read(connection, account)
    if row is None:
        return "none yet; give consent with `baotin zalo consent`"
    if row.lost:
        return "lost; give consent anew with `baotin zalo consent`"
    ends_at = datetime.now(UTC) + timedelta(seconds=row.left_s)
    return f"valid until {ends_at.isoformat(timespec='seconds')}, renewed before"


def _shown(one: KnownTemplate, ours: str | None) -> dict[str, Any]:
    return {
        "id": one.template_id,
        "name": one.name,
        "ours": ours,
        "status": f"gone since {one.gone_at.isoformat()}" if one.gone_at else one.status,
        "quality": one.quality,
        "tag": one.tag,
        "timeout_s": one.timeout_s,
        "price_vnd": one.price_vnd,
        "preview": one.preview_url,
        "parameters": None if one.params is None else [_limits(param) for param in one.params],
    }


def _limits(param: Mapping[str, Any]) -> str:
    most = "any length" if param["max"] is None else f"{param['min']} to {param['max']} characters"
    return f"{param['name']}: {most}{'' if param['required'] else ', may be missing'}"
