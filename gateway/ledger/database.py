"""The connection pool. Errors of the wire become LedgerUnavailable; answers of PostgreSQL stay."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from gateway.errors import LedgerUnavailable

# For the signatures of those who may not know the driver.
Connection = asyncpg.Connection

# PostgreSQL says these when it is going away, starting or full, not when a statement is wrong.
_AWAY = (
    OSError,
    asyncio.TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    asyncpg.InsufficientResourcesError,
    asyncpg.QueryCanceledError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.InternalClientError,
)
# Nor these: its disk fails, whoever runs it is at work, or it no longer takes us for who we are.
_OUT_OF_ORDER = (
    asyncpg.PostgresSystemError,
    asyncpg.OperatorInterventionError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.IdleInTransactionSessionTimeoutError,
)
# These are about the values that a statement was given.
_ABOUT_VALUES = (
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.ProgramLimitExceededError,
)

# A plan is made once and kept, perhaps while a month's tables are still empty; joining by scanning
# them would look cheap then and cost a whole table for every few rows later.
_POINT_LOOKUPS = {"enable_seqscan": "off", "enable_hashjoin": "off", "enable_mergejoin": "off"}


def is_about_values(error: Exception) -> bool:
    """Whether the same would be refused for ever. A month that has no tables yet is PostgreSQL's
    own trouble, though it speaks of a violated check; so is whatever else it does not have."""
    if isinstance(error, asyncpg.CheckViolationError) and not error.constraint_name:
        return False
    return isinstance(error, _ABOUT_VALUES) or not isinstance(error, asyncpg.PostgresError)


# A process that stands still amid a transaction would keep others from its rows for as long.
_IDLE_S = 30.0
# Of a machine that is gone without a word PostgreSQL would otherwise learn after two hours.
_KEEPALIVE = {
    "tcp_keepalives_idle": "30",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
}


class Database:
    """A pool of connections to the ledger, made for short statements that are planned once."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    @classmethod
    async def connect(
        cls,
        url: str,
        *,
        size: int,
        statement_timeout_s: float,
        idle_timeout_s: float = _IDLE_S,
    ) -> "Database":
        """Raises LedgerUnavailable where nothing answers."""
        try:
            pool = await asyncpg.create_pool(
                url,
                min_size=1,
                max_size=size,
                command_timeout=statement_timeout_s + 5,
                timeout=10,
                reset=_keep_session,
                server_settings={
                    "application_name": "baotin",
                    "jit": "off",
                    "plan_cache_mode": "force_generic_plan",
                    **_POINT_LOOKUPS,
                    "statement_timeout": str(int(statement_timeout_s * 1000)),
                    "idle_in_transaction_session_timeout": str(int(idle_timeout_s * 1000)),
                    **_KEEPALIVE,
                },
            )
        except _AWAY as error:
            raise LedgerUnavailable from error
        return cls(pool)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[asyncpg.Connection]:
        """A connection for a moment. Raises LedgerUnavailable when PostgreSQL is away."""
        try:
            async with self._pool.acquire(timeout=5) as connection:
                yield connection
        except (*_AWAY, *_OUT_OF_ORDER) as error:
            raise LedgerUnavailable from error

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[asyncpg.Connection]:
        async with self.connection() as connection, connection.transaction():
            yield connection

    async def close(self) -> None:
        try:
            await asyncio.wait_for(self._pool.close(), timeout=5)
        except TimeoutError:
            self._pool.terminate()


async def _keep_session(_connection: asyncpg.Connection) -> None:
    """Nothing here changes session state, so the round trip that would reset it is saved."""
