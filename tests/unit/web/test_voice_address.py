"""The address of a running call: posted to by some providers, fetched from by others."""

from typing import cast

import pytest
from aiohttp import web
from aiohttp.streams import EMPTY_PAYLOAD
from aiohttp.test_utils import make_mocked_request

from gateway.domain.call import Moment
from gateway.providers.contract import ReceiptRequest, VoiceAnswer
from gateway.services.addresses import Addresses
from gateway.services.phone_call import PhoneCall
from gateway.web import keys
from gateway.web.app import ROUTES

WORDS = VoiceAnswer(content_type="application/json", body=b"[]")


class OneCall:
    """Keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, Moment, ReceiptRequest]] = []

    async def next_words(
        self, account: str, reference: str, moment: Moment, request: ReceiptRequest
    ) -> VoiceAnswer:
        self.asked.append((account, reference, moment, request))
        return WORDS


@pytest.fixture
def call() -> OneCall:
    return OneCall()


@pytest.fixture
def app(call: OneCall) -> web.Application:
    app = web.Application()
    app.add_routes(ROUTES)
    app[keys.ADDRESSES] = Addresses("https://notify.gov.example")
    app[keys.PHONE_CALL] = cast(PhoneCall, call)
    return app


async def answered(app: web.Application, method: str, path: str) -> web.Response:
    request = make_mocked_request(
        method,
        path,
        headers={"X-Stringee-Signature": "s", "Cookie": "c"},
        app=app,
        payload=EMPTY_PAYLOAD,
    )
    match = await app.router.resolve(request)
    match.add_app(app)
    request._match_info = match
    return cast(web.Response, await match.handler(request))


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_the_words_are_asked_for_as_the_provider_signed_it(
    method: str, app: web.Application, call: OneCall
) -> None:
    path = "/voice/stringee/ab12?to=84984765321&custom=%20"
    answer = await answered(app, method, path)
    assert (answer.body, answer.headers["Content-Type"]) == (b"[]", "application/json")
    [(account, reference, moment, request)] = call.asked
    assert (account, reference, request.method) == ("stringee", "ab12", method)
    assert moment is Moment.TAKEN
    assert request.url == f"https://notify.gov.example{path}"
    assert request.headers == {"x-stringee-signature": "s"}


async def test_nothing_is_told_of_a_call_to_who_only_wants_to_know_whether_it_exists(
    app: web.Application, call: OneCall
) -> None:
    with pytest.raises(web.HTTPMethodNotAllowed):
        await answered(app, "HEAD", "/voice/stringee/ab12")
    assert call.asked == []


@pytest.mark.parametrize("moment", [Moment.HEARD, Moment.ASKED])
async def test_the_address_tells_where_in_the_call_the_provider_is(
    moment: Moment, app: web.Application, call: OneCall
) -> None:
    await answered(app, "POST", f"/voice/stringee/ab12/{moment}")
    assert [one[2] for one in call.asked] == [moment]


@pytest.mark.parametrize("moment", ["taken", "heard2"])
async def test_there_is_no_other_moment(moment: str, app: web.Application, call: OneCall) -> None:
    with pytest.raises(web.HTTPNotFound):
        await answered(app, "POST", f"/voice/stringee/ab12/{moment}")
    assert call.asked == []
