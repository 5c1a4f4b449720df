"""The line that people call: simulated callers listen and press keys, over both providers."""

import re
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest
from installation import Installation, event

Install = Callable[..., Installation]

KNOWN, STRANGER, OTHER = "84984765321", "84912345678", "84987654321"
STRINGEE = {
    "provider": "stringee_voice",
    "code": "line",
    "key_sid": "SK.0.1",
    "key_secret": "stringee-secret",
    "signing_secret": "stringee-signing",
    "numbers": ["842713568000"],
}
MENU = "Để nghe tình trạng hồ sơ, bấm phím một."
GREETING = "Đây là tổng đài tự động của Trung tâm Phục vụ hành chính công Bù Đốp."
READY = "Hồ sơ có mã số kết thúc bằng không không không một: đã có kết quả."
PLACE = "Quầy trả kết quả Bù Đốp, số một đường Lê Hồng Phong, Bù Đốp"
NUMBER = "Số điện thoại của trung tâm: không hai bảy một, một không hai hai."


class Caller:
    """Who calls the line of one provider, and what they have heard."""

    def __init__(self, one: Installation, session: aiohttp.ClientSession, account: str) -> None:
        self._one = one
        self._session = session
        self.account = account

    async def hears(self, phone: str, *keys: str, **wish: Any) -> str:
        call = await self._one.dial(self._session, self.account, phone, keys, **wish)
        assert call["status"] == "completed", call
        return " | ".join(line["text"] for line in call["lines"] if line["by"] == "voice")


@pytest.fixture
async def line(
    provider: str, install: Install, session: aiohttp.ClientSession
) -> tuple[Installation, Caller]:
    return await opened(provider, install, session)


async def opened(
    provider: str, install: Install, session: aiohttp.ClientSession, pace: float = 0
) -> tuple[Installation, Caller]:
    """A running line, at which simulated persons speak and think at this pace."""
    one = install(BAOTIN_VOICE_WRONG_PER_CALLER="4")

    def tune(config: dict[str, Any]) -> None:
        config["timing"]["pace"] = pace
        config["http"] = {"call_retries_s": [0.2] * 50}
        [twilio] = [each for each in config["account"] if each["code"] == "twilio-sms"]
        twilio["line_status_url"] = f"{one.base_url}/receipts/twilio-voice"
        events = {"event_url": f"{one.base_url}/receipts/twilio-voice"}
        address = {"line_url": f"{one.base_url}/voice/twilio-voice/inbound"}
        twilio |= address
        config["account"].append(STRINGEE | events | address)

    one.prepare(tune)
    if provider == "stringee":
        await one.replace_account(
            "twilio-voice",
            provider="stringee_voice",
            base_url=f"{one.sandbox_url}/stringee-voice",
            sender="+842713568000",
            settings={"key_sid": STRINGEE["key_sid"]},
            secrets={name: STRINGEE[name] for name in ("key_secret", "signing_secret")},
        )
    await one.route_only("sms")
    one.start("api", "worker-1", "clock", "sandbox")
    return one, Caller(one, session, "line" if provider == "stringee" else "twilio-sms")


async def told(one: Installation, session: aiohttp.ClientSession, posted: dict[str, Any]) -> str:
    """The check code of the notice that this event led to."""
    status, answer = await one.post(session, posted)
    assert status == 202, answer
    ended = await one.ended(session, answer["notifications"][0]["id"])
    [reference] = [attempt["reference"] for attempt in ended["attempts"]]
    [text] = [row["content"] for row in await one.books(session) if row["reference"] == reference]
    found = re.search(r", ma (\d{10})\.", text)
    assert found, text
    return found[1]


def dossier(number: int, phone: str, secret: str | None = None, **changes: Any) -> dict[str, Any]:
    posted = event(number, f"+{phone}", **changes)
    posted["data"]["dossier"].pop("procedure", None)
    if secret:
        posted["data"]["dossier"]["lookup_secret"] = secret
    return posted


BOTH = pytest.mark.parametrize("provider", ["twilio", "stringee"])


@BOTH
async def test_every_key_of_the_line_leads_somewhere(
    line: tuple[Installation, Caller], session: aiohttp.ClientSession
) -> None:
    one, caller = line
    code = await told(one, session, dossier(1, KNOWN, "482913"))

    # 1, from a number that we wrote to
    heard = await caller.hears(KNOWN, "1", "1")
    assert heard.startswith(GREETING)
    assert MENU in heard
    assert heard.count(READY) == 2, "key 1 says it again"
    assert PLACE in heard
    assert heard.endswith("Xin cảm ơn và kính chào ông bà.")

    # 1, from another number: by the end of the code and what is printed on receipt or notice
    for ending, secret in (("0001", "482913"), ("24110500001", "482913"), ("0001", code)):
        assert READY in await caller.hears(STRANGER, "1", f"{ending}#", f"{secret}#")
    withheld = await caller.hears(STRANGER, "1", "0001#", "482913#", withheld=True)
    assert READY in withheld
    assert READY in await caller.hears(KNOWN, "1", "2", "0001#", "482913#"), "another dossier"

    # 2
    heard = await caller.hears(OTHER, "2", code)
    assert "Mã này là thật." in heard
    assert "đến số máy kết thúc bằng ba hai một" in heard
    assert "về hồ sơ có mã số kết thúc bằng không không không một" in heard
    assert "Không có tin nào của trung tâm mang mã này." in await caller.hears(
        OTHER, "2", "0000000000"
    )

    # 3 and 0, and what is no key
    heard = await caller.hears(OTHER, "3", "0", "7")
    assert f"Địa chỉ: {PLACE}." in heard
    assert NUMBER in heard
    assert "Phím vừa bấm không có tác dụng." in heard
    assert "Chưa đủ chữ số." in await caller.hears(OTHER, "1", "12#")

    # silence, and hanging up
    assert (await caller.hears(OTHER)).count(MENU) == 3
    assert (await caller.hears(OTHER, hangs_up_after=0)).startswith(GREETING)

    # what is kept of it
    await one.until_rows(
        "SELECT FROM line_call HAVING count(*) = count(talked_s) AND count(*) = 12"
    )
    kept = await one.rows("SELECT keys, asked, sealed FROM line_call ORDER BY began_at")
    assert [row["sealed"] for row in kept] == [None] * 12, "nothing that was typed or said"
    assert (kept[0]["keys"], kept[0]["asked"]) == ("11", ["own:yes"])
    assert (kept[1]["keys"], kept[1]["asked"]) == ("1", ["own:no", "dossier:yes"])
    assert (kept[6]["keys"], kept[6]["asked"]) == ("2", ["genuine:yes"])


@pytest.mark.parametrize("provider", ["twilio"])
async def test_nobody_guesses_for_long(
    line: tuple[Installation, Caller], session: aiohttp.ClientSession
) -> None:
    one, caller = line
    await told(one, session, dossier(1, KNOWN, "482913"))
    wrong = "Không tìm thấy hồ sơ nào ứng với các số vừa nhập."

    guesses = ("0001#", "111111#", "0001#", "222222#", "0001#", "333333#", "0001#", "482913#")
    heard = await caller.hears(STRANGER, "1", *guesses)
    assert heard.count(wrong) == 3, "three in one call"
    assert READY not in heard
    assert NUMBER in heard

    # one more, and not even the right ones are looked up for this number, in whichever spelling
    assert wrong in await caller.hears(STRANGER, "1", "0001#", "444444#")
    limited = await caller.hears(STRANGER, "1", "0001#", "482913#")
    assert READY not in limited
    assert "Đã có quá nhiều lần nhập không đúng." in limited
    assert READY in await caller.hears(OTHER, "1", "0001#", "482913#"), "others may go on"
    assert READY in await caller.hears(KNOWN, "1"), "as may the owner"
    assert await one.rows("SELECT FROM line_guess WHERE tries >= 4")


@pytest.mark.parametrize("provider", ["twilio"])
async def test_what_was_reported_last_is_told_in_words_anybody_may_overhear(
    line: tuple[Installation, Caller], session: aiohttp.ClientSession
) -> None:
    one, caller = line
    states = {
        "received": "đang được giải quyết, hẹn trả kết quả ngày",
        "supplement-required": "cần bổ sung, hoàn thiện.",
        "refused": "đã có văn bản trả lời của cơ quan giải quyết.",
        "returned": "đã được trả kết quả ngày",
    }
    for hour, (kind, words) in enumerate(states.items(), 1):
        posted = dossier(1, KNOWN, "482913", details={"reason": "lý do riêng tư"})
        posted |= {"id": kind, "type": f"vn.dossier.{kind}", "time": f"2024-11-25T0{hour}:00:00Z"}
        posted["data"]["dossier"]["due_at"] = "2024-12-02T00:00:00+07:00"
        status, answer = await one.post(session, posted)
        assert status == 202, answer
        for notice in answer["notifications"]:
            await one.ended(session, notice["id"])
        heard = await caller.hears(KNOWN, "1")
        assert words in heard
        assert "riêng tư" not in heard
        assert "Nguyễn" not in heard


async def test_the_same_two_questions_are_answered_by_text(
    install: Install, session: aiohttp.ClientSession
) -> None:
    one, _ = await opened("twilio", install, session)
    code = await told(one, session, dossier(1, KNOWN, "482913"))

    async def texts(words: str, phone: str = OTHER) -> str:
        wish = {"account": "twilio-sms", "phone": phone, "text": words}
        async with session.post(f"{one.sandbox_url}/control/text", json=wish) as answer:
            return str((await answer.json())["reply"])

    ready = "TTPVHCC Bu Dop: ho so co so cuoi 0001 da co ket qua. Moi Ong/Ba den nhan tai"
    assert (await texts("TC 000.00.12.H10-241105-00001 482913")).startswith(ready)
    assert (await texts(f"tra cứu 0001 {code}")).startswith(ready)
    assert (await texts(f"kt {code}")).startswith("TTPVHCC Bu Dop: ma nay la that. Tin gui ngay")
    assert "KHONG co tin nao mang ma nay" in await texts("KT 0000000000", STRANGER)
    assert "khong tim thay ho so" in await texts("TC 0001 999999", STRANGER)
    for number in (1, 2, 3):
        wrong = await texts(f"TC 0001 {number:06}", STRANGER)
    assert "qua nhieu lan khong dung" in wrong
    assert "Kiem tra tin nhan that hay gia, soan: KT" in await texts("xin chao")


UNSIGNED = [
    ("POST", "/voice/twilio-voice/inbound"),
    ("GET", "/voice/twilio-voice/inbound?from=84984765321&callId=1"),
    ("POST", f"/voice/twilio-voice/inbound/{'a' * 32}/0"),
    ("POST", "/voice/esms-main/inbound"),
    ("POST", "/voice/nobody/inbound"),
]
NO_SIGNATURE: dict[str, str] = {}
WRONG_SIGNATURE = {"X-Twilio-Signature": "c2lnbmVk", "X-Stringee-Signature": "c2lnbmVk"}


async def test_an_unsigned_call_is_refused(
    install: Install, session: aiohttp.ClientSession
) -> None:
    one = install()
    one.prepare()
    one.start("api")
    for method, path in UNSIGNED:
        for headers in (NO_SIGNATURE, WRONG_SIGNATURE):
            asked = session.request(
                method, one.base_url + path, headers=headers, data={"Digits": "1"}
            )
            async with asked as answer:
                assert answer.status == 403, (method, path)
    assert not await one.rows("SELECT FROM line_call")


@BOTH
async def test_a_call_goes_on_in_another_process_when_its_own_dies(
    provider: str, install: Install, session: aiohttp.ClientSession
) -> None:
    one, caller = await opened(provider, install, session, pace=0.1)
    code = await told(one, session, dossier(1, KNOWN))
    call = await one.dialled(session, caller.account, OTHER, ["2", code, "1"])
    await one.said(session, call, "Xin nhập mã gồm mười chữ số")
    one.kill("api")
    one.start("api")
    ended = await one.transcript(session, call)
    assert ended["status"] == "completed", ended
    heard = [line["text"] for line in ended["lines"] if line["by"] == "voice"]
    assert sum(text.startswith("Mã này là thật.") for text in heard) == 2
