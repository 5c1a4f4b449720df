"""Vietnamese text as it is stored, compared and paid for: one form, plain letters, SMS parts.

It knows letters and their price, not templates, providers or people.
"""

from gateway.domain.text.gsm import Encoding, Segments, explain_segments, segments
from gateway.domain.text.legacy import looks_legacy_encoded
from gateway.domain.text.letters import Placed, Unsendable, bare, clean, nfc, plain
from gateway.domain.text.names import index_words, tidy_name, words

__all__ = [
    "Encoding",
    "Placed",
    "Segments",
    "Unsendable",
    "bare",
    "clean",
    "explain_segments",
    "index_words",
    "looks_legacy_encoded",
    "nfc",
    "plain",
    "segments",
    "tidy_name",
    "words",
]
