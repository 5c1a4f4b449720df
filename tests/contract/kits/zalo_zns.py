"""Zalo in the conformance suite. Codes: zalo.cloud, handle-error-code, and the platform's
integration specification as of 2026-08."""

from told_peer import json_answer

from gateway.domain.channel import Channel, QueryBy, Receipts
from gateway.domain.message import ZaloBody
from gateway.sandbox.faults import Fault
from kits.kit import LOST_ON_THE_WIRE, Absent, Kit

SECRETS = {"app_secret": "app-12ef", "oa_secret_key": "oa-55dd"}
TOKEN, REFRESH_TOKEN = "t-1", "r-1"

_ENDINGS: dict[str, tuple[int, ...]] = {
    "rejected recipient phone_invalid": (-108,),
    "rejected recipient no_zalo_account": (-118,),
    "rejected recipient recipient_unavailable": (-110, -114, -119, -140),
    "rejected recipient recipient_refused": (-139, -141),
    "deferred provider_unavailable": (-100,),
    "later rate_limited": (-32,),
    "later night": (-133, -234),
    "later quota": (-144, -147, -1441, -1471, -1472),
    "rejected message parameter_invalid": (
        *(-106, -107, -111, -112, -121, -122, -132, -1121, -1122, -1123, -1124),
    ),
    "rejected message template_refused": (-109, -113, -1131, -131, -146),
    "rejected message content_refused": (-116, -130, -145, -153),
    "later wallet_empty": (-115, -126, -137),
    "later credentials": (-104, -1241),
    "deferred account_misconfigured": (
        *(-101, -102, -103, -105, -117, -120, -1201, -1202, -125, -127, -135, -1351, -136, -138),
        *(-1381, -161, -162, -123, -128, -129, -142, -143, -148, -149, -1491, -150, -151, -152),
        *(-158, -159, -160),
    ),
}

KIT = Kit(
    promises=(Channel.ZALO, Receipts.HANDSET, 0, QueryBy.PROVIDER_ID),
    body=ZaloBody(template="result-ready", params={"name": "Nguyễn Văn Thu", "code": "H10-1"}),
    taken=json_answer({"error": 0, "message": "Success", "data": {"msg_id": "z-1"}}),
    account={
        "settings": {
            "app_id": "4000",
            "oauth_base_url": "{base_url}-oauth",
            "check_template": "0",
        },
        "templates": {"result-ready": "7788"},
        "secrets": SECRETS,
    },
    path="/zalo",
    simulator=lambda inbox_url: {
        "provider": "zalo",
        "code": "zalo",
        "app_id": "4000",
        "app_secret": SECRETS["app_secret"],
        "oa_id": "oa-1",
        "oa_name": "Bao tin",
        "oa_secret_key": SECRETS["oa_secret_key"],
        "refresh_token": REFRESH_TOKEN,
        "access_token": TOKEN,
        "webhook_url": f"{inbox_url}/receipts/zalo",
        "template": [
            {
                "id": "7788",
                "name": "result-ready",
                "params": [{"name": "name", "max_length": 30}, {"name": "code"}],
            }
        ],
    },
    endings={
        **LOST_ON_THE_WIRE,
        Fault.ERROR_IN_200: "deferred provider_unavailable",
        Fault.WALLET_EMPTY: "later wallet_empty",
        Fault.CREDENTIALS: "later credentials",
        Fault.BLOCKED: "rejected recipient recipient_refused",
    },
    codes={str(code): ending for ending, codes in _ENDINGS.items() for code in codes},
    unlisted=("-9999", "deferred unknown_code"),
    reports={
        Fault.NONE: "delivered",
        Fault.FAILED: Absent(why="Zalo reports arrivals only"),
        Fault.RECEIPT_TWICE: "delivered",
        Fault.RECEIPT_UNKNOWN: "delivered",
        Fault.RECEIPT_FORGED: "refused",
    },
    queries={Fault.RECEIPT_LOST: "delivered", Fault.FAILED: "progress"},
    lost="silence",
)
