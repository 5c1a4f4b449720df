"""Whether releasing a held notification could reach a person a second time."""

import pytest

from gateway.domain.held import HeldView, Memory, Prospect, prospect

HOUR_S = 3600.0
MEMORY = Memory(
    account_s={"esms": 3 * HOUR_S, "esms-2": 3 * HOUR_S, "zalo": 0.0},
    pools={"sms": ("esms",), "two": ("esms", "esms-2"), "zalo": ("zalo",)},
)


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        pytest.param(HeldView(pool="sms"), Prospect.READY, id="storm guard, no restore"),
        pytest.param(HeldView(pool="zalo"), Prospect.READY, id="no restore, forgetful account"),
        pytest.param(
            HeldView(pool="sms", since_backup_s=HOUR_S),
            Prospect.READY,
            id="what was sent since the backup would be recognised",
        ),
        pytest.param(
            HeldView(pool="sms", since_backup_s=3 * HOUR_S),
            Prospect.MAYBE_SENT,
            id="backup older than the account's memory",
        ),
        pytest.param(
            HeldView(pool="zalo", since_backup_s=60.0),
            Prospect.MAYBE_SENT,
            id="the account never recognises a reference",
        ),
        pytest.param(
            HeldView(pool="two", since_backup_s=60.0),
            Prospect.MAYBE_SENT,
            id="the other account of the pool may have sent it",
        ),
        pytest.param(
            HeldView(pool="gone", since_backup_s=60.0),
            Prospect.MAYBE_SENT,
            id="pool no longer in the directory",
        ),
        pytest.param(
            HeldView(pool="sms", account="esms", opened_s_ago=HOUR_S),
            Prospect.ASK_AGAIN,
            id="a lost answer the account still remembers",
        ),
        pytest.param(
            HeldView(pool="sms", account="esms", opened_s_ago=4 * HOUR_S),
            Prospect.MAYBE_SENT,
            id="a lost answer the account has forgotten",
        ),
        pytest.param(
            HeldView(pool="zalo", account="zalo", opened_s_ago=1.0),
            Prospect.MAYBE_SENT,
            id="a lost answer of an account that sends twice",
        ),
        pytest.param(
            HeldView(pool="sms", earlier_doubt=True, account="esms", opened_s_ago=1.0),
            Prospect.MAYBE_SENT,
            id="two tries in doubt",
        ),
        pytest.param(
            HeldView(pool="sms", late=True, since_backup_s=60.0), Prospect.LATE, id="too late"
        ),
    ],
)
def test_what_releasing_would_mean(held: HeldView, expected: Prospect) -> None:
    assert prospect(held, MEMORY) is expected
