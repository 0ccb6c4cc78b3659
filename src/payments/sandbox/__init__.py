"""A stand-in Stripe on loopback: enough of its HTTP API, payment page and webhooks for one's own machine."""
