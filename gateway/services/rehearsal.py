"""What a test key sends through: simulated accounts that stand beside the directory everywhere.

A notice posted with a test key takes its unit's route, but every step goes to the sandbox. The
secrets between these accounts and the sandbox are derived from the key ring, so that both sides
know them and nobody has to make any up.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gateway.domain.channel import Channel
from gateway.domain.directory import Account, Directory, Pool
from gateway.domain.dossier import EventKind
from gateway.domain.route import Step

MODE_TEST = "test"

_SMS, _ZALO, _VOICE = "rehearsal-sms", "rehearsal-zalo", "rehearsal-voice"
_ACCOUNTS = {Channel.SMS: _SMS, Channel.ZALO: _ZALO, Channel.VOICE: _VOICE}
_APP_ID, _OA_ID = "2000000000000000009", "3000000000000000009"
_ACCOUNT_SID = "AC00000000000000000000000000000009"
_CALLER, _BRANDNAME = "+15005550009", "THU-NGHIEM"
_TOKEN_LIFE_S = 10 * 365 * 86_400


@dataclass(frozen=True, kw_only=True)
class Stage:
    """`sandbox_url` is where the simulators listen; `secret(name)` answers the same everywhere."""

    sandbox_url: str
    secret: Callable[[str], str]

    def directory(self, found: Directory) -> Directory:
        """The directory with the rehearsal accounts and their pools in it."""
        made = self._accounts()
        pools = {
            code: Pool(code=code, channel=channel, accounts=(code,))
            for channel, code in _ACCOUNTS.items()
        }
        return replace(
            found,
            accounts={**found.accounts, **{account.code: account for account, _ in made}},
            pools={**found.pools, **pools},
            secrets={
                **found.secrets,
                **{("account", account.code): secrets for account, secrets in made},
            },
        )

    def sandbox_accounts(self, public_url: str, zalo_templates: Sequence[Any]) -> list[Any]:
        """The other side: what the sandbox must know to recognise these accounts."""
        return [
            {
                "provider": "zalo",
                "code": _ZALO,
                "app_id": _APP_ID,
                "app_secret": self.secret("zalo/app"),
                "oa_id": _OA_ID,
                "oa_name": "Thử nghiệm",
                "oa_secret_key": self.secret("zalo/oa"),
                "refresh_token": self.secret("zalo/refresh"),
                "access_token": self.secret("zalo/access"),
                "access_token_life_s": _TOKEN_LIFE_S,
                "webhook_url": f"{public_url}/receipts/{_ZALO}",
                "template": list(zalo_templates),
            },
            {
                "provider": "esms",
                "code": _SMS,
                "api_key": self.secret("esms/key"),
                "secret_key": self.secret("esms/secret"),
                "brandnames": [_BRANDNAME],
            },
            {
                "provider": "twilio",
                "code": _VOICE,
                "account_sid": _ACCOUNT_SID,
                "auth_token": self.secret("twilio/token"),
                "senders": [_CALLER],
            },
        ]

    def _accounts(self) -> list[tuple[Account, Mapping[str, str]]]:
        url, secret = self.sandbox_url, self.secret
        zalo = Account(
            code=_ZALO,
            provider="zalo_zns",
            base_url=f"{url}/zalo",
            settings={"app_id": _APP_ID, "oauth_base_url": f"{url}/zalo-oauth"},
            templates={kind.value: template_id(kind) for kind in EventKind},
        )
        sms = Account(code=_SMS, provider="esms", base_url=f"{url}/esms", sender=_BRANDNAME)
        voice = Account(
            code=_VOICE,
            provider="twilio_voice",
            base_url=f"{url}/twilio",
            sender=_CALLER,
            settings={"account_sid": _ACCOUNT_SID},
        )
        return [
            (
                zalo,
                {
                    "app_secret": secret("zalo/app"),
                    "oa_secret_key": secret("zalo/oa"),
                    "access_token": secret("zalo/access"),
                },
            ),
            (
                sms,
                {
                    "api_key": secret("esms/key"),
                    "secret_key": secret("esms/secret"),
                    "callback_token": secret("esms/callback"),
                },
            ),
            (voice, {"auth_token": secret("twilio/token")}),
        ]


@dataclass(frozen=True, kw_only=True)
class StandingToken:
    """The access token of the simulated Zalo account, which does not run out."""

    access: str

    async def current(self) -> str:
        return self.access

    async def renewed(self, refused: str) -> str:
        return refused


def rehearsed(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The same route, with every step through the sandbox."""
    return tuple(replace(step, pool=_ACCOUNTS[step.channel]) for step in steps)


def template_id(kind: EventKind) -> str:
    """The number under which the sandbox has a kind's Zalo template."""
    return str(900_001 + list(EventKind).index(kind))


def is_rehearsal(account: str) -> bool:
    return account in _ACCOUNTS.values()
