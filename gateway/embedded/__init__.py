"""PostgreSQL and Redis as child processes over one data folder, for running without a set-up.

They are the real servers with full durability; only who starts them differs from an installation
with its own.
"""

from gateway.embedded.postgres import EmbeddedPostgres
from gateway.embedded.redis import EmbeddedRedis

__all__ = ["EmbeddedPostgres", "EmbeddedRedis"]
