"""The books: funds, accounts, entries and transfers. Knows no cheque, no campaign and no Stripe."""
