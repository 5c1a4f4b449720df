"""A simulated official account, and the envelope of every answer about it.

Source: docs.zaloplatforms.com; zaloplatform/zalo-php-sdk; zalo.cloud, error codes.
"""

from collections.abc import Mapping
from typing import Any

from gateway.sandbox.archive import Archive, Sent
from gateway.sandbox.conduct import Account
from gateway.sandbox.wire import Answer, json_answer
from gateway.sandbox.zalo_setting import ZaloSetting
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
    def __init__(self, setting: ZaloSetting, kept: int) -> None:
        super().__init__(setting)
        self.tokens = ZaloTokens(setting)
        self.templates = {one.id: one for one in setting.templates}
        self.sent: Archive[Sent] = Archive(kept)
        self.quota_left = setting.daily_quota

    def take_wishes(self, wishes: dict[str, Any]) -> None:
        if wishes.pop("expire_tokens", False):
            self.tokens.expire()
        if wishes.pop("revoke_consent", False):
            self.tokens.revoke()
        self.quota_left = int(wishes.pop("quota_left", self.quota_left))

    def quota(self) -> dict[str, str]:
        left = str(self.quota_left)
        return {"dailyQuota": str(self.setting.daily_quota), "remainingQuota": left}


def success(data: Any) -> Answer:
    return json_answer({"error": 0, "message": "Success", "data": data})


def refusal(code: int) -> Answer:
    return json_answer({"error": code, "message": MESSAGES.get(code, "")})


def milliseconds(at: float) -> str:
    return str(int(at * 1000))
