"""Addresses of the pages for anyone."""

from django.urls import URLPattern, path

from web.public import views_campaigns, views_donations, views_places, views_site

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
    path("robots.txt", views_site.robots, name="robots"),
    path("favicon.ico", views_site.favicon, name="favicon"),
]
