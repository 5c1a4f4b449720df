"""The manifest of recorded prompts, and the sounds it names."""

from pathlib import Path

import pytest
from recorded import mp3, record, wav

from gateway.errors import ConfigurationError
from gateway.rendering.prompts import LARGEST_BYTES, PromptBook, load_prompts
from gateway.rendering.sound import NotASound, Sound, read_sound

HELLO = '[prompt.hello]\nvi = "Xin chào."\n'


def loaded(folder: Path, manifest: str, **sounds: bytes) -> PromptBook:
    return load_prompts(record(folder / "prompts", manifest, **sounds))


def test_without_a_folder_there_are_no_prompts() -> None:
    assert load_prompts(None).prompts == {}


def test_a_recording_is_known_by_its_content_not_by_its_name(tmp_path: Path) -> None:
    recorded = 'recorded = { km = "km/hello.wav", sti = "km/other.wav" }'
    book = loaded(tmp_path, HELLO + recorded, hello=wav(1.5), other=wav(2, tone=1))
    prompt = book.prompts["hello"]
    assert prompt.words == "Xin chào."
    km, sti = book.recordings
    assert [one.length_s for one in (km, sti)] == [1.5, 2.0]
    assert prompt.files == {"km": km.file, "sti": sti.file}
    assert km.file != sti.file
    assert book.files[km.file].read_bytes() == wav(1.5)
    for file in book.files:
        stem, extension = file.split(".")
        assert (len(stem), extension) == (32, "wav")
        assert int(stem, 16)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        pytest.param(None, "cannot be read: No such file or directory", id="missing"),
        pytest.param(b"", "neither WAV nor MP3", id="empty"),
        pytest.param(b"OggS" + bytes(100), "neither WAV nor MP3", id="another kind"),
        pytest.param(wav(0), "neither WAV nor MP3", id="without sound"),
        pytest.param(wav() + bytes(LARGEST_BYTES), "larger than 5 MB", id="too large"),
    ],
)
def test_a_file_that_cannot_be_played_is_a_problem_of_its_recording(
    content: bytes | None, problem: str, tmp_path: Path
) -> None:
    sounds = {} if content is None else {"hello": content}
    book = loaded(tmp_path, HELLO + 'recorded = { km = "km/hello.wav" }', **sounds)
    assert [one.problem for one in book.recordings] == [problem]
    assert book.prompts["hello"].is_lacking("km")
    assert book.files == {}


@pytest.mark.parametrize(
    ("manifest", "said"),
    [
        pytest.param("[prompt", "is not TOML", id="not TOML"),
        pytest.param("[prompt.hello]\n", "prompt.hello.vi: Field required", id="no words"),
        pytest.param(
            '[prompt.hello]\nvi = " . "', "prompt.hello.vi: .*must be words", id="no word"
        ),
        pytest.param('[prompt.hello]\nvi = "a\x7f"', "is not TOML", id="control character"),
        pytest.param('[prompt."a b"]\nvi = "Chào"', "prompt.a b: ", id="a name with a space"),
        pytest.param('[other]\na = "b"', "other: ", id="another table"),
        pytest.param(HELLO + 'recorded = { "KM" = "a" }', "recorded.KM", id="not a language"),
        pytest.param(HELLO + 'recorded = { km = "../a" }', "within the folder", id="outside"),
        pytest.param(HELLO + 'recorded = { km = "/a" }', "within the folder", id="from the root"),
        pytest.param(HELLO + "loud = true", "prompt.hello.loud", id="an unknown key"),
    ],
)
def test_a_wrong_manifest_stops_the_start_with_the_entry_and_the_reason(
    manifest: str, said: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigurationError, match=said) as error:
        loaded(tmp_path, manifest)
    assert "prompts.toml" in str(error.value)


def test_a_folder_without_a_manifest_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"prompts\.toml cannot be read"):
        load_prompts(tmp_path)


@pytest.mark.parametrize(
    ("content", "sound"),
    [
        pytest.param(wav(2), ("wav", 2.0), id="PCM"),
        pytest.param(wav(2, coding=7, bits=8), ("wav", 2.0), id="µ-law"),
        pytest.param(mp3(3), ("mp3", 3.0), id="MP3"),
        pytest.param(mp3(3, tag=b"TIT2"), ("mp3", 3.0), id="MP3 with a tag"),
    ],
)
def test_a_sound_tells_what_it_is_and_how_long(content: bytes, sound: tuple[str, float]) -> None:
    assert read_sound(content) == Sound(extension=sound[0], length_s=sound[1])


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(wav()[:30], id="cut off in its head"),
        pytest.param(b"RIFF\x04\x00\x00\x00WAVE", id="no chunks"),
        pytest.param(b"\xff\xfb\xf0\xc4" + bytes(100), id="no such bit rate"),
        pytest.param(b"\xff\xfd\x50\xc4" + bytes(100), id="layer II"),
        pytest.param(b"ID3", id="a tag alone"),
    ],
)
def test_what_no_telephone_could_play_is_no_sound(content: bytes) -> None:
    with pytest.raises(NotASound):
        read_sound(content)
