"""Tries every template on invented events and says, in sentences for staff, what is wrong."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gateway.domain.call import NO_PROMPTS, Prompts
from gateway.domain.message import SmsBody
from gateway.domain.speech import READER, Reader
from gateway.errors import RenderError
from gateway.rendering.publication import TemplateKey, TemplateVersion
from gateway.rendering.renderer import Ready, ready, render, shown
from gateway.rendering.rules import RULES, Tried
from gateway.rendering.samples import Sample


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing wrong with one template; `sample` is the first event that shows it, if one does."""

    key: TemplateKey
    rule: str
    sentence: str
    sample: str = ""

    def __str__(self) -> str:
        seen = f" (mẫu thử: {self.sample})" if self.sample else ""
        return f"{self.key}: {self.sentence}{seen}"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One template tried on one sample. `segments` is 0 for what is not an SMS."""

    key: TemplateKey
    sample: str
    segments: int
    text: str


def lint(
    templates: Iterable[TemplateVersion],
    samples: Iterable[Sample],
    reader: Reader = READER,
    prompts: Prompts = NO_PROMPTS,
) -> tuple[Finding, ...]:
    """Every rule a template breaks, once each."""
    samples = tuple(samples)
    first: dict[tuple[TemplateKey, str], Finding] = {}
    tried = (each for one in templates for each in _findings(one, samples, reader, prompts))
    for finding in tried:
        first.setdefault((finding.key, finding.rule), finding)
    return tuple(first.values())


def lint_report(
    templates: Iterable[TemplateVersion],
    samples: Iterable[Sample],
    reader: Reader = READER,
    prompts: Prompts = NO_PROMPTS,
) -> tuple[Row, ...]:
    """What citizens would get. Raises RenderError for a template that `lint` finds unusable."""
    samples = tuple(samples)
    return tuple(row for each in templates for row in _rows(each, samples, reader, prompts))


def _findings(
    version: TemplateVersion, samples: tuple[Sample, ...], reader: Reader, prompts: Prompts
) -> Iterator[Finding]:
    try:
        prepared = ready(version, reader, prompts)
    except RenderError as error:
        yield Finding(
            key=version.key, rule="unusable", sentence=f"mẫu tin không dùng được: {error}"
        )
        return
    for sample in samples:
        yield from _findings_on(version, prepared, sample, reader)


def _findings_on(
    version: TemplateVersion, prepared: Ready, sample: Sample, reader: Reader
) -> Iterator[Finding]:
    try:
        tried = _tried(version, prepared, sample, reader)
    except RenderError as error:
        sentence = f"không tạo được tin: {error}"
        yield Finding(key=version.key, rule="unusable", sentence=sentence, sample=sample.name)
        return
    for rule, check in RULES.items():
        if breach := check(tried):
            yield Finding(key=version.key, rule=rule, sentence=breach.vi, sample=sample.name)


def _rows(
    version: TemplateVersion, samples: tuple[Sample, ...], reader: Reader, prompts: Prompts
) -> Iterator[Row]:
    prepared = ready(version, reader, prompts)
    for sample in samples:
        body = render(version, prepared, sample.facts(version.key.kind))
        segments = body.segments if isinstance(body, SmsBody) else 0
        yield Row(
            key=version.key,
            sample=sample.name,
            segments=segments,
            text=shown(prepared, body),
        )


def _tried(version: TemplateVersion, prepared: Ready, sample: Sample, reader: Reader) -> Tried:
    facts = sample.facts(version.key.kind)
    body = render(version, prepared, facts)
    return Tried(
        kind=version.key.kind, facts=facts, body=body, text=shown(prepared, body), reader=reader
    )
