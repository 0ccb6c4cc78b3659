"""Who is at the door, and from where."""

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse

from web.access import address_block


@pytest.mark.parametrize(
    ("address", "block"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("192.0.2.255", "192.0.2.0/24"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:12:3456:789a::1", "2001:db8:12:3400::/56"),
        ("2001:db8:12:34ff::1", "2001:db8:12:3400::/56"),
        ("2001:db8:12:3500::1", "2001:db8:12:3500::/56"),
        ("2001:db8::1", "2001:db8::/56"),
        ("2001:db8:0:ff::1", "2001:db8::/56"),
        ("::1", "::/56"),
        ("fe80::1%eth0", "fe80::/56"),
        ("", "unknown"),
        ("no address", "unknown"),
    ],
)
def test_neighbours_on_the_network_share_a_block_and_nobody_else(address: str, block: str) -> None:
    assert address_block(RequestFactory().get("/", REMOTE_ADDR=address)) == block


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["staff_approve_receipt", "staff_approve_payout"])
def test_who_was_sending_when_the_session_ended_begins_at_the_own_page(name: str) -> None:
    address = reverse(name, args=[1])
    sent = Client().post(address).headers["Location"]
    assert sent == f"{reverse('account_login')}?next={reverse('mine')}"


@pytest.mark.django_db
def test_who_was_reading_when_the_session_ended_goes_on_reading() -> None:
    address = reverse("staff_payouts")
    assert Client().get(address).headers["Location"] == f"{reverse('account_login')}?next={address}"
