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

    def call(self, account: str, reference: str, moment: str = "") -> str:
        """Where a running call asks what to say: our reference is which, `moment` where in it."""
        return f"{self._root}/voice/{account}/{reference}" + (f"/{moment}" if moment else "")

    def line(self, account: str, call: str, turn: int) -> str:
        """Where a call to the line goes on after its `turn`."""
        return f"{self._root}/voice/{account}/inbound/{call}/{turn}"

    @property
    def prompts(self) -> str:
        """Recorded prompts are fetched under this address."""
        return f"{self._root}/voice/prompts"

    def of_request(self, path_and_query: str) -> str:
        """The address under which the outside made this request."""
        return f"{self._root}{path_and_query}"
