"""All HTTP, split by who is at the door: public, residents, initiators, staff, auditors, webhooks."""
