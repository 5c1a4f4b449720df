"""The public addresses that providers are given, built from configuration, not from requests."""

from gateway.providers.contract import AccountAccess


class Addresses:
    """`external_url` is how the outside reaches this installation, without a closing slash."""

    def __init__(self, external_url: str) -> None:
        self._root = external_url.rstrip("/")

    def receipts(self, access: AccountAccess) -> str:
        """Where this account reports; the secret part stands for a missing signature."""
        token = access.secrets.get("callback_token", "")
        return f"{self._root}/receipts/{access.code}" + (f"/{token}" if token else "")

    def voice(self, account: str, reference: str) -> str:
        return f"{self._root}/voice/{account}/{reference}"

    def of_request(self, path_and_query: str) -> str:
        """The address under which the outside made this request."""
        return f"{self._root}{path_and_query}"
