"""Addresses of the pages for anyone."""

from django.urls import URLPattern, path

from web.public import (
    views_campaigns,
    views_donations,
    views_places,
    views_seals,
    views_site,
    views_witness,
)

urlpatterns: list[URLPattern] = [
    path("", views_places.home, name="home"),
    path("buurt/<slug:slug>/", views_places.neighbourhood, name="neighbourhood"),
    path("buurt/<slug:slug>/bedragen.csv", views_places.neighbourhood_csv, name="neighbourhood_csv"),
    path("initiatief/<slug:slug>/", views_campaigns.campaign, name="campaign"),
    path("initiatief/<slug:slug>/giften/", views_campaigns.gifts, name="gifts"),
    path("initiatief/<slug:slug>/geld/", views_campaigns.money, name="campaign_money"),
    path("initiatief/<slug:slug>/geld/bedragen.csv", views_campaigns.money_csv, name="campaign_money_csv"),
    path("initiatief/<slug:slug>/doneer/", views_donations.donate, name="donate"),
    path("donatie/<uuid:reference>/", views_donations.donation, name="donation"),
    path("donatie/<uuid:reference>/stand/", views_donations.donation_state, name="donation_state"),
    path("donatie/<uuid:reference>/betalen/", views_donations.pay, name="donation_pay"),
    path("foto/<int:photo_id>/", views_site.photo, name="photo"),
    path("huisstijl/<slug:slug>.css", views_site.house_stylesheet, name="house_stylesheet"),
    path("hulp/", views_site.text, {"page": "help"}, name="help"),
    path("elke-euro/", views_site.text, {"page": "trail"}, name="trail"),
    path("privacy/", views_site.text, {"page": "privacy"}, name="privacy"),
    path("toegankelijkheid/", views_site.text, {"page": "accessibility"}, name="accessibility"),
    path("zegels/", views_seals.seal_list, name="seals"),
    path("zegels/atom.xml", views_seals.feed, name="seals_feed"),
    path("zegels/nieuwste.json", views_seals.newest_json, name="newest_seal_json"),
    path("zegels/<int:number>/", views_seals.seal_detail, name="seal"),
    path("zegels/<int:number>.json", views_seals.seal_json, name="seal_json"),
    path("zegels/<int:number>.txt", views_seals.seal_line, name="seal_line"),
    path("zegels/<int:number>/daarna.json", views_seals.seals_after, name="seals_after"),
    path("zegels/<int:number>/getuige/", views_witness.witness, name="witness"),
    path("zegels/bestand/<str:name>", views_seals.seal_file, name="seal_file"),
    path("robots.txt", views_site.robots, name="robots"),
    path("favicon.ico", views_site.favicon, name="favicon"),
]
