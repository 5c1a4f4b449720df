"""A simulated official account, and the envelope of every answer about it.

Source: docs.zaloplatforms.com; zaloplatform/zalo-php-sdk; zalo.cloud, error codes.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from gateway.sandbox import zalo_event
from gateway.sandbox.archive import Archive, Sent
from gateway.sandbox.conduct import Account
from gateway.sandbox.postman import Letter
from gateway.sandbox.wire import Answer, json_answer
from gateway.sandbox.zalo_setting import Template, ZaloSetting
from gateway.sandbox.zalo_tokens import ZaloTokens

MESSAGES: Mapping[int, str] = {
    -32: "Rate limit exceeded",
    -100: "Unknown error, please try again later",
    -104: "Application secret key is invalid",
    -106: "Method is unsupported",
    -107: "Message id is invalid",
    -108: "Phone number is invalid",
    -109: "Template id is invalid",
    -111: "Template data is empty",
    -112: "Template data type is not defined",
    -1121: "Template data exceeds its maximum length",
    -1122: "Template data misses a parameter",
    -1124: "Template data has an invalid format",
    -115: "Out of quota or balance",
    -118: "Zalo account is not existed",
    -121: "Body data is empty",
    -122: "Body format is invalid",
    -124: "Access token is invalid",
    -127: "Development mode sends to administrators only",
    -131: "Template is not approved",
    -132: "Parameter is invalid",
    -133: "Messages cannot be sent at night",
    -139: "User refused to receive this kind of message",
    -141: "User refused to receive messages of this official account",
    -144: "Official account is out of daily quota",
    -161: "Sending mode is not permitted",
}


class Invalid(Exception):
    """The request is refused; the argument is the error code."""


class ZaloAccount(Account[ZaloSetting]):
    """`consents` says that an administrator of this one agrees when its app asks; without any, the
    first account of the app does."""

    def __init__(
        self, setting: ZaloSetting, kept: int, post: Callable[[Letter], None] = lambda _letter: None
    ) -> None:
        super().__init__(setting)
        self.tokens = ZaloTokens(setting)
        self.templates = {one.id: one for one in setting.templates}
        self.sent: Archive[Sent] = Archive(kept)
        self.daily_quota = self.quota_left = setting.daily_quota
        self.tags = setting.tags
        self.consents = False
        self.loses_refresh_answer = False
        self._quality = (setting.quality, setting.quality_week)
        self._post = post

    def take_wishes(self, wishes: dict[str, Any]) -> None:
        if wishes.pop("expire_tokens", False):
            self.tokens.expire()
        if wishes.pop("revoke_consent", False):
            self.tokens.revoke()
        self.consents = bool(wishes.pop("consents", self.consents))
        self.loses_refresh_answer = bool(
            wishes.pop("lose_refresh_answer", self.loses_refresh_answer)
        )
        self.quota_left = int(wishes.pop("quota_left", self.quota_left))
        self._quality = (
            wishes.pop("quality", self._quality[0]),
            wishes.pop("quality_week", self._quality[1]),
        )
        if "daily_quota" in wishes:
            self._set_quota(int(wishes.pop("daily_quota")))
        if "tags" in wishes:
            self.tags = tuple(wishes.pop("tags"))
            self._tell("change_oa_template_tags")
        for wish, change in self._template_wishes.items():
            for template_id, wanted in wishes.pop(wish, {}).items():
                if template_id not in self.templates:
                    raise ValueError(f"no template {template_id}")
                change(self.templates[template_id], wanted)

    @property
    def _template_wishes(self) -> Mapping[str, Callable[[Template, Any], None]]:
        """By template id: a status, a quality, the most characters by parameter, or anything to
        drop it. Zalo tells of the first two only."""
        return {
            "template_status": self._set_status,
            "template_quality": self._set_quality,
            "template_lengths": self._set_lengths,
            "drop_templates": lambda template, _: self._drop(template),
        }

    def _set_quota(self, daily: int) -> None:
        values = {"prev_value": self.daily_quota, "new_value": daily}
        self.daily_quota = daily
        self._tell("change_oa_daily_quota", quota=values)

    def _set_status(self, template: Template, status: str) -> None:
        self.templates[template.id] = replace(template, status=status)
        values = {"prev_status": template.status, "new_status": status}
        told = {"template_id": template.id, "status": values, "reason": "Mẫu tin bị lặp"}
        self._tell("change_template_status", **told)

    def _set_quality(self, template: Template, quality: str) -> None:
        self.templates[template.id] = replace(template, quality=quality)
        self._tell("change_template_quality", template_id=template.id, quality=quality)

    def _set_lengths(self, template: Template, lengths: Mapping[str, int]) -> None:
        params = [
            replace(one, max_length=lengths.get(one.name, one.max_length))
            for one in template.params
        ]
        self.templates[template.id] = replace(template, params=tuple(params))

    def _drop(self, template: Template) -> None:
        del self.templates[template.id]

    def _tell(self, name: str, **told: Any) -> None:
        if self.setting.webhook_url:
            self._post(zalo_event.change(self.setting, name, told))

    def quota(self) -> dict[str, str]:
        left = str(self.quota_left)
        return {"dailyQuota": str(self.daily_quota), "remainingQuota": left}

    def quality(self) -> dict[str, str]:
        now, week = self._quality
        return {"oaCurrentQuality": now, "oa7dayQuality": week}


def success(data: Any) -> Answer:
    return json_answer({"error": 0, "message": "Success", "data": data})


def refusal(code: int) -> Answer:
    return json_answer({"error": code, "message": MESSAGES.get(code, "")})
