"""The errors of the gateway. The docstring is the message where no other is given.

BaotinError
├── ConfigurationError      a setting, key or file stops the start
├── DirectoryError          an entry of the directory is wrong or missing
├── LedgerUnavailable       PostgreSQL cannot be reached in time; try again later
├── RenderError             a template could not be rendered
│   └── DoesNotFit          what it says of this person is longer than its channel takes
└── VoiceUnavailable        this machine has no voice, or it did not answer in time
"""


class BaotinError(Exception):
    """Something the gateway itself can explain."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (self.__doc__ or "").strip())


class ConfigurationError(BaotinError):
    """The configuration is wrong."""


class DirectoryError(BaotinError):
    """The directory is wrong."""


class LedgerUnavailable(BaotinError):
    """The ledger cannot be reached; try again later."""


class RenderError(BaotinError):
    """The template could not be rendered."""


class DoesNotFit(RenderError):
    """What is said of this person is longer than the channel takes."""


class VoiceUnavailable(BaotinError):
    """There is no voice on this machine."""
