"""Money that moves outside: Stripe, the bank, and the inbox in between."""
