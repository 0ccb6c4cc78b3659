"""Codes on letters: what is drawn, what is kept, and how forgivingly they are read."""

import hashlib
import hmac
import itertools
from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cheques import codes

PEPPER = b"pepper of the test, 32 bytes long"
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def from_seed(seed: int) -> Callable[[int], bytes]:
    """Chance that repeats itself: the same seed gives the same letters."""
    return lambda n: hashlib.shake_128(seed.to_bytes(4, "big")).digest(n)


def draw(seed: int) -> codes.Drawn:
    return codes.draw(pepper=PEPPER, token_bytes=from_seed(seed))


MOUNIRS = draw(1)


def accepted(code: str) -> bool:
    try:
        codes.read(code)
    except codes.Mistyped:
        return False
    return True


SEVERAL = [draw(seed).printed_code.replace("-", "") for seed in range(6)] + ["0" * 16]


@pytest.mark.parametrize("code", SEVERAL)
def test_every_single_wrong_symbol_is_caught(code: str) -> None:
    assert accepted(code)
    wrong = [
        code[:place] + symbol + code[place + 1 :]
        for place, symbol in itertools.product(range(16), ALPHABET)
        if symbol != code[place]
    ]
    assert len(wrong) == 16 * 31
    assert [code for code in wrong if accepted(code)] == []


@pytest.mark.parametrize("left", range(15))
def test_every_swap_of_neighbours_is_caught(left: int) -> None:
    """Every pair of symbols on these two places; one other place is chosen so that the code is a good one."""
    free = 0 if left else 15
    missed = []
    for first, second in itertools.combinations(ALPHABET, 2):
        code = complete(MOUNIRS.printed_code.replace("-", ""), {left: first, left + 1: second}, free=free)
        if accepted(swapped(code, left, left + 1)):
            missed.append(code)
    assert missed == []


def test_symbols_that_changed_places_further_apart_are_caught_as_well() -> None:
    missed = []
    for seed in range(100):
        code = draw(seed).printed_code.replace("-", "")
        for left, right in itertools.combinations(range(16), 2):
            if code[left] != code[right] and accepted(swapped(code, left, right)):
                missed.append((code, left, right))
    assert missed == []


def swapped(code: str, left: int, right: int) -> str:
    symbols = list(code)
    symbols[left], symbols[right] = symbols[right], symbols[left]
    return "".join(symbols)


def complete(code: str, changed: dict[int, str], *, free: int) -> str:
    """`code` with symbols changed, and at place `free` the one symbol that makes it a good code again."""
    symbols = [changed.get(place, symbol) for place, symbol in enumerate(code)]
    good = []
    for symbol in ALPHABET:
        symbols[free] = symbol
        if accepted("".join(symbols)):
            good.append("".join(symbols))
    (only,) = good
    return only


def test_a_check_of_equal_weights_would_miss_swaps() -> None:
    """The control: a plain sum sees a wrong symbol, and no swap at all."""

    def plain_sum(code: str) -> int:
        total = 0
        for symbol in code:
            total ^= ALPHABET.index(symbol)
        return total

    code = MOUNIRS.printed_code.replace("-", "")
    wrong = swapped(code, 0, 1)
    assert code != wrong
    assert plain_sum(code) == plain_sum(wrong)
    assert not accepted(wrong)


def test_the_printed_code_has_four_groups_and_reads_back_as_what_is_stored() -> None:
    groups = MOUNIRS.printed_code.split("-")
    assert [len(group) for group in groups] == [4, 4, 4, 4]
    typed = codes.read(MOUNIRS.printed_code)
    assert typed.selector == MOUNIRS.stored.selector == MOUNIRS.selector
    assert typed.secret == MOUNIRS.secret
    assert codes.verify_secret(
        typed.secret, salt=MOUNIRS.stored.salt, digest=MOUNIRS.stored.secret_digest, pepper=PEPPER
    )


def test_what_is_stored_is_what_the_design_says() -> None:
    slow = hashlib.pbkdf2_hmac("sha256", MOUNIRS.secret.encode(), MOUNIRS.stored.salt, 1000)
    assert MOUNIRS.stored.secret_digest == hmac.new(PEPPER, slow, "sha256").digest()
    assert MOUNIRS.stored.token_digest == hmac.new(PEPPER, MOUNIRS.token.encode(), "sha256").digest()
    assert len(MOUNIRS.stored.salt) == 16


def test_plain_codes_do_not_show_when_a_drawn_cheque_is_logged() -> None:
    typed = codes.read(MOUNIRS.printed_code)
    scanned = codes.read_fragment(f"{MOUNIRS.selector}.{MOUNIRS.token}")
    shown = repr(MOUNIRS) + repr(typed) + repr(scanned)
    assert MOUNIRS.selector in shown
    for plain in (MOUNIRS.printed_code, MOUNIRS.secret, MOUNIRS.token):
        assert plain not in shown


def test_every_symbol_is_equally_likely_in_selector_secret_and_token() -> None:
    """Each byte of chance is used once, and the 256 values of a byte give each symbol eight times."""
    per_symbol: Counter[str] = Counter()
    for byte in range(256):
        drawn = codes.draw(pepper=PEPPER, token_bytes=bytes([byte]).__mul__)
        assert set(drawn.selector) == set(drawn.secret) == set(drawn.token)
        per_symbol[drawn.token[0]] += 1
    assert per_symbol == dict.fromkeys(ALPHABET, 8)
    places = codes.draw(pepper=PEPPER, token_bytes=lambda n: bytes(place % 32 for place in range(n)))
    assert places.selector + places.secret + places.token == (ALPHABET * 2)[: 6 + 9 + 26]


def test_without_being_told_chance_comes_from_the_system_and_never_twice() -> None:
    drawn = [codes.draw(pepper=PEPPER) for _ in range(50)]
    assert len({one.printed_code for one in drawn} | {one.token for one in drawn}) == 100
    assert len({one.stored.salt for one in drawn}) == 50


@pytest.mark.parametrize(
    "typed",
    [
        "Z0Z1-Z0Z1-Z0Z1-Z0Z",
        "z0z1z0z1z0z1z0z",
        "zoziZOZLzOzlZoZ",
        "  Z0Z1 Z0Z1 Z0Z1 Z0Z",
        "Z0Z1–Z0Z1—Z0Z1−Z0Z",
        "Z 0 Z 1 Z0Z1\tZ0Z1\r\nZ0Z",
        "Z0Z1.Z0Z1_Z0Z1‑Z0Z",
        "\u200bＺ０Ｚ１Z0Z1Z0Z1Z0Z",
    ],
)
def test_case_separators_and_lookalikes_do_not_matter(typed: str) -> None:
    check = complete("Z0Z1Z0Z1Z0Z1Z0Z0", {}, free=15)[-1]
    assert codes.read(typed + check) == codes.Typed(selector="Z0Z1Z0", secret="Z1Z0Z1Z0Z")
    assert codes.read(typed + check.lower() + " ").selector == "Z0Z1Z0"


@given(st.integers(0, 2**32 - 1), st.data())
def test_any_code_reads_back_however_it_is_typed(seed: int, data: st.DataObject) -> None:
    drawn = draw(seed)
    typed = "".join(
        data.draw(st.sampled_from(["", "", "", " ", "-", " - ", "\u00a0"]))
        + data.draw(st.sampled_from([symbol, symbol.lower(), *{"0": "Oo", "1": "IiLl"}.get(symbol, "")]))
        for symbol in drawn.printed_code.replace("-", "")
    )
    assert codes.read(typed) == codes.Typed(selector=drawn.selector, secret=drawn.secret)


@given(st.text(max_size=40))
def test_whatever_is_typed_there_is_one_clear_answer(text: str) -> None:
    try:
        typed = codes.read(text)
    except (codes.Mistyped, codes.WrongLength):
        return
    assert set(typed.selector + typed.secret) <= set(ALPHABET)


@pytest.mark.parametrize(("place", "group"), [(0, 1), (3, 1), (4, 2), (11, 3), (12, 4), (15, 4)])
@pytest.mark.parametrize("symbol", ["U", "u", "*", "é"])
def test_a_symbol_that_no_letter_has_points_at_its_group(place: int, group: int, symbol: str) -> None:
    code = MOUNIRS.printed_code.replace("-", "")
    with pytest.raises(codes.Mistyped) as caught:
        codes.read(code[:place] + symbol + code[place + 1 :])
    assert caught.value.group == group


def test_a_typo_between_symbols_that_exist_points_at_no_group() -> None:
    code = MOUNIRS.printed_code
    with pytest.raises(codes.Mistyped) as caught:
        codes.read(("8" if code[0] != "8" else "B") + code[1:])
    assert caught.value.group is None


@pytest.mark.parametrize(
    ("text", "length"), [("", 0), (" - ", 0), ("ABCD-EFGH", 8), ("A" * 15, 15), ("A" * 17, 17)]
)
def test_too_short_or_too_long_is_said_with_the_length(text: str, length: int) -> None:
    with pytest.raises(codes.WrongLength) as caught:
        codes.read(text)
    assert caught.value.length == length


@pytest.mark.parametrize("other", ["another secret", "another salt", "another pepper"])
def test_a_wrong_secret_salt_or_pepper_opens_nothing(other: str) -> None:
    stored = MOUNIRS.stored
    assert not codes.verify_secret(
        draw(2).secret if other == "another secret" else MOUNIRS.secret,
        salt=draw(2).stored.salt if other == "another salt" else stored.salt,
        digest=stored.secret_digest,
        pepper=b"pepper of somebody else, 32 bytes" if other == "another pepper" else PEPPER,
    )


def test_an_unknown_selector_costs_the_same_hashes_as_a_wrong_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    work: list[tuple[object, ...]] = []
    real_slow, real_fast, real_compare = hashlib.pbkdf2_hmac, hmac.digest, hmac.compare_digest

    def slow(name: str, password: bytes, salt: bytes, rounds: int) -> bytes:
        work.append(("slow", name, len(password), len(salt), rounds))
        return real_slow(name, password, salt, rounds)

    def fast(key: bytes, message: bytes, name: str) -> bytes:
        work.append(("fast", name, len(key), len(message)))
        return real_fast(key, message, name)

    def compare(left: bytes, right: bytes) -> bool:
        work.append(("compare", len(left), len(right)))
        return real_compare(left, right)

    monkeypatch.setattr(hashlib, "pbkdf2_hmac", slow)
    monkeypatch.setattr(hmac, "digest", fast)
    monkeypatch.setattr(hmac, "compare_digest", compare)

    guess, stored = draw(2).secret, MOUNIRS.stored
    work.clear()
    assert not codes.verify_secret(guess, salt=stored.salt, digest=stored.secret_digest, pepper=PEPPER)
    wrong_secret = list(work)
    work.clear()
    codes.burn(PEPPER)
    assert [kind for kind, *_ in work] == ["slow", "fast", "compare"]
    assert work == wrong_secret


def test_the_address_in_the_qr_keeps_the_codes_in_the_fragment() -> None:
    url = codes.qr_url(host_url="https://buurtpot.example/", selector=MOUNIRS.selector, token=MOUNIRS.token)
    assert url == f"https://buurtpot.example/c#{MOUNIRS.selector}.{MOUNIRS.token}"
    scanned = codes.read_fragment(url.partition("#")[2])
    assert scanned == codes.Scanned(selector=MOUNIRS.selector, token=MOUNIRS.token)
    assert codes.token_digest(scanned.token, PEPPER) == MOUNIRS.stored.token_digest
    assert codes.read_fragment(url.partition("#")[2].lower()) == scanned


@pytest.mark.parametrize(
    "fragment",
    [
        "",
        ".",
        MOUNIRS.selector,
        MOUNIRS.selector + MOUNIRS.token,
        f"{MOUNIRS.selector}.{MOUNIRS.token[:-1]}",
        f"{MOUNIRS.selector}.{MOUNIRS.token}0",
        f"{MOUNIRS.selector[:-1]}.{MOUNIRS.token}",
        f"{MOUNIRS.selector[:-1]}U.{MOUNIRS.token}",
        f"{MOUNIRS.selector}.{MOUNIRS.token[:-1]}*",
    ],
)
def test_another_fragment_is_refused(fragment: str) -> None:
    with pytest.raises(codes.NotAFragment):
        codes.read_fragment(fragment)


@pytest.mark.parametrize(
    ("typed", "selector"),
    [
        (MOUNIRS.printed_code, MOUNIRS.selector),
        (f" {MOUNIRS.selector.lower()} ", MOUNIRS.selector),
        ("o1k-l ma", "01K1MA"),
        ("7KX", "7KX"),
        ("", ""),
    ],
)
def test_the_selector_is_read_from_what_was_typed_so_far(typed: str, selector: str) -> None:
    assert codes.read_selector(typed) == selector
