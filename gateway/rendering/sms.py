"""An SMS template made ready: one text, plain unless the template or the unit wants diacritics.

What a template guards with `roomy`, or with the check code, is said only where it costs no further
part; the check code comes first.
"""

from gateway.domain.message import SmsBody
from gateway.domain.text import Unsendable, clean, plain, segments
from gateway.rendering.facts import VOCABULARY, Facts
from gateway.rendering.grammar import Fault, Refused, Vocabulary
from gateway.rendering.text import compiled, scope_of

_ACCENTED = "accented"
SMS_VOCABULARY = Vocabulary(words=VOCABULARY.words | {"roomy"}, lists=VOCABULARY.lists)


class SmsTemplate:
    """`{% set accented = true %}` (or false) in the text outranks the unit's `accented_sms`."""

    def __init__(self, source: str) -> None:
        self._text = compiled(source, SMS_VOCABULARY)
        self._accented = self._text.settings.get(_ACCENTED)
        if unknown := set(self._text.settings) - {_ACCENTED}:
            raise Refused(f"sets '{min(unknown)}', which means nothing in an SMS")

    def body(self, facts: Facts) -> SmsBody:
        """Raises Refused for characters that plain letters cannot express."""
        full = self._written(facts, roomy=True, code=facts.check_code)
        if full.segments <= 1:
            return full
        brief = self._written(facts, roomy=False, code="")
        if brief.segments == full.segments:
            return full
        with_code = self._written(facts, roomy=False, code=facts.check_code)
        if with_code.segments == brief.segments and with_code != brief:
            return with_code
        roomy = self._written(facts, roomy=True, code="")
        return roomy if roomy.segments == brief.segments else brief

    def _written(self, facts: Facts, *, roomy: bool, code: str) -> SmsBody:
        accented = facts.accented_sms if self._accented is None else bool(self._accented)
        scope = scope_of({**vars(facts), "roomy": roomy, "check_code": code})
        written = " ".join(self._text.write(scope).split())
        text = clean(written) if accented else _plain(written)
        return SmsBody(text=text, accented=accented, segments=segments(text).segments)


def _plain(text: str) -> str:
    try:
        return plain(text)
    except Unsendable as refusal:
        count = len(refusal.characters)
        raise Refused(
            f"has {count} characters that plain letters cannot express",
            fault=Fault.UNSENDABLE,
            subject="".join(dict.fromkeys(one.character for one in refusal.characters)),
        ) from None
