"""How much room each account has, and that a change of the directory disturbs no other."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from gateway.domain.channel import Channel, Receipts
from gateway.domain.directory import Account, Directory, Pool
from gateway.domain.message import SentMessage, Submission
from gateway.domain.outcome import (
    Accepted,
    Blame,
    Deferred,
    Missing,
    Outcome,
    Reason,
    Receipt,
    Rejected,
    Unknown,
)
from gateway.errors import DirectoryError
from gateway.providers.contract import AccountAccess, Provider, ReceiptRequest, Terms
from gateway.services.accounts import Accounts, OpenAccount


class Watch:
    """A clock that stands still until it is turned."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


class Silent:
    """A provider that takes everything."""

    terms = Terms(channel=Channel.SMS, receipts=Receipts.NONE)

    async def send(self, message: Submission) -> Outcome:
        return Accepted()

    async def query(self, sent: SentMessage) -> Receipt | Missing | None:
        return None

    def verify_receipt(self, request: ReceiptRequest) -> bool:
        return False

    def parse_receipts(self, request: ReceiptRequest) -> Sequence[Receipt]:
        return []


def _account(code: str, **changes: Any) -> Account:
    table = {"code": code, "provider": "silent", "base_url": "http://127.0.0.1:1/", **changes}
    return Account.model_validate(table)


def _wide(code: str) -> Account:
    return _account(code, rate_per_s=9000, max_in_flight=9000)


def _directory(
    *accounts: Account, weights: dict[str, int] | None = None, **secrets: dict[str, str]
) -> Directory:
    codes = tuple(account.code for account in accounts)
    pool = Pool(code="sms", channel=Channel.SMS, accounts=codes, weights=weights or {})
    return Directory(
        revision=1,
        accounts={account.code: account for account in accounts},
        pools={"sms": pool},
        secrets={("account", code): values for code, values in secrets.items()},
    )


def _silent(_provider: str, _access: AccountAccess) -> Provider:
    return Silent()


def _opened(
    *accounts: Account,
    processes: int = 1,
    weights: dict[str, int] | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Accounts:
    opened = Accounts(_silent, processes, dice=Random(7), clock=clock)
    opened.update(_directory(*accounts, weights=weights))
    return opened


def _only(accounts: Accounts) -> OpenAccount:
    [one] = accounts.all()
    return one


class TestSlots:
    def test_accounts_of_a_pool_share_it_by_weight(self) -> None:
        accounts = _opened(_wide("a"), _wide("b"), weights={"a": 300, "b": 100})
        drawn = accounts.slots("sms", 4000)
        assert 2850 < drawn.count("a") < 3150

    def test_a_share_that_was_taken_away_counts(self) -> None:
        accounts = _opened(_wide("a"), _wide("b"))
        accounts.keep_shares({("sms", "a"): 0.05})
        assert 100 < accounts.slots("sms", 4000).count("a") < 280

    def test_one_of_weight_nothing_stands_by(self) -> None:
        accounts = _opened(
            _account("a", max_in_flight=2), _account("b"), weights={"a": 100, "b": 0}
        )
        assert accounts.slots("sms", 5) == ["a", "a", "b", "b", "b"]

    def test_no_account_gets_more_than_its_open_calls_allow(self) -> None:
        accounts = _opened(_account("a", max_in_flight=1), _account("b", max_in_flight=3))
        assert sorted(accounts.slots("sms", 10)) == ["a", "b", "b", "b"]

    def test_no_account_gets_more_than_its_rate_allows(self) -> None:
        accounts = _opened(_account("a", rate_per_s=2))
        assert accounts.slots("sms", 10) == ["a", "a"]

    def test_looking_for_slots_takes_none(self) -> None:
        accounts = _opened(_account("a", max_in_flight=2))
        assert accounts.slots("sms", 10) == accounts.slots("sms", 10) == ["a", "a"]

    def test_an_open_call_takes_room_until_it_ends(self) -> None:
        accounts = _opened(_account("a", max_in_flight=2))
        one = _only(accounts)
        one.begin()
        assert accounts.slots("sms", 10) == ["a"]
        one.begin()
        assert accounts.slots("sms", 10) == []
        one.end(Accepted())
        assert accounts.slots("sms", 10) == ["a"]

    @pytest.mark.parametrize(("pool", "most"), [("sms", 0), ("sms", -3), ("fax", 9)])
    def test_there_are_none_where_none_are_wanted_or_known(self, pool: str, most: int) -> None:
        assert _opened(_account("a")).slots(pool, most) == []

    def test_processes_share_the_rate_of_an_account(self) -> None:
        accounts = _opened(_account("a", rate_per_s=8), processes=4)
        assert accounts.slots("sms", 10) == ["a", "a"]

    def test_processes_share_the_calls_of_an_account(self) -> None:
        accounts = _opened(_account("a", max_in_flight=5), processes=2)
        assert accounts.slots("sms", 10) == ["a", "a", "a"]

    def test_a_share_below_one_still_sends(self) -> None:
        accounts = _opened(_account("a", rate_per_s=1), processes=4)
        assert accounts.slots("sms", 10) == ["a"]


FAULT = Unknown(reason=Reason.TIMEOUT)


class TestHealth:
    def test_an_account_that_answers_with_faults_alone_is_left_alone_then_tried(self) -> None:
        watch = Watch()
        accounts = _opened(_account("a"), clock=watch)
        one = _only(accounts)
        for _ in range(10):
            one.begin()
            one.end(FAULT)
        assert accounts.slots("sms", 10) == []
        watch.now_s += 5
        assert accounts.slots("sms", 10) == ["a"], "one call at a time"
        one.begin()
        assert accounts.slots("sms", 10) == []
        one.end(Accepted())
        assert len(accounts.slots("sms", 10)) == 10

    @pytest.mark.parametrize(
        "outcome",
        [
            pytest.param(Accepted(), id="taken"),
            pytest.param(
                Rejected(reason=Reason.PHONE_INVALID, blame=Blame.RECIPIENT), id="refused"
            ),
            pytest.param(Deferred(reason=Reason.QUOTA, spends_try=False), id="quota"),
            pytest.param(None, id="not called"),
        ],
    )
    def test_what_is_no_fault_never_opens_the_breaker(self, outcome: Outcome | None) -> None:
        accounts = _opened(_account("a"))
        one = _only(accounts)
        for _ in range(50):
            one.in_flight += 1
            one.end(outcome)
        assert len(accounts.slots("sms", 3)) == 3

    def test_throttling_is_waited_for_and_is_no_fault(self) -> None:
        watch = Watch()
        accounts = _opened(_account("a"), clock=watch)
        one = _only(accounts)
        one.begin()
        one.end(Deferred(reason=Reason.RATE_LIMITED, retry_after_s=7, spends_try=False))
        watch.now_s += 6.9
        assert accounts.slots("sms", 3) == []
        watch.now_s += 0.2
        assert len(accounts.slots("sms", 3)) == 3

    def test_a_stopped_account_has_no_turn_and_begins_again_with_one_call(self) -> None:
        accounts = _opened(_account("a"), _account("b"))
        accounts.keep_stops({"a": "wallet_empty"}, {"a"})
        assert set(accounts.slots("sms", 20)) == {"b"}
        accounts.keep_stops({}, {"a"})
        assert accounts.slots("sms", 20).count("a") <= 1
        one = accounts.get("a")
        assert one is not None
        one.begin()
        one.end(Accepted())
        accounts.keep_stops({}, ())
        assert accounts.slots("sms", 40).count("a") > 5

    def test_a_draining_account_has_room_for_asking_again_only(self) -> None:
        accounts = _opened(_account("a"), _account("b"))
        accounts.keep_stops({"a": "leaving", "b": "paused"}, (), {"a"})
        assert accounts.slots("sms", 20) == []
        assert accounts.slots_to_ask("sms", 3) == ["a", "a", "a"]
        rooms = [(one.room(), one.room_to_ask() > 0) for one in accounts.all()]
        assert rooms == [(0, True), (0, False)]

    def test_looking_again_at_one_on_trial_does_not_give_it_another_probe(self) -> None:
        accounts = _opened(_account("a"))
        one = _only(accounts)
        accounts.keep_stops({}, {"a"})
        one.begin()
        accounts.keep_stops({}, {"a"})
        assert accounts.slots("sms", 3) == []


class TestChangesOfTheDirectory:
    def test_an_account_that_did_not_change_keeps_its_open_calls(self) -> None:
        accounts = _opened(_account("a"), _account("b"))
        kept, changed = accounts.get("a"), accounts.get("b")
        assert kept is not None
        kept.begin()
        accounts.update(_directory(_account("a"), _account("b", timeout_s=3)))
        assert accounts.get("a") is kept
        assert accounts.get("b") is not changed

    def test_a_changed_secret_opens_the_account_anew(self) -> None:
        seen: list[AccountAccess] = []

        def build(_provider: str, access: AccountAccess) -> Provider:
            seen.append(access)
            return Silent()

        accounts = Accounts(build)
        for secret in ("old", "old", "new"):
            accounts.update(_directory(_account("a"), a={"api_key": secret}))
        assert [access.secrets["api_key"] for access in seen] == ["old", "new"]

    def test_one_that_left_is_gone(self) -> None:
        accounts = _opened(_account("a"), _account("b"))
        accounts.update(_directory(_account("b")))
        assert accounts.get("a") is None
        assert [one.account.code for one in accounts.all()] == ["b"]

    def test_one_that_lacks_something_does_not_take_the_others_with_it(self) -> None:
        def build(_provider: str, access: AccountAccess) -> Provider:
            if access.code == "a":
                raise DirectoryError("account a lacks the secret api_key")
            return Silent()

        accounts = Accounts(build)
        accounts.update(_directory(_account("a"), _account("b")))
        assert accounts.slots("sms", 2) == ["b", "b"]

    def test_the_address_of_an_account_has_no_closing_slash(self) -> None:
        found = _opened(_account("a")).get("a")
        assert found is not None
        assert found.access.base_url == "http://127.0.0.1:1"

    def test_a_pool_has_its_channel_and_an_unknown_one_none(self) -> None:
        accounts = _opened(_account("a"))
        assert accounts.pools() == ["sms"]
        assert accounts.channel("sms") is Channel.SMS
        assert accounts.channel("fax") is None

    def test_an_access_shows_no_secret(self) -> None:
        found = _opened(_account("a")).get("a")
        assert found is not None
        access = replace(found.access, secrets={"api_key": "do-not-show"})
        assert "do-not-show" not in repr(access)
