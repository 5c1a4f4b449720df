"""What a message is expected to cost by the contract of its account."""

from bisect import bisect_left
from collections.abc import Sequence

from gateway.domain.directory import Account
from gateway.domain.message import Body, SmsBody
from gateway.domain.text import Encoding, segments


def billed_parts(account: Account, body: Body) -> int:
    """The parts an account bills for: by its own steps where it has some for this alphabet, else by
    the parts that the text has. Anything but an SMS is one."""
    if not isinstance(body, SmsBody):
        return 1
    measured = segments(body.text)
    plain = measured.encoding is Encoding.GSM7
    steps = account.billing_steps if plain else account.billing_steps_accented
    return _by_steps(steps, measured.units) if steps else body.segments


def estimate_vnd(account: Account, body: Body) -> int | None:
    """In VND; None where the contract's price is not known."""
    if account.price_vnd is None:
        return None
    return account.price_vnd * billed_parts(account, body)


def _by_steps(steps: Sequence[int], units: int) -> int:
    """`steps` are the longest texts of one part, of two, and so on; beyond the last, every further
    part is as long as the last step was."""
    if units <= steps[-1]:
        return bisect_left(steps, units) + 1
    last = steps[-1] - (steps[-2] if len(steps) > 1 else 0)
    return len(steps) + -(-(units - steps[-1]) // last)
