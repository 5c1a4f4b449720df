"""What is under way and still needs an entry of the directory: counted before the entry goes."""

import asyncpg

# So many are counted at most; nobody needs to know how many more there are.
MOST = 1000

_FURTHER_STEPS = """EXISTS (
    SELECT FROM json_array_elements(n.steps) WITH ORDINALITY AS s (step, number)
    WHERE s.number > n.step + 1 AND s.step ->> 'pool' = $1)"""

# Whoever has a further step may need its unit and its pool then.
_OF_UNIT = """
SELECT FROM due WHERE unit = $1
UNION ALL
SELECT FROM watch w JOIN notification n ON n.id = w.notification_id
WHERE n.unit = $1 AND (n.state = 'sending'
                       OR (n.state = 'sent' AND n.step + 1 < json_array_length(n.steps)))
"""
_OF_POOL = f"""
SELECT FROM due d JOIN notification n ON n.id = d.notification_id
WHERE d.pool = $1 OR {_FURTHER_STEPS}
UNION ALL
SELECT FROM watch w JOIN notification n ON n.id = w.notification_id
WHERE (n.state = 'sending' AND n.steps -> n.step::int ->> 'pool' = $1)
   OR (n.state IN ('sending', 'sent') AND {_FURTHER_STEPS})
"""
# Its reports could not be verified any more, nor the account be asked.
_OF_ACCOUNT = """
SELECT FROM watch w JOIN attempt a USING (notification_id, step, try) WHERE a.account = $1
UNION ALL
SELECT FROM due WHERE ask_again = $1
"""
_KEYS = """
SELECT FROM (SELECT DISTINCT ON (code) body, removed FROM directory_entry WHERE kind = 'key'
             ORDER BY code, revision DESC) k
WHERE NOT removed AND body ->> 'source' = $1 AND NOT (body ->> 'revoked')::bool
"""

_BY_KIND = {"unit": _OF_UNIT, "pool": _OF_POOL, "account": _OF_ACCOUNT, "source": _KEYS}


async def uses(connection: asyncpg.Connection, kind: str, code: str) -> int:
    """How many notifications still need this unit, pool or account, or how many keys of this source
    are valid; at most `MOST`. Other kinds are needed by nothing but entries."""
    statement = _BY_KIND.get(kind)
    if statement is None:
        return 0
    counted = f"SELECT count(*) FROM ({statement} LIMIT {MOST}) AS found"
    return int(await connection.fetchval(counted, code))
