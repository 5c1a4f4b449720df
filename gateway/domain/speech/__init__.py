"""Vietnamese as it is read aloud: numbers, money, dates, phones, dossier codes, whole sentences.

Every function returns words with commas where a voice should pause, and no digit. Of numerals,
only Vietnamese rules are known here; no template, call or provider is.
"""

from gateway.domain.speech.codes import code, digits, last_group, letters, phone
from gateway.domain.speech.moments import clock_time, day, month, weekday
from gateway.domain.speech.numbers import PLAIN, Dialect, decimal, integer, money_vnd, percent
from gateway.domain.speech.reader import READER, Reader
from gateway.domain.speech.sentence import read_aloud

__all__ = [
    "PLAIN",
    "READER",
    "Dialect",
    "Reader",
    "clock_time",
    "code",
    "day",
    "decimal",
    "digits",
    "integer",
    "last_group",
    "letters",
    "money_vnd",
    "month",
    "percent",
    "phone",
    "read_aloud",
    "weekday",
]
