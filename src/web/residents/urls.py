"""Addresses of the pages for who holds a cheque."""

from django.urls import URLPattern, path

from web.residents import views, views_proof, views_purse

urlpatterns: list[URLPattern] = [
    path("c", views.landing, name="cheque_landing"),
    path("cheque/openen/", views.open_, name="cheque_open"),
    path("cheque/", views.cheque, name="cheque"),
    path("cheque/activeren/", views.activate, name="cheque_activate"),
    path("cheque/sluiten/", views.close, name="cheque_close"),
    path("cheque/saldo/", views_purse.purse, name="purse"),
    path("cheque/bewijs/", views_proof.proof, name="cheque_proof"),
    path("cheque/kiezen/", views_purse.choose, name="cheque_choose"),
    path("cheque/bewaren/", views_purse.saved, name="cheque_saved"),
    path("cheque/geven/<slug:slug>/", views_purse.give, name="give"),
    path("cheque/gegeven/<int:pledge_id>/", views_purse.given, name="given"),
]
