"""Posts one signed event.

pip install standardwebhooks "cloudevents>=2"
BAOTIN_URL=… BAOTIN_SOURCE=… BAOTIN_SECRET=whsec_… python client.py
"""

import os
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime
from uuid import uuid4

from cloudevents.core.bindings.http import to_structured_event
from cloudevents.core.v1.event import CloudEvent
from standardwebhooks import Webhook

URL, SOURCE = os.environ["BAOTIN_URL"], os.environ["BAOTIN_SOURCE"]
SIGNING = Webhook(os.environ["BAOTIN_SECRET"])
PATIENCE_S = (1, 5, 30, 120, 600)


def result_ready(code: str, name: str, phone: str) -> CloudEvent:
    attributes = {
        "specversion": "1.0",
        # The same for the same fact, for ever: it is what makes posting again safe.
        "id": f"{code}-9",
        "source": "/h10/bu-dop/igate",
        "type": "vn.dossier.result-ready",
        "datacontenttype": "application/json",
    }
    data = {
        "dossier": {"code": code},
        "applicant": {"name": name, "kind": "person", "phones": [phone]},
        "unit": "H10.12",
        "pickup": {"point": "bu-dop"},
        "return_by": "desk",
    }
    return CloudEvent(attributes=attributes, data=data)


def post(event: CloudEvent) -> bytes:
    """Answers what the gateway answered; tries again while it is away or busy."""
    body = bytes(to_structured_event(event).body)
    for patience_s in (*PATIENCE_S, None):
        try:
            with urllib.request.urlopen(_signed(body), timeout=10) as answer:
                return bytes(answer.read())
        except urllib.error.HTTPError as error:
            # 409 and other 4xx stay wrong however often they are posted.
            if patience_s is None or (error.code < 500 and error.code != 429):
                raise
            time.sleep(float(error.headers.get("Retry-After", patience_s)))
        except OSError:
            if patience_s is None:
                raise
            time.sleep(patience_s)
    raise AssertionError("unreachable")


def _signed(body: bytes) -> urllib.request.Request:
    message_id, now = f"msg_{uuid4()}", datetime.now(UTC)
    headers = {
        "Content-Type": "application/cloudevents+json",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": SIGNING.sign(message_id, now, body.decode()),
    }
    return urllib.request.Request(f"{URL}/v1/sources/{SOURCE}/events", body, headers)


if __name__ == "__main__":
    ready = result_ready("000.00.12.H10-241105-0003", "Trần Văn Bình", "0912 345 678")
    print(post(ready).decode())
