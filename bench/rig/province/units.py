"""The directory of a province: the demo's, with all units beside the one of the demo."""

import json

from bench.rig.province.skew import unit_codes


def directory(example: str) -> str:
    entries = [example]
    for code in unit_codes()[1:]:
        route = [{"channel": one, "pool": one} for one in ("zalo", "sms", "voice")]
        tables = "\n".join(
            "[[unit.route]]\n" + "\n".join(f"{k} = {json.dumps(v)}" for k, v in one.items())
            for one in route
        )
        entries.append(
            f'[[unit]]\ncode = "{code}"\nname = "Trung tâm Phục vụ hành chính công {code[4:]}"\n'
            f'verify_phone = "0271 1022"\npickup_point = "bu-dop"\n{tables}\n'
        )
    return "\n".join(entries)
