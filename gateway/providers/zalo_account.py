"""What a Zalo official account tells of itself: its templates, quotas, quality and content types.

Numbers come as numbers, as text or not at all; quality is a word of HIGH, MEDIUM, LOW, UNDEFINED.
Source: docs.zaloplatforms.com (template/all, template/info/v2, message/quota, quality,
message/template-tag), through the platform's integration specification.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from gateway.providers.outbound import BadReply
from gateway.providers.zalo_client import Refused, ZaloClient
from gateway.providers.zalo_template import TemplateLimits, limits_of

# Half of what is allowed, so that an answer stays well below what the door lets in.
PAGE = 50
_MOST_PAGES = 100
# It lists a template that it does not know any more, or that our app has no right to.
NOT_DESCRIBED = frozenset({"-109", "-117"})


@dataclass(frozen=True, kw_only=True, slots=True)
class RegisteredTemplate:
    """`limits` is None where the account lists the template and will not describe it."""

    id: str
    name: str
    status: str
    quality: str
    tag: str = ""
    price_vnd: int | None = None
    preview_url: str = ""
    limits: TemplateLimits | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Quota:
    """Messages a day, and how many of today's are left; None where it does not say."""

    daily: int | None
    remaining: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Quality:
    """Over the last 48 hours and over the last week."""

    now: str
    week: str


class ZaloAccount:
    """Every call raises `Refused`, `Withheld`, `NotSent` or `MaybeSent` where it was not told."""

    def __init__(self, client: ZaloClient) -> None:
        self._client = client

    async def templates(self) -> list[RegisteredTemplate]:
        """All of them, each with its limits."""
        return [await self._described(one) for one in await self._listed()]

    async def quota(self) -> Quota:
        data = await self._data("/message/quota")
        return Quota(
            daily=_number(data.get("dailyQuota")), remaining=_number(data.get("remainingQuota"))
        )

    async def quality(self) -> Quality:
        data = await self._data("/quality")
        return Quality(now=_text(data, "oaCurrentQuality"), week=_text(data, "oa7dayQuality"))

    async def tags(self) -> tuple[str, ...]:
        """The content types that it may send."""
        found = (await self._client.read("/message/template-tag", {})).get("data")
        return tuple(str(one) for one in found) if isinstance(found, list) else ()

    async def _listed(self) -> list[RegisteredTemplate]:
        found: dict[str, RegisteredTemplate] = {}
        for page in range(_MOST_PAGES):
            window = {"offset": str(page * PAGE), "limit": str(PAGE)}
            rows = (await self._client.read("/template/all", window)).get("data")
            if not isinstance(rows, list):
                raise BadReply("template_list")
            found |= {one.id: one for one in map(_row, rows)}
            if len(rows) < PAGE:
                break
        return list(found.values())

    async def _described(self, listed: RegisteredTemplate) -> RegisteredTemplate:
        try:
            data = await self._data("/template/info/v2", {"template_id": listed.id})
        except Refused as refused:
            if refused.code in NOT_DESCRIBED:
                return listed
            raise
        limits = limits_of(data)
        return replace(
            listed,
            status=limits.status or listed.status,
            quality=_text(data, "templateQuality") or listed.quality,
            tag=_text(data, "templateTag"),
            price_vnd=_number(data.get("price_sdt", data.get("price"))),
            preview_url=_text(data, "previewUrl"),
            limits=limits,
        )

    async def _data(self, path: str, params: Mapping[str, str] | None = None) -> Mapping[str, Any]:
        data = (await self._client.read(path, params or {})).get("data")
        if not isinstance(data, dict):
            raise BadReply("no_data")
        return data


def _row(row: Any) -> RegisteredTemplate:
    if not isinstance(row, dict) or "templateId" not in row:
        raise BadReply("template_list")
    return RegisteredTemplate(
        id=str(row["templateId"]),
        name=_text(row, "templateName"),
        status=_text(row, "status"),
        quality=_text(row, "templateQuality"),
    )


def _text(data: Mapping[str, Any], name: str) -> str:
    found = data.get(name)
    return "" if found is None else str(found)


def _number(value: object) -> int | None:
    try:
        return int(float(str(value)))
    except (ValueError, OverflowError):
        return None
