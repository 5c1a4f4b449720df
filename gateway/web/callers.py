"""Who is calling: an API key in the Authorization header, or a Standard Webhooks signature.

Keys are shown once as `bt_<prefix>_<secret>`; only a hash is kept. Failures say nothing about
whether the prefix exists. Also counts how fast each source may post.
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from aiohttp import web
from standardwebhooks import Webhook, WebhookVerificationError
from standardwebhooks.webhooks import EmptyWebhookSecretError

from gateway.domain.directory import ApiKey, Directory, Source
from gateway.services.api_keys import split_key
from gateway.services.look_up import Reader
from gateway.services.token_bucket import TokenBucket
from gateway.web.answers import Problem, problem

_PROOF = ("webhook-id", "webhook-timestamp", "webhook-signature")


@dataclass(frozen=True, kw_only=True, slots=True)
class Caller:
    """A source that proved who it is, what it may do, and whether it tests. `key` is the prefix of
    the key it showed, empty for one that signed."""

    source: Source
    scopes: tuple[str, ...]
    mode: str
    key: str = ""

    @property
    def shown(self) -> str:
        """Who this is in the audit: the source, and which of its keys."""
        return f"{self.source.code}/bt_{self.key}" if self.key else self.source.code

    @property
    def reader(self) -> Reader:
        return Reader(who=self.shown, why="api")


@dataclass(frozen=True, kw_only=True, slots=True)
class Claimed:
    """Who a request says it is from, proven or not: empty for no source of ours."""

    source: str = ""
    mode: str = "live"


class Callers:
    """Authenticates requests against the directory in force."""

    def __init__(self, directory: Callable[[], Directory]) -> None:
        self._directory = directory
        self._buckets: dict[str, TokenBucket] = {}

    def by_key(self, request: web.Request, scope: str) -> Caller:
        """The caller behind the Authorization header. Raises a 401 or 403 problem."""
        key = self._key(_shown_key(request))
        source = self._directory().sources.get(key.source) if key else None
        if key is None or source is None:
            raise _unauthorised("Send a valid API key as `Authorization: Bearer bt_…`.")
        if scope not in key.scopes:
            raise problem(
                403, "scope_missing", f"This key lacks the scope {scope}; use one that has it."
            )
        return Caller(source=source, scopes=key.scopes, mode=key.mode, key=key.code)

    def by_signature(self, source_code: str, headers: Mapping[str, str], body: bytes) -> Caller:
        """The source that signed the body. Any of its live secrets will do. `headers` find names
        whatever their case."""
        directory = self._directory()
        source = directory.sources.get(source_code)
        secrets = directory.secrets_of("source", source_code)
        signing = [value for name, value in secrets.items() if name.startswith("webhook")]
        proof = {name: headers[name] for name in _PROOF if name in headers}
        if source is None or not any(_signed(secret, proof, body) for secret in signing):
            raise _unauthorised(
                "Sign the request by Standard Webhooks with a secret of this source; the"
                " timestamp may be five minutes off at most."
            )
        return Caller(source=source, scopes=("post",), mode="live")

    def of_source(self, request: web.Request, body: bytes) -> Caller:
        """The caller of an address that names its source: by key, or by signature of the body."""
        code = request.match_info["source"]
        if "Authorization" not in request.headers:
            return self.by_signature(code, request.headers, body)
        caller = self.by_key(request, "post")
        if caller.source.code != code:
            raise problem(403, "source_not_yours", "Use the address that names your own source.")
        return caller

    def claimed(self, request: web.Request) -> Claimed:
        """For counts only. A key that was revoked, or is not whole, still tells whose it was."""
        parts = split_key(_shown_key(request))
        key = self._directory().keys.get(parts.prefix) if parts else None
        source = key.source if key else request.match_info.get("source", "")
        known = source in self._directory().sources
        return Claimed(source=source if known else "", mode=key.mode if key else "live")

    def admit(self, caller: Caller, events: int) -> None:
        """Count events against the source's rate. Raises a 429 problem when it is spent."""
        source = caller.source
        bucket = self._buckets.get(source.code)
        if bucket is None or (bucket.rate_per_s, bucket.burst) != (source.rate_per_s, source.burst):
            bucket = TokenBucket(rate_per_s=source.rate_per_s, burst=source.burst)
            self._buckets[source.code] = bucket
        if not bucket.take(min(events, source.burst)):
            wait_s = max(1, round(events / source.rate_per_s))
            raise problem(
                429,
                "too_fast",
                "You post faster than agreed; wait as Retry-After says.",
                {"Retry-After": str(wait_s)},
            )

    def _key(self, shown: str) -> ApiKey | None:
        parts = split_key(shown)
        key = self._directory().keys.get(parts.prefix) if parts else None
        if parts is None or key is None or key.revoked:
            return None
        digest = hashlib.sha256(parts.secret.encode(errors="replace")).hexdigest()
        return key if hmac.compare_digest(digest, key.sha256) else None


def _shown_key(request: web.Request) -> str:
    scheme, _, shown = request.headers.get("Authorization", "").partition(" ")
    return shown.strip() if scheme.lower() == "bearer" else ""


@lru_cache(maxsize=256)
def _webhook(secret: str) -> Webhook | None:
    try:
        return Webhook(secret)
    except (EmptyWebhookSecretError, ValueError, RuntimeError):
        return None


def _signed(secret: str, proof: dict[str, str], body: bytes) -> bool:
    webhook = _webhook(secret)
    if webhook is None:
        return False
    try:
        webhook.verify(body, proof, json_parse=False)
    except (WebhookVerificationError, ValueError):
        return False
    return True


def _unauthorised(detail: str) -> Problem:
    return problem(401, "unauthorised", detail, {"WWW-Authenticate": "Bearer"})
