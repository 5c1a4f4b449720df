"""What every provider offers, and what the rest of the gateway may know of it.

A provider never retries, never logs a text or a phone, and knows neither settings, database, queue
nor another provider. What it can promise is declared as data in `Terms`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hmac import compare_digest
from typing import Any, Protocol, runtime_checkable

import orjson

from gateway.domain.alert import AlertKind
from gateway.domain.balance import Balance
from gateway.domain.call import Turn
from gateway.domain.channel import Channel, QueryBy, Receipts
from gateway.domain.message import SentMessage, Submission
from gateway.domain.outcome import Missing, Outcome, Receipt


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What one kind of account promises. `dedupe_window_s` 0: asking again may send again.

    A query that answers `Missing` is believed only `query_gives_up_after_s` after the submission:
    before that the message may not be listed yet. With `needs_registration` it takes no free text,
    only the id and the parameters of a registered one. `needs_settings` and `needs_secrets` name
    what an account of this kind cannot work without, `address_settings` what besides `base_url` is
    part of an address that it is called at. `proof_headers` are the headers of a report
    that `verify_receipt` looks at: no others are handed to it.
    """

    channel: Channel
    receipts: Receipts
    dedupe_window_s: int = 0
    query_by: QueryBy = QueryBy.NONE
    query_gives_up_after_s: int = 0
    longest_text: int | None = None
    refused_characters: str = ""
    needs_registration: bool = False
    needs_settings: tuple[str, ...] = ()
    needs_secrets: tuple[str, ...] = ()
    address_settings: tuple[str, ...] = ()
    proof_headers: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class AccountAccess:
    """One account as its provider sees it: address, sender, plain settings and opened secrets."""

    code: str
    base_url: str
    sender: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    templates: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    timeout_s: float = 10.0


@dataclass(frozen=True, kw_only=True)
class ReceiptRequest:
    """A provider's report as it arrived. `url` is the public address, rebuilt from configuration;
    `path_token` is the secret path part of the request, or empty."""

    method: str
    url: str = field(repr=False)
    path_token: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    query: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    def header(self, name: str) -> str:
        """The value of a header whatever the case of its name; empty where it is absent. Bytes that
        are no UTF-8, which no signature has, are replaced."""
        wanted = name.lower()
        found = next((value for key, value in self.headers.items() if key.lower() == wanted), "")
        return found.encode(errors="replace").decode()

    def came_by(self, token: str) -> bool:
        """Whether it came on the path that only the provider was told. No token is no proof."""
        return bool(token) and compare_digest(self.path_token.encode(), token.encode())

    def json(self) -> dict[str, Any]:
        """The JSON object in the body. Raises NotAReceipt for anything else."""
        try:
            value = orjson.loads(self.body)
        except orjson.JSONDecodeError:
            raise NotAReceipt("not JSON") from None
        if not isinstance(value, dict):
            raise NotAReceipt("not a JSON object")
        return value


class NotAReceipt(ValueError):
    """The request is not a report this provider is known to send."""


class AccessTokens(Protocol):
    """The access token of an account whose tokens run out. Shared by all processes.

    `current` answers a token to use now; `renewed` is called with one the provider refused and
    answers another, refreshed once across all processes. Both raise `NoToken` where a human must
    give consent again.
    """

    async def current(self) -> str: ...

    async def renewed(self, refused: str) -> str: ...


class NoToken(Exception):
    """No usable access token; the account needs new consent."""


@dataclass(frozen=True, kw_only=True)
class TokenPair:
    """An access token and the single-use refresh token that follows it."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires_in_s: int


class Provider(Protocol):
    terms: Terms

    async def send(self, message: Submission) -> Outcome:
        """Submit once. Raises `outbound.NotSent` or `outbound.MaybeSent` where the wire failed."""
        ...

    async def query(self, sent: SentMessage) -> Receipt | Missing | None:
        """Ask the account about one message; None where it cannot tell.

        Raises `outbound.NotSent` or `outbound.MaybeSent` where no usable answer came: ask later.
        """
        ...

    def verify_receipt(self, request: ReceiptRequest) -> bool: ...

    def parse_receipts(self, request: ReceiptRequest) -> Sequence[Receipt]:
        """The reports in one authentic request. Raises NotAReceipt."""
        ...


@runtime_checkable
class TellsBalance(Protocol):
    """A provider that says what an account has left of what was paid in advance."""

    async def balance(self) -> Balance | None:
        """None where it was asked and does not say. Raises `outbound.NotSent` or
        `outbound.MaybeSent` where no usable answer came."""
        ...


@dataclass(frozen=True, kw_only=True)
class AccountNotice:
    """Something a provider tells about the account itself, or about one of its templates.

    `before` and `now` are words of the provider's own lists or numbers, never free text; empty
    where it does not say. `worse` None: something changed, the account has to be asked what.
    """

    kind: AlertKind
    template: str = ""
    before: str = ""
    now: str = ""
    worse: bool | None = None


@runtime_checkable
class TellsOfAccounts(Protocol):
    """A provider whose reports are also about the account, or about another one beside it."""

    def about(self, request: ReceiptRequest) -> Mapping[str, str]:
        """Settings that tell the account an authentic request is about from others that report to
        the same address; empty where it does not say."""
        ...

    def notices(self, request: ReceiptRequest) -> Sequence[AccountNotice]:
        """What an authentic request tells of the account. Raises NotAReceipt."""
        ...


@dataclass(frozen=True, kw_only=True)
class IncomingText:
    """What somebody wrote to one of an account's numbers. `id` is the provider's own, empty where
    it sends none. `sender` is as the provider writes it: a number, or a name."""

    id: str = field(repr=False)
    sender: str = field(repr=False)
    text: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class TextAnswer:
    """What a request that brings a text is answered with, where the answer is the reply."""

    content_type: str
    body: bytes = field(repr=False)


@runtime_checkable
class TakesMessages(Protocol):
    """A provider that also brings what people write. Its requests are verified by `verify_receipt`,
    too."""

    def read_messages(self, request: ReceiptRequest) -> Sequence[IncomingText]:
        """The texts in one authentic request; none where the provider has answered by itself.
        Raises NotAReceipt."""
        ...

    def reply_in_place(self, text: str | None) -> TextAnswer | None:
        """The answer that carries this reply, or that there is none. None where a reply has to be
        sent as a message of its own."""
        ...


@dataclass(frozen=True, kw_only=True)
class CallReport:
    """What a voice provider tells while a call is running: its own id of the call, who called, the
    keys pressed (None: none), and whether a machine or a fax took it."""

    call_id: str
    caller: str = field(default="", repr=False)
    keys: str | None = field(default=None, repr=False)
    machine: bool = False


@dataclass(frozen=True, kw_only=True)
class VoiceAnswer:
    """What the provider is told to do next in a running call."""

    content_type: str
    body: bytes = field(repr=False)


class VoiceProvider(Provider, Protocol):
    """A provider of calls. Its requests during a call are verified by `verify_receipt`, too."""

    def read_call(self, request: ReceiptRequest) -> CallReport:
        """What an authentic request tells of its call. Raises NotAReceipt."""
        ...

    def speak(self, turn: Turn, next_url: str, prompts_url: str) -> VoiceAnswer:
        """A turn in the provider's words. Keys, and the end of what was said where the turn waits
        for that, are told to `next_url`; recorded prompts are fetched under `prompts_url`."""
        ...
