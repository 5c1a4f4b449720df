"""What somebody would send who does not know an account's secrets."""

from urllib.parse import urlsplit, urlunsplit


def guessed(address: str) -> str:
    """The address with another last part of its path, where its secret stands."""
    parts = urlsplit(address)
    path, _, secret = parts.path.rpartition("/")
    return urlunsplit(parts._replace(path=f"{path}/{'0' * len(secret)}"))
