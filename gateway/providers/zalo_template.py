"""The limits that Zalo sets for the parameters of one registered template, known for an hour."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from unicodedata import normalize

from gateway.providers.outbound import BadReply, WireError

KNOWN_FOR_S = 3600.0
# After a look-up that failed, messages go unchecked for so long: Zalo checks them itself.
UNKNOWN_FOR_S = 60.0


@dataclass(frozen=True, kw_only=True, slots=True)
class ParameterLimits:
    """Lengths count characters after NFC; `max_length` None is no limit."""

    name: str
    required: bool
    min_length: int
    max_length: int | None
    type: str = ""

    def allows(self, value: str | None) -> bool:
        if value is None:
            return not self.required
        length = len(normalize("NFC", value))
        return self.min_length <= length and (self.max_length is None or length <= self.max_length)


@dataclass(frozen=True, kw_only=True, slots=True)
class TemplateLimits:
    """`timeout_s` is how long Zalo itself tries to deliver a message of this template."""

    status: str
    timeout_s: float | None
    parameters: tuple[ParameterLimits, ...]

    def refused(self, params: Mapping[str, str]) -> tuple[str, ...]:
        """Names of the parameters that are missing, too long, too short, or unknown to it."""
        known = {limits.name for limits in self.parameters}
        misfits = [one.name for one in self.parameters if not one.allows(params.get(one.name))]
        return (*misfits, *(name for name in params if name not in known))


class KnownTemplates:
    """Limits by template id, asked for once whatever number of messages needs them."""

    def __init__(self, look_up: Callable[[str], Awaitable[TemplateLimits | None]]) -> None:
        self._look_up = look_up
        self._known: dict[str, tuple[float, TemplateLimits | None]] = {}
        self._turn = asyncio.Lock()

    async def limits(self, template_id: str) -> TemplateLimits | None:
        """None where they cannot be had now."""
        if not self._is_known(template_id):
            async with self._turn:
                if not self._is_known(template_id):
                    await self._learn(template_id)
        return self._known[template_id][1]

    def _is_known(self, template_id: str) -> bool:
        found = self._known.get(template_id)
        return found is not None and found[0] > time.monotonic()

    async def _learn(self, template_id: str) -> None:
        try:
            found = await self._look_up(template_id)
        except WireError:
            found = None
        lasts_s = KNOWN_FOR_S if found else UNKNOWN_FOR_S
        self._known[template_id] = (time.monotonic() + lasts_s, found)


def limits_of(info: Mapping[str, Any]) -> TemplateLimits:
    """Reads the data of `GET /template/info/v2`. Raises BadReply."""
    try:
        timeout_ms = info.get("timeout")
        return TemplateLimits(
            status=str(info.get("status", "")),
            timeout_s=None if timeout_ms is None else float(timeout_ms) / 1000,
            parameters=tuple(_parameter(entry) for entry in info["listParams"]),
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        raise BadReply("template_info") from None


def _parameter(entry: Mapping[str, Any]) -> ParameterLimits:
    max_length = entry.get("maxLength")
    return ParameterLimits(
        name=str(entry["name"]),
        required=bool(entry.get("require", True)),
        min_length=int(entry.get("minLength") or 0),
        max_length=None if max_length is None else int(max_length),
        type=str(entry.get("type", "")),
    )
