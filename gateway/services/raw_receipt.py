"""A provider's request as it is kept: sealed as it came, opened when it is read."""

import base64
import json

from gateway.ledger.receipts import RawReceipt
from gateway.providers.contract import ReceiptRequest
from gateway.sealing import Sealer
from gateway.services.minting import mint


def sealed(account: str, request: ReceiptRequest, sealer: Sealer) -> RawReceipt:
    receipt_id = mint()
    plain = json.dumps(
        {
            "method": request.method,
            "url": request.url,
            "path_token": request.path_token,
            "headers": dict(request.headers),
            "query": dict(request.query),
            "body": base64.b64encode(request.body).decode(),
        }
    ).encode()
    locked, seal_key = sealer.seal(plain, receipt_id.bytes)
    return RawReceipt(id=receipt_id, account=account, sealed=locked, seal_key=seal_key)


def opened(raw: RawReceipt, sealer: Sealer) -> ReceiptRequest:
    """Raises KeyVersionError or SealError."""
    stored = json.loads(sealer.open(raw.sealed, raw.seal_key, raw.id.bytes))
    return ReceiptRequest(**{**stored, "body": base64.b64decode(stored["body"])})
