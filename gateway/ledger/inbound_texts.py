"""Texts that people sent us: each is in one pair of hands, answered once, and soon forgotten."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import asyncpg

_FIND = """
SELECT answered_at IS NOT NULL AS answered, in_hand_until > now() AS in_hand, sealed, seal_key,
    coalesce(taken_at <= now() - $2::float8 * interval '1 second', false) AS another
FROM inbound_text WHERE message = $1 FOR UPDATE
"""

_COUNT = """
INSERT INTO inbound_sender AS s (sender, hour, replies) VALUES ($1, date_trunc('hour', now()), 1)
ON CONFLICT (sender, hour) DO UPDATE SET replies = s.replies + 1 WHERE s.replies < $2
RETURNING replies
"""

_TAKE = """
INSERT INTO inbound_text (message, account, in_hand_until)
VALUES ($1, $2, now() + $3::float8 * interval '1 second')
ON CONFLICT DO NOTHING RETURNING message
"""

_TAKE_OVER = """
UPDATE inbound_text SET in_hand_until = now() + $2::float8 * interval '1 second' WHERE message = $1
"""

_FORGET = "DELETE FROM inbound_text WHERE message = $1"

_ANSWERED = """
UPDATE inbound_text SET answered_at = now(), said = $2, sealed = $3, seal_key = $4
WHERE message = $1
"""

_FORGET_REPLIES = """
UPDATE inbound_text SET sealed = NULL, seal_key = NULL
WHERE sealed IS NOT NULL AND answered_at <= now() - $1::float8 * interval '1 second'
"""
_REPLIES_KEPT_S = 3600.0

_SENT = "UPDATE inbound_text SET provider_id = $2 WHERE message = $1"

_SAID = "SELECT EXISTS (SELECT FROM inbound_text WHERE said = $1)"

_REPLIES_AMONG = """
SELECT w.n FROM unnest($1::int[], $2::text[], $3::bytea[], $4::text[])
    AS w (n, account, message, provider_id)
WHERE EXISTS (SELECT FROM inbound_text t WHERE t.message = w.message AND t.account = w.account)
   OR EXISTS (SELECT FROM inbound_text t
              WHERE t.account = w.account AND t.provider_id = w.provider_id)
"""


class Fate(StrEnum):
    """What is to be done with a text that was brought."""

    TO_ANSWER = "to_answer"
    ANSWERED_BEFORE = "answered_before"
    IN_OTHER_HANDS = "in_other_hands"
    ONE_TOO_MANY = "one_too_many"
    OUR_OWN_WORDS = "our_own_words"


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """`sealed` is the reply that was given before, bound to the text's own hash, if any."""

    fate: Fate
    sealed: bytes | None = None
    seal_key: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Brought:
    """A text by the keyed hashes of the message and of its sender. After `another_after_s` the
    same hash is another message: the provider gives its messages no ids."""

    message: bytes
    account: str
    sender: bytes
    another_after_s: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Reported:
    """What a report that matches no attempt says of its message."""

    account: str
    reference: str | None
    provider_id: str | None


async def take(
    connection: asyncpg.Connection, text: Brought, most_per_hour: int, in_hand_s: float
) -> Taken:
    """Take a text in hand, within a transaction. A text that died in somebody's hands is taken
    over, and not counted again."""
    found = await connection.fetchrow(_FIND, text.message, text.another_after_s)
    if found is not None and not (found["answered"] and found["another"]):
        return await _found(connection, text, found, in_hand_s)
    if found is not None:
        await connection.execute(_FORGET, text.message)
    if await connection.fetchval(_TAKE, text.message, text.account, in_hand_s) is None:
        return Taken(fate=Fate.IN_OTHER_HANDS)
    if await connection.fetchval(_COUNT, text.sender, most_per_hour) is None:
        await connection.execute(_FORGET, text.message)
        return Taken(fate=Fate.ONE_TOO_MANY)
    return Taken(fate=Fate.TO_ANSWER)


async def _found(
    connection: asyncpg.Connection, text: Brought, found: asyncpg.Record, in_hand_s: float
) -> Taken:
    if found["answered"]:
        return Taken(fate=Fate.ANSWERED_BEFORE, sealed=found["sealed"], seal_key=found["seal_key"])
    if found["in_hand"]:
        return Taken(fate=Fate.IN_OTHER_HANDS)
    await connection.execute(_TAKE_OVER, text.message, in_hand_s)
    return Taken(fate=Fate.TO_ANSWER)


async def answered(
    connection: asyncpg.Connection,
    message: bytes,
    said: bytes | None,
    sealed: bytes | None,
    seal_key: int | None,
) -> None:
    """From now on the text is not answered again, whatever becomes of the reply."""
    await connection.execute(_ANSWERED, message, said, sealed, seal_key)


async def sent(connection: asyncpg.Connection, message: bytes, provider_id: str) -> None:
    await connection.execute(_SENT, message, provider_id)


async def was_said(connection: asyncpg.Connection, said: bytes) -> bool:
    """Whether these words, by their keyed hash, were a reply of ours lately."""
    return bool(await connection.fetchval(_SAID, said))


async def replies_among(connection: asyncpg.Connection, wanted: Sequence[Reported]) -> set[int]:
    """The positions of the reports that are about replies, and not about attempts."""
    rows = await connection.fetch(
        _REPLIES_AMONG,
        list(range(len(wanted))),
        [one.account for one in wanted],
        [_message(one.reference) for one in wanted],
        [one.provider_id for one in wanted],
    )
    return {row["n"] for row in rows}


async def forget_replies(connection: asyncpg.Connection) -> None:
    """All that are kept. They are there for a provider that asks again within moments; nothing
    tells whom each is about, and a text is answered once all the same."""
    await connection.execute(_FORGET_REPLIES, 0.0)


async def forget_senders(connection: asyncpg.Connection, senders: Sequence[bytes]) -> None:
    await connection.execute("DELETE FROM inbound_sender WHERE sender = ANY ($1)", list(senders))


async def forget_old(connection: asyncpg.Connection, days: float) -> None:
    await connection.execute(_FORGET_REPLIES, _REPLIES_KEPT_S)
    await connection.execute(
        "DELETE FROM inbound_text WHERE taken_at < now() - $1::float8 * interval '1 day'", days
    )
    await connection.execute("DELETE FROM inbound_sender WHERE hour < now() - interval '1 day'")


def _message(reference: str | None) -> bytes | None:
    try:
        return bytes.fromhex(reference or "")
    except ValueError:
        return None
