"""The check code of a notice."""

from hashlib import sha256

from gateway.domain.check_code import check_code

SEED = bytes(range(16))


def test_a_code_has_ten_digits_and_is_the_same_for_the_same_seed() -> None:
    # By hand: the first 7 bytes of SHA-256 over "check" and the seed, modulo ten milliards.
    first = sha256(b"check" + SEED).hexdigest()[:14]
    assert check_code(SEED) == str(int(first, 16))[-10:]


def test_codes_of_different_seeds_have_nothing_in_common() -> None:
    codes = {check_code(number.to_bytes(16, "big")) for number in range(20_000)}
    assert len(codes) == 20_000
    assert {len(code) for code in codes} == {10}
    assert {code[0] for code in codes} == set("0123456789")
