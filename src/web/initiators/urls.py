"""Addresses of who starts a campaign, and the first page of everyone who signs in."""

from django.urls import path

from web.initiators import views_campaign, views_home, views_money, views_plan

urlpatterns = [
    path("", views_home.mine, name="mine"),
    path("gegevens/", views_home.details, name="my_details"),
    path("organisatie/", views_home.choose_organisation, name="choose_organisation"),
    path("initiatief/nieuw/", views_plan.new_campaign, name="new_campaign"),
    path("initiatief/<slug:slug>/", views_campaign.mine_campaign, name="mine_campaign"),
    path("initiatief/<slug:slug>/wijzigen/", views_plan.change_campaign, name="change_campaign"),
    path("initiatief/<slug:slug>/versturen/", views_plan.submit_campaign, name="submit_campaign"),
    path("initiatief/<slug:slug>/nieuws/", views_campaign.tell_news, name="tell_news"),
    path("initiatief/<slug:slug>/foto/", views_campaign.add_photo, name="add_photo"),
    path("initiatief/<slug:slug>/verslag/", views_campaign.write_report, name="write_report"),
    path("initiatief/<slug:slug>/rekening/", views_money.give_account, name="give_account"),
    path("initiatief/<slug:slug>/bon/", views_money.hand_in_receipt, name="hand_in_receipt"),
    path("initiatief/<slug:slug>/bon/<int:receipt_id>/", views_money.own_receipt, name="own_receipt"),
]
