"""The three ways to reach a person, and what a provider account can promise about them."""

from enum import StrEnum


class Channel(StrEnum):
    ZALO = "zalo"
    SMS = "sms"
    VOICE = "voice"


class Receipts(StrEnum):
    """What kind of later report an account sends about an accepted message."""

    HANDSET = "handset"
    NETWORK = "network"
    NEGATIVE_ONLY = "negative_only"
    NONE = "none"


class QueryBy(StrEnum):
    """By what an account can be asked about one message."""

    OUR_REFERENCE = "our_reference"
    PROVIDER_ID = "provider_id"
    RECIPIENT_AND_TIME = "recipient_and_time"
    NONE = "none"
