"""After a restore: everything is paused, and what was unfinished is held for a person to decide.

The backup does not know what was sent after it was taken. So nothing it left unfinished goes on by
itself, tokens that can be used only once count as used, and positions of the feed start far beyond
any that the lost ledger can have given.
"""

from dataclasses import dataclass
from datetime import datetime

import asyncpg

from gateway.domain.outcome import Reason
from gateway.domain.status import MOVES, OPEN, State
from gateway.ledger.schema import RESTORE_MARK

# By the table of moves, like every other change of state.
_UNFINISHED = tuple(sorted(state for state in OPEN if State.HELD in MOVES[state]))

_HOLD = """
WITH moved AS (
    UPDATE notification SET state = $2, reason = $3, revision = revision + 1
    WHERE state = ANY ($1::text[])
    RETURNING id, revision, state, reason, step, tries
), logged AS (
    INSERT INTO history (notification_id, revision, state, reason, step, try, actor)
    SELECT id, revision, state, reason, step, tries, $4 FROM moved
)
SELECT count(*) FROM moved
"""

# What is held keeps a due row that never comes due: it is found, expired and released by it.
_KEEP = """
INSERT INTO due (notification_id, pool, class, due_at, unit, phone, latest_at)
SELECT id, steps -> step::int ->> 'pool', class, 'infinity', unit,
    decode(steps -> step::int ->> 'phone_key', 'hex'), latest_send_at
FROM notification WHERE state = 'held'
"""

_LOSE_TOKENS = """
UPDATE account_token SET lost = true, refreshing_until = NULL, updated_at = now()
WHERE NOT lost RETURNING account
"""

# Of what a job did after the backup nothing is known here, so none goes on by itself.
_STOP_JOBS = (
    "UPDATE hand_list SET state = 'done', stopped = 'restored' WHERE state = 'running'",
    "UPDATE mass_act SET ended_at = now(), stopped = 'restored'"
    " WHERE begun_at IS NOT NULL AND ended_at IS NULL",
    "UPDATE held_act SET ended_at = now(), stopped = 'restored' WHERE ended_at IS NULL",
    "DELETE FROM job",
)

# The country's whole traffic of nine years; a reader of the feed never meets a position twice.
_POSITIONS_SKIPPED = 1_000_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Stopped:
    held: int
    lost_tokens: tuple[str, ...]


async def mark(connection: asyncpg.Connection) -> None:
    """From now on no process starts over this database."""
    await connection.execute(f"CREATE TABLE {RESTORE_MARK} (since timestamptz DEFAULT now())")


async def unmark(connection: asyncpg.Connection) -> None:
    await connection.execute(f"DROP TABLE IF EXISTS {RESTORE_MARK}")


async def hold_everything(
    connection: asyncpg.Connection, backup_at: datetime, actor: str
) -> Stopped:
    """Pause, hold and take the mark away, all at once."""
    async with connection.transaction():
        await connection.execute(
            "INSERT INTO pause (scope, actor, reason) VALUES ('everything', $1, $2)"
            " ON CONFLICT (scope, code) DO UPDATE SET actor = $1, reason = $2, since = now()",
            actor,
            Reason.RESTORED,
        )
        await connection.execute(
            "INSERT INTO restore (backup_at, actor) VALUES ($1, $2)", backup_at, actor
        )
        held = await connection.fetchval(_HOLD, _UNFINISHED, State.HELD, Reason.RESTORED, actor)
        await connection.execute("DELETE FROM due")
        await connection.execute("DELETE FROM watch")
        await connection.execute(_KEEP)
        for statement in _STOP_JOBS:
            await connection.execute(statement)
        lost = await connection.fetch(_LOSE_TOKENS)
        # Of people who may have been shut out since.
        await connection.execute("DELETE FROM console_session")
        await connection.execute(
            "UPDATE feed_head SET position = position + $1", _POSITIONS_SKIPPED
        )
        await unmark(connection)
    await connection.execute("ANALYZE")
    return Stopped(held=held, lost_tokens=tuple(sorted(row["account"] for row in lost)))
