"""What becomes of a message after it was taken: what is reported when, and what is true when."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from gateway.sandbox.faults import Fault

# Between two reports of which the order matters.
GAP_S = 0.3


class Word(StrEnum):
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """One thing that happens to a message. An untold one is known only to a status query, an
    unknown one to nobody but the person; a forged or foreign one is told but not true."""

    word: Word
    after_s: float
    told: bool = True
    known: bool = True
    forged: bool = False
    foreign: bool = False
    respelled: bool = False


Course = tuple[Notice, ...]


def course(fault: Fault, delay_s: float, late_s: float) -> Course:
    """The notices of a message that met `fault`, in the order of their time."""
    sent = Notice(word=Word.SENT, after_s=delay_s / 2)
    delivered = Notice(word=Word.DELIVERED, after_s=delay_s)
    failed = Notice(word=Word.FAILED, after_s=delay_s)
    match fault:
        case Fault.NO_RECEIPT:
            unseen = Notice(word=Word.DELIVERED, after_s=delay_s, told=False, known=False)
            return (_untold(sent), unseen)
        case Fault.RECEIPT_LOST:
            return (_untold(sent), _untold(delivered))
        case Fault.RECEIPT_FIRST:
            return (Notice(word=Word.DELIVERED, after_s=0),)
        case Fault.RECEIPT_TWICE:
            return (sent, delivered, Notice(word=Word.DELIVERED, after_s=delay_s + GAP_S))
        case Fault.RECEIPTS_SWAPPED:
            return (delivered, Notice(word=Word.SENT, after_s=delay_s + GAP_S))
        case Fault.RECEIPT_RESPELLED:
            return (sent, Notice(word=Word.DELIVERED, after_s=delay_s, respelled=True))
        case Fault.RECEIPT_UNKNOWN:
            return (Notice(word=Word.DELIVERED, after_s=delay_s / 2, foreign=True), delivered)
        case Fault.RECEIPT_LATE:
            return (sent, Notice(word=Word.DELIVERED, after_s=late_s))
        case Fault.RECEIPT_FORGED:
            return (_untold(sent), Notice(word=Word.DELIVERED, after_s=delay_s, forged=True))
        case Fault.FAILED:
            return (sent, failed)
        case Fault.FAILED_THEN_DELIVERED:
            return (sent, failed, Notice(word=Word.DELIVERED, after_s=delay_s + GAP_S))
    return (sent, delivered)


def _untold(notice: Notice) -> Notice:
    return Notice(word=notice.word, after_s=notice.after_s, told=False)


def word_after(notices: Sequence[Notice], elapsed_s: float) -> Word | None:
    """What a query is told after so long; once delivered, a message stays delivered."""
    so_far = [n.word for n in notices if n.known and _true(n) and n.after_s <= elapsed_s]
    if Word.DELIVERED in so_far:
        return Word.DELIVERED
    return so_far[-1] if so_far else None


def reaches_handset(notices: Sequence[Notice]) -> bool:
    return any(one.word is Word.DELIVERED and _true(one) for one in notices)


def _true(notice: Notice) -> bool:
    return not (notice.forged or notice.foreign)


def only_final(notices: Course) -> Course:
    """For providers that do not report the way, only the end."""
    return tuple(one for one in notices if one.word is not Word.SENT)


def after_call(fault: Fault, late_s: float) -> Course:
    """What is reported after the end of a call, and how."""
    notices = course(fault, 0.001, late_s)
    return notices if fault is Fault.RECEIPTS_SWAPPED else only_final(notices)
