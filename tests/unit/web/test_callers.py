"""Who may call: by a key of which only a hash is kept, or by a signature over the body."""

import base64
import hashlib
import hmac
import time
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict

from gateway.domain.directory import ApiKey, Directory, Source
from gateway.services.api_keys import new_key
from gateway.web.answers import Problem
from gateway.web.callers import Caller, Callers

Headers = CIMultiDict[str]

SOURCE = Source(
    code="igate",
    name="Một cửa",
    namespace="h10",
    units=("H10.12",),
    sources=("/h10/igate",),
    rate_per_s=10,
    burst=20,
)
KEY, ENTRY = new_key("igate", ("post", "read"), "live")
OLD_SECRET = "whsec_" + base64.b64encode(b"o" * 32).decode()
NEW_SECRET = "whsec_" + base64.b64encode(b"n" * 32).decode()
OTHER_SECRET = "whsec_" + base64.b64encode(b"x" * 32).decode()
BODY = '{"id": "e-1", "note": "Nguyễn"}'.encode()


def _callers(*, entry: ApiKey = ENTRY, source: Source = SOURCE, **secrets: str) -> Callers:
    directory = Directory(
        revision=1,
        sources={source.code: source},
        keys={entry.code: entry},
        secrets={("source", "igate"): secrets or {"webhook": NEW_SECRET}},
    )
    return Callers(lambda: directory)


def _request(authorization: str | None) -> web.Request:
    headers = {} if authorization is None else {"Authorization": authorization}
    return make_mocked_request("POST", "/v1/events", headers=headers)


def _signed(secret: str, body: bytes = BODY, *, age_s: float = 0, **changes: str) -> Headers:
    """Standard Webhooks, by hand: `v1,` and the HMAC-SHA256 of id, time and body."""
    stamp = str(int(time.time() - age_s))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, f"msg-1.{stamp}.".encode() + body, hashlib.sha256).digest()
    return Headers(
        {
            "Webhook-Id": "msg-1",
            "Webhook-Timestamp": stamp,
            "Webhook-Signature": "v1," + base64.b64encode(digest).decode(),
            **changes,
        }
    )


def _refusal(call: Any) -> tuple[int, str]:
    with pytest.raises(Problem) as refused:
        call()
    return refused.value.refusal.status, refused.value.refusal.code


class TestByKey:
    @pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
    def test_a_valid_key_names_its_source(self, scheme: str) -> None:
        caller = _callers().by_key(_request(f"{scheme} {KEY}"), "post")
        assert (caller.source, caller.mode) == (SOURCE, "live")
        assert caller.scopes == ("post", "read")

    @pytest.mark.parametrize(
        "authorization",
        [
            pytest.param(None, id="without-a-header"),
            pytest.param("", id="with-an-empty-header"),
            pytest.param(f"Basic {KEY}", id="by-another-scheme"),
            pytest.param(str(KEY), id="without-a-scheme"),
            pytest.param("Bearer ", id="without-a-key"),
            pytest.param(f"Bearer bt_{KEY.prefix}_{'0' * 48}", id="with-a-wrong-secret"),
            pytest.param(f"Bearer bt_00000000_{KEY.secret}", id="with-an-unknown-prefix"),
            pytest.param(f"Bearer {KEY}0", id="with-one-letter-more"),
            pytest.param(f"Bearer {str(KEY)[:-1]}", id="with-one-letter-less"),
        ],
    )
    def test_any_other_is_refused_alike(self, authorization: str | None) -> None:
        callers = _callers()
        assert _refusal(lambda: callers.by_key(_request(authorization), "post")) == (
            401,
            "unauthorised",
        )

    def test_a_key_that_is_no_text_is_refused_alike(self) -> None:
        """aiohttp gives bytes that are not UTF-8 as lone surrogates."""
        headers = {"Authorization": f"Bearer bt_{KEY.prefix}_\udcff\udcfe"}
        request = cast(web.Request, SimpleNamespace(headers=headers))
        assert _refusal(lambda: _callers().by_key(request, "post"))[0] == 401

    def test_a_revoked_key_is_refused(self) -> None:
        callers = _callers(entry=ENTRY.model_copy(update={"revoked": True}))
        assert _refusal(lambda: callers.by_key(_request(f"Bearer {KEY}"), "post"))[0] == 401

    def test_a_key_whose_source_is_gone_is_refused(self) -> None:
        callers = _callers(source=SOURCE.model_copy(update={"code": "another"}))
        assert _refusal(lambda: callers.by_key(_request(f"Bearer {KEY}"), "post"))[0] == 401

    def test_a_key_without_the_scope_is_told_so(self) -> None:
        callers = _callers()
        assert _refusal(lambda: callers.by_key(_request(f"Bearer {KEY}"), "act")) == (
            403,
            "scope_missing",
        )

    def test_a_test_key_says_that_it_tests(self) -> None:
        callers = _callers(entry=ENTRY.model_copy(update={"mode": "test"}))
        assert callers.by_key(_request(f"Bearer {KEY}"), "post").mode == "test"

    def test_a_refusal_says_nothing_of_what_was_sent(self) -> None:
        with pytest.raises(Problem) as refused:
            _callers().by_key(_request(f"Bearer bt_{KEY.prefix}_guess"), "post")
        assert "guess" not in str(refused.value.refusal)
        assert refused.value.headers == {"WWW-Authenticate": "Bearer"}


class TestBySignature:
    def test_a_signed_body_names_its_source(self) -> None:
        caller = _callers().by_signature("igate", _signed(NEW_SECRET), BODY)
        assert (caller.source, caller.scopes, caller.mode) == (SOURCE, ("post",), "live")

    @pytest.mark.parametrize("secret", [OLD_SECRET, NEW_SECRET], ids=["old", "new"])
    def test_while_secrets_are_changed_both_count(self, secret: str) -> None:
        callers = _callers(webhook=NEW_SECRET, webhook_before=OLD_SECRET)
        assert callers.by_signature("igate", _signed(secret), BODY).source is SOURCE

    def test_a_secret_for_something_else_does_not_sign_events(self) -> None:
        callers = _callers(callback=OTHER_SECRET)
        headers = _signed(OTHER_SECRET)
        assert _refusal(lambda: callers.by_signature("igate", headers, BODY))[0] == 401

    def test_a_body_without_a_signature_is_refused(self) -> None:
        assert _refusal(lambda: _callers().by_signature("igate", {}, BODY))[0] == 401

    @pytest.mark.parametrize(
        "signing",
        [
            pytest.param({"secret": OTHER_SECRET}, id="with-another-secret"),
            pytest.param({"body": b"{}"}, id="another-body"),
            pytest.param({"age_s": 301}, id="too-old"),
            pytest.param({"age_s": -302}, id="too-far-ahead"),
            pytest.param({"Webhook-Id": "msg-2"}, id="another-id"),
            pytest.param({"Webhook-Timestamp": "soon"}, id="no-time"),
            pytest.param({"Webhook-Signature": "v1"}, id="no-signature"),
            pytest.param({"Webhook-Signature": "v1,ä"}, id="not-base64"),
            pytest.param({"Webhook-Signature": "v2," + "A" * 44}, id="version-2"),
        ],
    )
    def test_what_is_signed_wrongly_is_refused_alike(self, signing: dict[str, Any]) -> None:
        callers, headers = _callers(), _signed(**{"secret": NEW_SECRET, **signing})
        assert _refusal(lambda: callers.by_signature("igate", headers, BODY)) == (
            401,
            "unauthorised",
        )

    @pytest.mark.parametrize("age_s", [290, -290], ids=["slow-clock", "fast-clock"])
    def test_clocks_may_differ_by_nearly_five_minutes(self, age_s: float) -> None:
        headers = _signed(NEW_SECRET, age_s=age_s)
        assert _callers().by_signature("igate", headers, BODY).source is SOURCE

    def test_a_source_that_does_not_exist_is_refused_like_a_wrong_signature(self) -> None:
        headers = _signed(NEW_SECRET)
        assert _refusal(lambda: _callers().by_signature("nobody", headers, BODY))[0] == 401

    @pytest.mark.parametrize("broken", ["", "whsec_", "whsec_%%%"], ids=["empty", "bare", "no-key"])
    def test_a_secret_that_is_none_signs_nothing_and_leaves_the_others(self, broken: str) -> None:
        """A variable or file that is missing where the gateway runs is an empty secret."""
        callers = _callers(webhook=broken, webhook_next=NEW_SECRET)
        assert callers.by_signature("igate", _signed(NEW_SECRET), BODY).source is SOURCE
        forged = _signed("whsec_")
        assert _refusal(lambda: callers.by_signature("igate", forged, BODY))[0] == 401

    def test_a_signed_body_that_is_no_json_is_its_sources_own_mistake(self) -> None:
        """Who signed it is known; that it cannot be read is for the reader to say."""
        headers = _signed(NEW_SECRET, b"<xml/>")
        assert _callers().by_signature("igate", headers, b"<xml/>").source is SOURCE


class TestRate:
    def _caller(self, **changes: Any) -> Caller:
        source = SOURCE.model_copy(update=changes)
        return Caller(source=source, scopes=("post",), mode="live")

    def test_a_burst_passes_and_then_it_is_too_fast(self) -> None:
        callers, caller = _callers(), self._caller()
        for _ in range(20):
            callers.admit(caller, 1)
        assert _refusal(lambda: callers.admit(caller, 1)) == (429, "too_fast")

    @pytest.mark.parametrize(("events", "wait_s"), [(1, "1"), (20, "2")])
    def test_it_is_told_how_long_to_wait(self, events: int, wait_s: str) -> None:
        callers, caller = _callers(), self._caller()
        callers.admit(caller, 20)
        with pytest.raises(Problem) as refused:
            callers.admit(caller, events)
        assert refused.value.headers == {"Retry-After": wait_s}

    def test_a_batch_larger_than_the_burst_is_not_refused_for_ever(self) -> None:
        callers, caller = _callers(), self._caller()
        callers.admit(caller, 500)
        assert _refusal(lambda: callers.admit(caller, 1))[0] == 429

    def test_sources_do_not_share_their_rate(self) -> None:
        callers = _callers()
        callers.admit(self._caller(), 20)
        callers.admit(self._caller(code="another"), 20)

    def test_a_changed_rate_counts_from_now(self) -> None:
        callers = _callers()
        callers.admit(self._caller(), 20)
        callers.admit(self._caller(burst=40), 30)
