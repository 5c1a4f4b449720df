"""The commands about calls: how one reads a text, and how those that were made went."""

import sys
from pathlib import Path

import click

from gateway.commands.frame import complete, explained, print_json, settings_for, table
from gateway.settings import load_settings

_FROM_STANDARD_INPUT = "-"
_LONGEST = 4000


@click.command("speak")
@click.argument("text")
@click.option("--json", "as_json", is_flag=True)
@click.option(
    "--audio",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write it as a WAV file, too; needs espeak-ng.",
)
@explained
def speak(text: str, *, as_json: bool, audio: Path | None) -> None:
    """How a call reads a text aloud: every number, date, code and abbreviation in words.

    With - as TEXT it is read from standard input, so that a person's name need not stand in the
    history of a shell.
    """
    from gateway.domain.speech import read_aloud
    from gateway.wiring import reader_of

    text = _given(text)
    spoken = read_aloud(text, reader_of(load_settings()))
    if audio:
        _save(audio, spoken)
    if as_json:
        written = {"audio": str(audio)} if audio else {}
        print_json({"text": text, "spoken": spoken, "language": "vi", **written})
    else:
        click.echo(spoken)


def _given(text: str) -> str:
    if text == _FROM_STANDARD_INPUT:
        text = sys.stdin.read(_LONGEST + 1).strip()
    if len(text) > _LONGEST:
        raise click.ClickException(f"a text of more than {_LONGEST} characters is not read")
    return text


def _save(file: Path, spoken: str) -> None:
    from gateway.speech_audio import wav_of

    sound = complete(wav_of(spoken))
    try:
        file.write_bytes(sound)
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written: {error.strerror}") from None


@click.command("calls")
@click.option("--days", default=30, show_default=True, type=click.IntRange(1, 730))
@click.option("--unit", default=None, help="Only calls in the name of this unit.")
@click.option("--json", "as_json", is_flag=True)
@explained
def calls(*, days: int, unit: str | None, as_json: bool) -> None:
    """How calls went: made, answered, heard and understood are different things.

    Heard is who listened to the end of the notice; understood is who then pressed 2. Under `line`
    stands what people who called asked, and how often it was answered.
    """
    from gateway.administration.calls import summary

    found = complete(summary(settings_for("calls"), days, unit))
    print_json(found) if as_json else click.echo(table(found))
