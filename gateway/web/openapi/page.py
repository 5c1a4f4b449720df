"""The description as a plain page without scripts: every call with its fields and answers."""

import html
import json
from importlib.resources import files

from gateway.web.openapi.schemas import Json


def page_of(schema: Json) -> str:
    page = files("gateway.web").joinpath("docs.html").read_text(encoding="utf-8")
    calls = "".join(
        _call(path, method, call)
        for path, methods in schema["paths"].items()
        for method, call in methods.items()
        if method in ("get", "post")
    )
    schemas = "".join(
        f'<details id="{name}"><summary><code>{name}</code></summary>'
        f"<pre>{html.escape(json.dumps(body, ensure_ascii=False, indent=1))}</pre></details>"
        for name, body in sorted(schema["components"]["schemas"].items())
    )
    return page.replace("{{calls}}", calls).replace("{{schemas}}", schemas)


def _call(path: str, method: str, call: Json) -> str:
    answers = "".join(
        f"<tr><td>{status}</td><td>{_described(one)}</td></tr>"
        for status, one in call["responses"].items()
    )
    described = html.escape(call.get("description", ""))
    return (
        f"<section><h3><span class='verb'>{method.upper()}</span>"
        f" <code>{html.escape(path)}</code></h3>"
        f"<p>{html.escape(call['summary'])}. {described}</p>"
        f"{_takes(call)}<table><tr><th>Status</th><th>Body</th></tr>{answers}</table></section>"
    )


def _takes(call: Json) -> str:
    content = call.get("requestBody", {}).get("content", {})
    kinds = ", ".join(f"<code>{kind}</code>" for kind in content)
    return f"<p>Takes {kinds}.</p>" if kinds else ""


def _described(one: Json) -> str:
    for body in one.get("content", {}).values():
        reference = body["schema"].get("$ref", "")
        if reference:
            name = reference.rsplit("/", 1)[-1]
            return f"<a href='#{name}'>{name}</a>"
    return html.escape(one["description"])
