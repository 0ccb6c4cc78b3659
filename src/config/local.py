"""`python -m config.local`: the settings of one's own machine, with secrets of its own, for the file `.env`."""

import secrets
import sys

LOCAL = """\
# Made by `make setup` for this machine alone. Never for a real site: see deploy/env.example.
DEBUG=1
SECRET_KEY={secret_key}
CODE_PEPPER={pepper}
SITE_URL=http://127.0.0.1:8000
ALLOWED_HOSTS=127.0.0.1,localhost
STRIPE_API_BASE=http://127.0.0.1:8010
STRIPE_SECRET_KEY=sk_test_{stripe_key}
STRIPE_WEBHOOK_SECRET=whsec_{webhook_secret}
OPERATOR_NAME="Stichting Buurtpot"
OPERATOR_IBAN=NL20INGB0001234567
"""

if __name__ == "__main__":
    sys.stdout.write(
        LOCAL.format(
            secret_key=secrets.token_urlsafe(48),
            pepper=secrets.token_urlsafe(32),
            stripe_key=secrets.token_hex(12),
            webhook_secret=secrets.token_hex(16),
        )
    )
