"""What somebody has typed into the boxes of the editor, as the text that it makes."""

from gateway.domain.channel import Channel
from gateway.rendering.fields import Taken, put_together, take_apart, with_texts
from gateway.services.desk.drafting import kept_form, tidied
from gateway.web.console.unsaved import BOX, WHOLE
from gateway.web.console.visit import Form

_LETTERS = {"plain": False, "accented": True}


def body_of(channel: Channel, form: Form) -> str:
    """Raises DeskRefusal for a text without end."""
    return kept_form(typed_of(channel, form))


def typed_of(channel: Channel, form: Form) -> str:
    """The same, however long."""
    if form.exact(WHOLE):
        return tidied(form.exact(WHOLE))
    base = base_of(form)
    before = take_apart(channel, base)
    after = with_texts(before, _texts(before, form), _LETTERS.get(form["letters"]))
    # What nobody touched stays as it was written, its blanks included.
    return base if after == before else tidied(put_together(channel, after))


def base_of(form: Form) -> str:
    """The text that the boxes were made of."""
    return tidied(form.exact("base"))


def revision_of(form: Form) -> int:
    return form.number("revision")


def _texts(taken: Taken, form: Form) -> dict[str, str]:
    names = [f"{field.name}{part}" for field in taken.fields for part in ("", ".short", ".max")]
    return {name: form.exact(f"{BOX}{name}") for name in names if form.has(f"{BOX}{name}")}
