"""What a running call proves, whatever becomes of its words."""

import json

import pytest
from office import SECRET_PATH, VOICE_TERMS, Office, Phone, posted

from gateway.domain.call import Moment
from gateway.providers.contract import ReceiptRequest
from gateway.services.accounts import Accounts
from gateway.services.addresses import Addresses
from gateway.services.phone_call import PhoneCall
from gateway.services.receive import Refused
from gateway.web.receipts import spoken

ACCOUNT = "esms"
ADDRESSES = Addresses("http://gateway")


def pressed(reference: str, key: str) -> ReceiptRequest:
    return ReceiptRequest(
        method="POST",
        url=ADDRESSES.call(ACCOUNT, reference, Moment.ASKED),
        path_token=SECRET_PATH,
        headers={},
        query={},
        body=json.dumps({"call_id": "call-1", "keys": key}).encode(),
    )


async def test_a_key_counts_although_the_person_was_erased_meanwhile(office: Office) -> None:
    [notice] = await office.owed(posted())
    await office.serve()
    [submission] = office.sms.sent
    office.accounts = Accounts(lambda _provider, _access: Phone(VOICE_TERMS))
    office.accounts.update(office.directory.now)
    receive = office.receive()
    call = PhoneCall(
        database=office.database,
        accounts=office.accounts,
        compose=office.compose,
        addresses=ADDRESSES,
        receive=receive,
    )
    await office.rows(
        "UPDATE notification SET sealed = NULL, seal_key = NULL WHERE id = $1 RETURNING 1", notice
    )
    request = pressed(submission.reference, "2")
    with pytest.raises(Refused):
        await call.next_words(ACCOUNT, submission.reference, Moment.ASKED, request)
    answer = await spoken(
        lambda: call.next_words(ACCOUNT, submission.reference, Moment.ASKED, request),
        lambda: call.sorry(ACCOUNT, request),
        brings_news=True,
    )
    assert "cuộc gọi gặp sự cố" in str(answer.text)
    await receive.drained()
    assert await office.state(notice) == ("acknowledged", None)
