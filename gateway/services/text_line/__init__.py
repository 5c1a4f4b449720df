"""The text line: people ask by a text message and get one short reply."""

from gateway.services.text_line.answer import AnswerText, StillAnswering, Waits
from gateway.services.text_line.line import HelpLine, TextLine
from gateway.services.text_line.reply import SendReply

__all__ = ["AnswerText", "HelpLine", "SendReply", "StillAnswering", "TextLine", "Waits"]
