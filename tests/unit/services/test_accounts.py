"""How much room each account has, and that a change of the directory disturbs no other."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from gateway.domain.channel import Channel, Receipts
from gateway.domain.directory import Account, Directory, Pool
from gateway.domain.message import SentMessage, Submission
from gateway.domain.outcome import Accepted, Missing, Outcome, Receipt
from gateway.errors import DirectoryError
from gateway.providers.contract import AccountAccess, Provider, ReceiptRequest, Terms
from gateway.services.accounts import Accounts, TokenBucket


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


class TestTokenBucket:
    def test_a_full_one_gives_its_burst_at_once_and_no_more(self) -> None:
        bucket = TokenBucket(rate_per_s=2, burst=5, clock=Watch())
        assert [bucket.take() for _ in range(6)] == [True] * 5 + [False]

    def test_it_fills_at_its_rate(self) -> None:
        watch = Watch()
        bucket = TokenBucket(rate_per_s=2, burst=5, clock=watch)
        bucket.take(5)
        assert bucket.available() == 0
        watch.now_s += 1.5
        assert bucket.available() == 3

    def test_it_never_holds_more_than_its_burst(self) -> None:
        watch = Watch()
        bucket = TokenBucket(rate_per_s=2, burst=5, clock=watch)
        watch.now_s += 3600
        assert bucket.available() == 5

    def test_it_gives_all_that_is_asked_for_or_nothing(self) -> None:
        bucket = TokenBucket(rate_per_s=2, burst=5, clock=Watch())
        assert not bucket.take(6)
        assert bucket.available() == 5

    def test_parts_of_a_token_are_not_lost_by_looking_often(self) -> None:
        watch = Watch()
        bucket = TokenBucket(rate_per_s=1, burst=1, clock=watch)
        bucket.take()
        for _ in range(10):
            watch.now_s += 0.125
            bucket.available()
        assert bucket.take()

    def test_it_tells_when_the_next_one_is_there(self) -> None:
        watch = Watch()
        bucket = TokenBucket(rate_per_s=4, burst=1, clock=watch)
        assert bucket.next_in_s == 0
        bucket.take()
        assert bucket.next_in_s == pytest.approx(0.25)

    def test_a_rate_below_one_a_second_still_gives(self) -> None:
        watch = Watch()
        bucket = TokenBucket(rate_per_s=0.5, burst=1, clock=watch)
        assert bucket.take()
        watch.now_s += 1
        assert not bucket.take()
        watch.now_s += 1
        assert bucket.take()


def _account(code: str, **changes: Any) -> Account:
    table = {"code": code, "provider": "silent", "base_url": "http://127.0.0.1:1/", **changes}
    return Account.model_validate(table)


def _directory(*accounts: Account, **secrets: dict[str, str]) -> Directory:
    codes = tuple(account.code for account in accounts)
    return Directory(
        revision=1,
        accounts={account.code: account for account in accounts},
        pools={"sms": Pool(code="sms", channel=Channel.SMS, accounts=codes)},
        secrets={("account", code): values for code, values in secrets.items()},
    )


def _silent(_provider: str, _access: AccountAccess) -> Provider:
    return Silent()


def _opened(*accounts: Account, processes: int = 1) -> Accounts:
    opened = Accounts(_silent, processes)
    opened.update(_directory(*accounts))
    return opened


class TestSlots:
    def test_accounts_of_a_pool_take_turns(self) -> None:
        accounts = _opened(_account("a"), _account("b"))
        assert accounts.slots("sms", 5) == ["a", "b", "a", "b", "a"]

    def test_no_account_gets_more_than_its_open_calls_allow(self) -> None:
        accounts = _opened(_account("a", max_in_flight=1), _account("b", max_in_flight=3))
        assert accounts.slots("sms", 10) == ["a", "b", "b", "b"]

    def test_no_account_gets_more_than_its_rate_allows(self) -> None:
        accounts = _opened(_account("a", rate_per_s=2))
        assert accounts.slots("sms", 10) == ["a", "a"]

    def test_looking_for_slots_takes_none(self) -> None:
        accounts = _opened(_account("a", max_in_flight=2))
        assert accounts.slots("sms", 10) == accounts.slots("sms", 10) == ["a", "a"]

    def test_an_open_call_takes_room_until_it_ends(self) -> None:
        accounts = _opened(_account("a", max_in_flight=2))
        one = accounts.get("a")
        assert one is not None
        one.begin()
        assert accounts.slots("sms", 10) == ["a"]
        one.begin()
        assert accounts.slots("sms", 10) == []
        one.end()
        assert accounts.slots("sms", 10) == ["a"]

    @pytest.mark.parametrize(("pool", "most"), [("sms", 0), ("sms", -3), ("fax", 9)])
    def test_there_are_none_where_none_are_wanted_or_known(self, pool: str, most: int) -> None:
        assert _opened(_account("a")).slots(pool, most) == []

    def test_processes_share_the_rate_of_an_account(self) -> None:
        accounts = _opened(_account("a", rate_per_s=8), processes=4)
        assert accounts.slots("sms", 10) == ["a", "a"]

    def test_a_share_below_one_still_sends(self) -> None:
        accounts = _opened(_account("a", rate_per_s=1), processes=4)
        assert accounts.slots("sms", 10) == ["a"]


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
