"""The work every contender does for a message: render the text, call the provider, update its row.

Connections are opened once per process and kept. What differs between the contenders is only how a
message gets from the producer to this function.
"""

import os
import uuid
from typing import Any

import jinja2
import psycopg
import requests

TABLE = """
CREATE TABLE IF NOT EXISTS peer_message (
    id          uuid        PRIMARY KEY,
    phone       text        NOT NULL,
    state       text        NOT NULL DEFAULT 'waiting',
    provider_id text,
    created_at  timestamptz NOT NULL DEFAULT now(),
    sent_at     timestamptz
)
"""
_TEMPLATE = jinja2.Environment(autoescape=False).from_string(
    "{{ centre }}: hồ sơ số {{ code }}{% if procedure %} ({{ procedure }}){% endif %} của"
    " {{ owner }} đã có kết quả. Kính mời {{ you }} đến nhận tại {{ where }}, {{ when }}."
    "{% if fee %} Xin mang theo {{ fee }} phí, lệ phí.{% endif %} Kiểm tra lại: gọi {{ verify }}."
)
_connection: psycopg.Connection | None = None
_session: requests.Session | None = None


def database() -> psycopg.Connection:
    global _connection
    if _connection is None:
        _connection = psycopg.connect(os.environ["PEER_DATABASE"], autocommit=True)
    return _connection


def provider() -> requests.Session:
    global _session
    if _session is None:
        _session = requests.Session()
    return _session


def facts(number: int) -> dict[str, Any]:
    """What the producer knows of one message."""
    return {
        "centre": "TTPVHCC Bu Dop",
        "code": f"H10.12-260105-{number:07d}",
        "procedure": "Doi giay phep lai xe",
        "owner": "Ong/Ba Nguyen Thi Minh Anh",
        "you": "Ong/Ba",
        "where": "Quay tra ket qua Bu Dop, so 1 duong Le Hong Phong",
        "when": "tu thu Hai, 05/01/2026 (7:00-11:30, 13:30-17:00)",
        "fee": "",
        "verify": "0271 1022",
    }


def write(message_id: str, phone: str) -> None:
    database().execute("INSERT INTO peer_message (id, phone) VALUES (%s, %s)", (message_id, phone))


def send(message_id: str, phone: str, known: dict[str, Any]) -> None:
    fields = {
        "ApiKey": "k",
        "SecretKey": "s",
        "Brandname": "TTPVHCC",
        "SmsType": "2",
        "IsUnicode": "0",
        "Sandbox": "0",
        "Phone": phone,
        "Content": _TEMPLATE.render(known),
        "RequestId": uuid.UUID(message_id).hex,
        "CallbackUrl": "",
    }
    answer = provider().post(os.environ["PEER_PROVIDER"], json=fields, timeout=10).json()
    database().execute(
        "UPDATE peer_message SET state = 'sent', provider_id = %s, sent_at = now() WHERE id = %s",
        (answer["SMSID"], message_id),
    )
