"""`baotin speak`, `baotin check-config` and the renderer of a process, with a site's own list."""

import json
import os
import shutil
import wave
from io import BytesIO
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.cli import main
from gateway.domain.speech import read_aloud
from gateway.errors import ConfigurationError, VoiceUnavailable
from gateway.settings import load_settings
from gateway.speech_audio import wav_of
from gateway.wiring import reader_of

needs_a_voice = pytest.mark.skipif(
    shutil.which("espeak-ng") is None, reason="espeak-ng is not installed; nothing was heard"
)


def baotin(*arguments: str, given: str = "", **environment: str) -> Result:
    return CliRunner().invoke(main, arguments, input=given, env=environment)


def test_the_words_are_printed_as_spoken() -> None:
    assert (
        baotin("speak", "UBND xã, 105 hồ sơ").output
        == "ủy ban nhân dân xã, một trăm lẻ năm hồ sơ\n"
    )


def test_a_text_can_come_from_standard_input_and_the_answer_be_json() -> None:
    answer = baotin("speak", "-", "--json", given="Ông Lê Văn Thử, 05/3\n")
    assert json.loads(answer.output) == {
        "text": "Ông Lê Văn Thử, 05/3",
        "spoken": "Ông Lê Văn Thử, ngày năm tháng ba",
        "language": "vi",
    }


def test_a_text_without_end_is_refused() -> None:
    answer = baotin("speak", "-", given="a" * 5000)
    assert answer.exit_code == 1
    assert "more than 4000 characters" in answer.output


def test_the_settings_choose_the_words_of_the_region() -> None:
    answer = baotin("speak", "1105", BAOTIN_SPEECH_ZERO_TENS="linh", BAOTIN_SPEECH_THOUSAND="ngàn")
    assert answer.output == "một ngàn một trăm linh năm\n"


def test_a_region_may_be_written_with_loose_marks() -> None:
    settings = load_settings({"BAOTIN_SPEECH_ZERO_TENS": "le\u0309"})
    assert settings.speech.zero_tens == "lẻ"


@pytest.mark.parametrize("key", ["ZERO_TENS", "THOUSAND"])
def test_a_word_of_no_region_stops_the_start(key: str) -> None:
    with pytest.raises(ConfigurationError, match=f"speech.{key.lower()}"):
        load_settings({f"BAOTIN_SPEECH_{key}": "link"})


def test_a_site_s_list_reaches_the_reader_of_every_process(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text('[say]\n"BĐ" = "Bù Đốp"\n', encoding="utf-8")
    settings = load_settings({"BAOTIN_SPEECH_PRONUNCIATIONS_FILE": str(tmp_path / "own.toml")})
    assert read_aloud("UBND BĐ", reader_of(settings)) == "ủy ban nhân dân Bù Đốp"


def test_a_bad_list_is_named_with_its_setting_and_its_reason(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text('[say]\n"BĐ" = 5\n', encoding="utf-8")
    answer = baotin("check-config", BAOTIN_SPEECH_PRONUNCIATIONS_FILE=str(tmp_path / "own.toml"))
    assert answer.exit_code == 1
    assert "speech.pronunciations_file" in answer.output
    assert "own.toml: what is said for 'BĐ' must be a text" in answer.output


def test_bad_words_of_the_line_are_told_beforehand(tmp_path: Path) -> None:
    (tmp_path / "line.toml").write_text('greeting = "{state}"\n', encoding="utf-8")
    answer = baotin("check-config", BAOTIN_VOICE_LINE_FILE=str(tmp_path / "line.toml"))
    assert answer.exit_code == 1
    assert "line.toml: greeting: names {state}" in answer.output


@needs_a_voice
async def test_words_become_a_sound_whose_header_knows_its_length() -> None:
    sound = await wav_of("xin chào")
    with wave.open(BytesIO(sound)) as file:
        seconds = file.getnframes() / file.getframerate()
        assert len(file.readframes(file.getnframes())) == 2 * file.getnframes()
    assert 0.3 < seconds < 3


@needs_a_voice
def test_the_sound_is_written_beside_the_words(tmp_path: Path) -> None:
    file = tmp_path / "notice.wav"
    answer = baotin("speak", "Xin chào", "--json", "--audio", str(file))
    assert json.loads(answer.output)["audio"] == str(file)
    assert file.read_bytes().startswith(b"RIFF")


def test_without_espeak_a_sentence_says_how_to_install_it(tmp_path: Path) -> None:
    answer = baotin(
        "speak", "Xin chào", "--audio", str(tmp_path / "notice.wav"), PATH=str(tmp_path)
    )
    assert answer.exit_code == 1
    assert "apt-get install espeak-ng" in answer.output


@pytest.mark.parametrize(
    ("text", "reason"), [("", "nothing to say"), ("a" * 4001, "more than 4000 characters")]
)
async def test_what_cannot_be_spoken_is_refused(text: str, reason: str) -> None:
    with pytest.raises(VoiceUnavailable, match=reason):
        await wav_of(text)


@pytest.mark.parametrize(
    ("program", "reason"),
    [("exec sleep 60", "longer than 0.2 s"), ("exit 1", "espeak-ng failed"), ("echo", "failed")],
)
async def test_a_voice_that_hangs_or_fails_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str, reason: str
) -> None:
    script = tmp_path / "espeak-ng"
    script.write_text(f"#!/bin/sh\n{program}\n", encoding="utf-8")
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(VoiceUnavailable, match=reason):
        await wav_of("xin chào", time_limit_s=0.2)
