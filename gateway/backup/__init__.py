"""Backups: one consistent snapshot of the ledger in one sealed file, and the way back.

`take` and `restore` never write anything readable to disk; `check` reads a file through without a
database. A restored ledger is paused and sends nothing by itself: see gateway/ledger/restored.py.
"""

from gateway.backup.container import BackupError, Header
from gateway.backup.restore import Restored, check, restore
from gateway.backup.take import Taken, take

__all__ = ["BackupError", "Header", "Restored", "Taken", "check", "restore", "take"]
