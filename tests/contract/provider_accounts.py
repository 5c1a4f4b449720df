"""One account of each provider, and one message for each, with which the contract is tested."""

from collections.abc import Callable

from told_peer import Answer, json_answer

from gateway.domain.message import (
    AskKey,
    Body,
    CallScript,
    Say,
    SmsBody,
    Submission,
    VoiceBody,
    ZaloBody,
)
from gateway.domain.outcome import Outcome
from gateway.domain.recipient import Phone, PhoneKind
from gateway.providers.contract import AccountAccess, NoToken, Provider
from gateway.providers.outbound import MaybeSent, NotSent, outcome_of

E164 = "+84984765321"
TEXT = "Ket qua ho so cua ong Nguyen Van Thu da co tai quay 5."
REFERENCE = "0f3k9d8s7a6q5w4e3r2t1y0u9i8o7p6l5k4j3h2g1f0d9s8a"
SID = "SM" + "a" * 32
SECRETS = {
    "api_key": "key-3f9a",
    "secret_key": "secret-77c1",
    "callback_token": "door-51b2",
    "auth_token": "token-90aa",
    "app_secret": "app-12ef",
    "oa_secret_key": "oa-55dd",
}


class Tokens:
    """Access tokens in memory: hands out the next one each time one is refused."""

    def __init__(self, *tokens: str) -> None:
        self._tokens = list(tokens)
        self.refused: list[str] = []

    async def current(self) -> str:
        if not self._tokens:
            raise NoToken
        return self._tokens[0]

    async def renewed(self, refused: str) -> str:
        self.refused.append(refused)
        self._tokens.pop(0)
        return await self.current()


SCRIPT = CallScript(
    core=(Say(text="Kết quả đã có."),),
    ask=AskKey(prompt="Bấm một để nghe lại."),
    on_understood=Say(text="Cảm ơn."),
    on_silence=Say(text="Xin chào."),
    on_other_key=Say(text="Phím không đúng."),
)

BODIES: dict[str, Body] = {
    "esms": SmsBody(text=TEXT, accented=False, segments=1),
    "twilio_sms": SmsBody(text=TEXT, accented=False, segments=1),
    "twilio_voice": VoiceBody(script=SCRIPT),
    "zalo_zns": ZaloBody(
        template="result-ready", params={"name": "Nguyễn Văn Thu", "code": "H10-1"}
    ),
}

TAKEN: dict[str, Answer] = {
    "esms": json_answer({"CodeResult": "100", "CountRegenerate": 0, "SMSID": "e-1"}),
    "twilio_sms": json_answer({"sid": SID, "status": "queued", "num_segments": "2"}, status=201),
    "twilio_voice": json_answer({"sid": "CA" + "b" * 32, "status": "queued"}, status=201),
    "zalo_zns": json_answer({"error": 0, "message": "Success", "data": {"msg_id": "z-1"}}),
}

ALL = tuple(TAKEN)


def submission_for(provider: str) -> Submission:
    return Submission(
        reference=REFERENCE,
        phone=Phone(e164=E164, kind=PhoneKind.MOBILE),
        body=BODIES[provider],
        callback_url="https://gateway.example/receipts/acc",
        voice_url="https://gateway.example/voice/acc/x" if provider == "twilio_voice" else None,
    )


def account(provider: str, base_url: str, **settings: str) -> AccountAccess:
    return AccountAccess(
        code="acc",
        base_url=base_url,
        sender="+842873000000" if provider == "twilio_voice" else "BAOTIN",
        settings={
            "account_sid": "AC" + "0" * 32,
            "check_template": "0",
            "app_id": "4000",
            "oauth_base_url": base_url,
            **settings,
        },
        templates={"result-ready": "7788"},
        # Twilio takes an API key in place of the account's own token where one is given.
        secrets={k: v for k, v in SECRETS.items() if provider == "esms" or k != "api_key"},
        timeout_s=0.6,
    )


Maker = Callable[..., Provider]


async def submit(provider: Provider, name: str) -> Outcome:
    """The ending of one submission, as the caller of a provider sees it."""
    try:
        return await provider.send(submission_for(name))
    except (NotSent, MaybeSent) as error:
        return outcome_of(error)
