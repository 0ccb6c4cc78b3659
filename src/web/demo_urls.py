"""Addresses that exist on one's own machine only."""

from django.urls import path

from web import demo_bank, demo_pages

urlpatterns = [
    path("postvak/", demo_pages.mailbox, name="mailbox"),
    path("postvak/<str:name>/", demo_pages.letter, name="mailbox_letter"),
    path("bank/", demo_bank.statement, name="demo_bank"),
    path("fout/<int:status>/", demo_pages.fault, name="fault"),
    path("onderdelen/", demo_pages.components, name="components"),
]
