"""Addresses under /webhooks/."""

from django.urls import path

from web.webhooks import views

urlpatterns = [path("stripe/", views.stripe, name="webhook_stripe")]
