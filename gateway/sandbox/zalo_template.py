"""The rules of a registered Zalo template, and how the service describes it."""

from collections.abc import Mapping
from typing import Any
from unicodedata import normalize

from gateway.sandbox.zalo_setting import Parameter, Template

EMPTY, WRONG_TYPE, TOO_LONG, MISSING, WRONG_FORMAT, UNKNOWN = -111, -112, -1121, -1122, -1124, -132


def misfit(template: Template, data: Any) -> int:
    """The error code of the first thing that does not fit; 0 where everything does."""
    if not isinstance(data, dict):
        return WRONG_TYPE
    if not data:
        return EMPTY
    if data.keys() - {one.name for one in template.params}:
        return UNKNOWN
    errors = (_parameter_misfit(one, data.get(one.name)) for one in template.params)
    return next(filter(None, errors), 0)


def _parameter_misfit(parameter: Parameter, value: Any) -> int:
    if value is None:
        return MISSING if parameter.required else 0
    if not isinstance(value, str):
        return WRONG_TYPE
    length = len(normalize("NFC", value))
    if parameter.required and not length:
        return MISSING
    if length > parameter.max_length:
        return TOO_LONG
    return WRONG_FORMAT if length < parameter.min_length else 0


def described(template: Template) -> dict[str, Any]:
    """As `GET /template/info/v2` tells it."""
    return {
        "templateId": template.id,
        "templateName": template.name,
        "status": template.status,
        "listParams": [_described(one) for one in template.params],
        "listButtons": [],
        "timeout": template.timeout_ms,
        "previewUrl": "",
        "templateQuality": template.quality,
        "templateTag": template.tag,
        "price_sdt": str(template.price_vnd),
        "price_uid": str(template.price_vnd),
        "applyTemplateQuota": False,
    }


def listed(template: Template) -> dict[str, Any]:
    """As `GET /template/all` tells it."""
    return {
        "templateId": template.id,
        "templateName": template.name,
        "status": template.status,
        "templateQuality": template.quality,
    }


def rows(template: Template, data: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """What the phone shows: a label and a value for each parameter."""
    present = (one for one in template.params if data.get(one.name))
    return tuple((one.title or one.name, data[one.name]) for one in present)


def _described(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "require": parameter.required,
        "type": parameter.type,
        "maxLength": parameter.max_length,
        "minLength": parameter.min_length,
        "acceptNull": not parameter.required,
    }
