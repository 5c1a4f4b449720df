"""Keys, the sealing of personal data, and the keyed hashes by which sealed rows are found again.

Seal and hash keys rotate: a row keeps the version it was written under, new rows use the primary.
One reference key never rotates, so that the references given to providers stay the same for ever.
"""

from gateway.sealing.hashes import Hasher
from gateway.sealing.keyring import (
    KeyPurpose,
    Keyring,
    KeyVersionError,
    VersionedKeys,
    change_keys,
)
from gateway.sealing.seal import Sealer, SealError

__all__ = [
    "Hasher",
    "KeyPurpose",
    "KeyVersionError",
    "Keyring",
    "SealError",
    "Sealer",
    "VersionedKeys",
    "change_keys",
]
