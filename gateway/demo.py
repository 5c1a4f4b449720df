"""The demo that `baotin up` brings to life on a fresh machine.

It applies the example directory, whose accounts point at the sandbox, makes up all secrets once,
makes an API key, configures the sandbox to know them, and writes down where everything is.
"""

import asyncio
import json
import os
import secrets
import tomllib
from base64 import b64encode
from pathlib import Path
from typing import Any

from gateway.domain.dossier import EventKind
from gateway.domain.staff import Role
from gateway.ledger import directory_history
from gateway.ledger.database import Database
from gateway.ledger.migrate import migrate
from gateway.providers.contract import TokenPair
from gateway.rendering.publication import title
from gateway.sealing import Hasher, Keyring, Sealer
from gateway.services.api_keys import create_key
from gateway.services.apply_directory import apply, read_file
from gateway.services.live_templates import publish_shipped
from gateway.services.passwords import Passwords
from gateway.services.rehearsal import template_id
from gateway.services.tokens import store_pair
from gateway.services.users import Rights, Users
from gateway.settings import Settings
from gateway.wiring import CONFIG, TEMPLATES, installed, stage_of

SOURCE, UNIT = "igate-bu-dop", "H10.12"

_ZALO_ACCOUNT = "zalo-oa"
_SECRETS = (
    "DEMO_ZALO_APP_SECRET",
    "DEMO_ZALO_OA_SECRET",
    "DEMO_ZALO_REFRESH_TOKEN",
    "DEMO_ESMS_API_KEY",
    "DEMO_ESMS_SECRET_KEY",
    "DEMO_ESMS_CALLBACK_TOKEN",
    "DEMO_TWILIO_TOKEN",
)
_WEBHOOK_SECRET = "DEMO_WEBHOOK_SECRET"  # noqa: S105 - the name of a variable


class Demo:
    """The files of the demo in the data folder, and how it is prepared."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._folder = settings.embedded.data_dir
        self.file = self._folder / "demo.json"
        self.sandbox_file = self._folder / "sandbox.json"
        self._secrets_file = self._folder / "demo-secrets.json"
        self._keyring_file = settings.keys.keyring_file or self._folder / "keyring.json"

    def prepare(self, database_url: str) -> dict[str, str]:
        """Migrate, apply, publish; answers the environment that all processes need."""
        made_up = self._made_up()
        os.environ.update(made_up)
        keyring = self._keyring()
        migrate(database_url)
        config = sandbox_config(self._settings, made_up)
        config["account"] += rehearsal_accounts(self._settings, keyring)
        _write_private(self.sandbox_file, config)
        asyncio.run(self._fill(database_url, Sealer(keyring), made_up))
        return {**made_up, "BAOTIN_KEYS_KEYRING_FILE": str(self._keyring_file)}

    async def _fill(self, url: str, sealer: Sealer, made_up: dict[str, str]) -> None:
        database = await Database.connect(url, size=2, statement_timeout_s=60)
        try:
            await publish_shipped(database, TEMPLATES)
            wanted = read_file(self._directory_file(), installed(self._settings))
            async with database.connection() as connection:
                # What somebody tried out in the console outlives a restart.
                edited = await directory_history.was_edited(connection, "demo")
            if not edited:
                await apply(database, sealer, wanted, "demo")
            await self._first_time(database, sealer, made_up)
            await self._people(database)
        finally:
            await database.close()

    async def _people(self, database: Database) -> None:
        """One user per role, each with a password that is shown in the demo's file only."""
        known = json.loads(self.file.read_text(encoding="utf-8"))
        if known["users"]:
            return
        users = Users(database, Passwords())
        people = [_person(role) for role in Role]
        there = {user.name for user in await users.all()}
        async with asyncio.TaskGroup() as together:
            for person in people:
                together.create_task(_enter(users, person, is_new=person["name"] not in there))
        _write_private(self.file, {**known, "users": people})

    async def _first_time(
        self, database: Database, sealer: Sealer, made_up: dict[str, str]
    ) -> None:
        """The key is shown this once; the Zalo account gets the pair its consent would give."""
        if self.file.exists():
            return
        key = await create_key(database, SOURCE, ("post", "read", "act"), "live", "demo")
        pair = TokenPair(access="", refresh=made_up["DEMO_ZALO_REFRESH_TOKEN"], expires_in_s=0)
        await store_pair(database, sealer, _ZALO_ACCOUNT, pair)
        _write_private(
            self.file,
            {
                "base_url": self._settings.web.base_url,
                "source": SOURCE,
                "unit": UNIT,
                "api_key": str(key),
                "webhook_secret": made_up[_WEBHOOK_SECRET],
                "users": [],
                "sandbox_url": self._settings.sandbox.base_url,
            },
        )

    def _directory_file(self) -> Path:
        """The example with the sandbox where this installation has it."""
        example = (CONFIG / "directory.example.toml").read_text(encoding="utf-8")
        moved = example.replace("http://127.0.0.1:9090", self._settings.sandbox.base_url)
        path = self._folder / "directory.toml"
        path.write_text(moved, encoding="utf-8")
        return path

    def _made_up(self) -> dict[str, str]:
        if self._secrets_file.exists():
            found: dict[str, str] = json.loads(self._secrets_file.read_text(encoding="utf-8"))
            return found
        made_up = {name: secrets.token_hex(16) for name in _SECRETS}
        made_up[_WEBHOOK_SECRET] = "whsec_" + b64encode(secrets.token_bytes(32)).decode()
        _write_private(self._secrets_file, made_up)
        return made_up

    def _keyring(self) -> Keyring:
        if not self._keyring_file.exists():
            Keyring.generate().save(self._keyring_file)
        return Keyring.load(self._keyring_file)


def sandbox_config(settings: Settings, made_up: dict[str, str]) -> dict[str, Any]:
    """What the simulated providers must know to recognise the demo's accounts."""
    directory = tomllib.loads((CONFIG / "directory.example.toml").read_text(encoding="utf-8"))
    accounts = {one["code"]: one for one in directory["account"]}
    zalo, esms, twilio = (accounts[code] for code in (_ZALO_ACCOUNT, "esms-main", "twilio-sms"))
    line, public = accounts["twilio-voice"]["code"], settings.web.public_url
    return {
        "account": [
            {
                "provider": "zalo",
                "code": zalo["code"],
                "app_id": zalo["settings"]["app_id"],
                "app_secret": made_up["DEMO_ZALO_APP_SECRET"],
                "oa_id": "3000000000000000001",
                "oa_name": "Trung tâm Phục vụ hành chính công (mẫu)",
                "oa_secret_key": made_up["DEMO_ZALO_OA_SECRET"],
                "refresh_token": made_up["DEMO_ZALO_REFRESH_TOKEN"],
                "webhook_url": f"{public}/receipts/{zalo['code']}",
                "template": [
                    _zalo_template(kind, number) for kind, number in zalo["templates"].items()
                ],
            },
            {
                "provider": "esms",
                "code": esms["code"],
                "api_key": made_up["DEMO_ESMS_API_KEY"],
                "secret_key": made_up["DEMO_ESMS_SECRET_KEY"],
                "brandnames": [esms["sender"]],
            },
            {
                "provider": "twilio",
                "code": twilio["code"],
                "account_sid": twilio["settings"]["account_sid"],
                "auth_token": made_up["DEMO_TWILIO_TOKEN"],
                "senders": [twilio["sender"]],
                "line_url": f"{public}/voice/{line}/inbound",
                "line_status_url": f"{public}/receipts/{line}",
                "inbound_url": f"{public}/inbound/{twilio['code']}",
            },
        ]
    }


def rehearsal_accounts(settings: Settings, keyring: Keyring) -> list[Any]:
    """The sandbox's side of the accounts that test keys send through."""
    templates = [_zalo_template(kind, template_id(kind)) for kind in EventKind]
    stage = stage_of(settings, Hasher(keyring))
    return stage.sandbox_accounts(settings.web.public_url, templates)


def _zalo_template(kind: str, number: str) -> dict[str, Any]:
    """The template as it would be registered: the parameters and limits of the shipped text."""
    text = tomllib.loads((TEMPLATES / kind / "zalo.vi.toml").read_text(encoding="utf-8"))
    params = [
        {"name": name, "title": _LABELS.get(name, name), "max_length": param["max"]}
        for name, param in text["params"].items()
    ]
    return {"id": number, "name": kind, "title": title(TEMPLATES, kind), "params": params}


_LABELS = {
    "name": "Kính gửi",
    "code": "Mã hồ sơ",
    "matter": "Thủ tục",
    "status": "Trạng thái",
    "place": "Nơi nhận",
    "when": "Thời gian",
    "note": "Lưu ý",
    "centre": "Đơn vị",
    "contact": "Kiểm tra lại",
}


async def _enter(users: Users, person: dict[str, str], *, is_new: bool) -> None:
    name, password = person["name"], person["password"]
    if is_new:
        rights = Rights(roles=frozenset({Role(person["role"])}))
        await users.add(name, rights, password, "demo", must_change=False)
    else:
        await users.reset_password(name, password, "demo", must_change=False)


def _person(role: Role) -> dict[str, str]:
    password = "-".join(secrets.token_hex(2) for _ in range(4))
    return {"name": f"demo-{role}", "role": role, "password": password}


def _write_private(path: Path, content: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(content, file, ensure_ascii=False, indent=1)
