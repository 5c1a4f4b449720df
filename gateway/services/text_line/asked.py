"""What a person asked, and by which keyed hashes it is known. What a machine wrote is nobody's
question: names, short codes and numbers abroad, our own numbers, our own words."""

from collections.abc import Iterable
from dataclasses import dataclass

from gateway.domain.enquiry import is_our_help, words_of
from gateway.domain.recipient import Phone, PhoneKind, read_phones
from gateway.ledger.inbound_texts import Brought
from gateway.providers.contract import IncomingText
from gateway.sealing import Hasher
from gateway.services.accounts import OpenAccount

# Where messages have no ids, the same words of the same person within this time are one message.
_ANOTHER_AFTER_S = 300.0
# Ten parts of an SMS and some.
_LONGEST = 2_000


@dataclass(frozen=True, kw_only=True, repr=False)
class Asked:
    """A text of a person, brought by `found`. `said` is the keyed hash of its words."""

    found: OpenAccount
    phone: Phone
    text: str
    said: bytes
    brought: Brought


def asked(
    found: OpenAccount, text: IncomingText, hasher: Hasher, our_senders: Iterable[str]
) -> Asked | None:
    """None for what no person wrote."""
    phone, typed = _mobile(text.sender), text.text[:_LONGEST]
    if phone is None or phone in read_phones(our_senders).phones or is_our_help(typed):
        return None
    account, keyed = found.account.code, hasher.text_key
    named = ("id", text.id) if text.id else ("words", phone.e164, text.text)
    return Asked(
        found=found,
        phone=phone,
        text=typed,
        said=said(hasher, typed),
        brought=Brought(
            message=keyed("message", account, *named),
            account=account,
            sender=sender_key(hasher, phone.e164),
            another_after_s=None if text.id else _ANOTHER_AFTER_S,
        ),
    )


def sender_key(hasher: Hasher, e164: str) -> bytes:
    """By which the texts of a number are counted for a day."""
    return hasher.text_key("sender", e164)


def said(hasher: Hasher, text: str) -> bytes:
    """By which our own words are recognised when somebody's machine sends them back."""
    return hasher.text_key("said", words_of(text))


def _mobile(sender: str) -> Phone | None:
    phones = read_phones([sender]).phones
    return phones[0] if len(phones) == 1 and phones[0].kind is PhoneKind.MOBILE else None
