"""The text line: people ask by a text message and get one short reply."""

from gateway.services.text_line.answer import AnswerText, StillAnswering, Waits
from gateway.services.text_line.line import TextLine, centre_phone
from gateway.services.text_line.reply import SendReply

__all__ = ["AnswerText", "SendReply", "StillAnswering", "TextLine", "Waits", "centre_phone"]
