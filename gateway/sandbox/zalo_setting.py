"""What a simulated official account and its registered templates are configured with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.sandbox.conduct import Setting
from gateway.sandbox.config import made


@dataclass(frozen=True, kw_only=True, slots=True)
class Parameter:
    """One parameter of a Zalo template; `title` is the label of its row on the phone."""

    name: str
    title: str = ""
    type: str = "STRING"
    required: bool = True
    min_length: int = 0
    max_length: int = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Template:
    id: str
    name: str
    title: str = ""
    status: str = "ENABLE"
    quality: str = "HIGH"
    tag: str = "IN_TRANSACTION"
    timeout_ms: int = 7_200_000
    price_vnd: int = 300
    params: tuple[Parameter, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ZaloSetting(Setting):
    """`refresh_token` is the one that a human's consent gave; `access_token`, where given, works
    from the start. An empty `webhook_url` means that nobody is told of anything. Where there are
    `redirect_uris`, a consent returns to one of them only. `groups` are the group chats it owns."""

    app_id: str
    app_secret: str = field(repr=False)
    oa_id: str
    oa_name: str
    oa_secret_key: str = field(repr=False)
    refresh_token: str = field(repr=False)
    access_token: str = field(default="", repr=False)
    access_token_life_s: int = 90_000
    webhook_url: str = ""
    redirect_uris: tuple[str, ...] = ()
    daily_quota: int = 500_000
    quality: str = "HIGH"
    quality_week: str = "HIGH"
    tags: tuple[str, ...] = ("OTP", "IN_TRANSACTION", "POST_TRANSACTION")
    groups: tuple[str, ...] = ()
    templates: tuple[Template, ...] = ()

    @classmethod
    def prepared(cls, table: Mapping[str, Any]) -> dict[str, Any]:
        rest = dict(table)
        rest["templates"] = tuple(_template(entry) for entry in rest.pop("template", ()))
        return rest


def _template(table: Mapping[str, Any]) -> Template:
    params = tuple(made(Parameter, entry) for entry in table.get("params", ()))
    return made(Template, dict(table) | {"params": params})
