"""All addresses of the site, by who is at the door."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("web.public.urls")),
    path("", include("web.residents.urls")),
    path("mijn/", include("web.initiators.urls")),
    path("beheer/", include("web.staff.urls")),
    path("controle/", include("web.auditors.urls")),
    path("webhooks/", include("web.webhooks.urls")),
    path("account/", include("web.account_urls")),
    path("i18n/", include("django.conf.urls.i18n")),
]

if settings.DEBUG:
    urlpatterns.append(path("demo/", include("web.demo_urls")))
