"""What comes next for an attempt: decisions computed from values, carried out by the services.

A call ends (`decide`), a receipt arrives (`after_receipt`), the account is asked (`after_query`) or
stays silent to the end (`after_window`). What was certainly not sent is tried again or goes to the
next step. What may have been sent is never sent anew while anything can still tell: the account is
asked again under the same reference, then queried, then waited for.
"""

from gateway.domain.retry.decision import (
    AskAgain,
    AwaitReceipt,
    Decision,
    End,
    NextStep,
    QueryLater,
    TryAgain,
)
from gateway.domain.retry.rules import (
    after_query,
    after_receipt,
    after_window,
    decide,
    may_ask_again,
)
from gateway.domain.retry.situation import (
    Situation,
    StepView,
    TermsView,
    UnknownPolicy,
    schedule,
)

__all__ = [
    "AskAgain",
    "AwaitReceipt",
    "Decision",
    "End",
    "NextStep",
    "QueryLater",
    "Situation",
    "StepView",
    "TermsView",
    "TryAgain",
    "UnknownPolicy",
    "after_query",
    "after_receipt",
    "after_window",
    "decide",
    "may_ask_again",
    "schedule",
]
