"""`manage.py show_demo`: where the demo is and who to sign in as."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from demo.neighbourhood.people import SIGN_INS


class Command(BaseCommand):
    help = "Prints the addresses of the demo and who signs in as whom."

    def handle(self, *args: Any, **options: Any) -> None:
        site = settings.SITE_URL
        self.stdout.write(f"\n  Buurtpot       {site}/")
        self.stdout.write(f"  Sign in        {site}/account/inloggen/")
        self.stdout.write(
            f"  Mailbox        {site}/demo/postvak/   (login codes and second steps are here)\n"
            f"  Bank           {site}/demo/bank/      (makes bank statements to take in)\n\n"
        )
        for sign_in in SIGN_INS:
            self.stdout.write(f"  {sign_in.role:<28}{sign_in.email:<40}{sign_in.see}")
        self.stdout.write("\n  Ctrl-C ends it all.\n")
