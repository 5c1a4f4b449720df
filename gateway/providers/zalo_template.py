"""The limits that Zalo sets for the parameters of one registered template."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from unicodedata import normalize

from gateway.providers.outbound import BadReply


@dataclass(frozen=True, kw_only=True, slots=True)
class ParameterLimits:
    """Lengths count characters after NFC; `max_length` None is no limit."""

    name: str
    required: bool
    min_length: int
    max_length: int | None

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
    )
