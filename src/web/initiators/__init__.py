"""Pages for who opens a campaign: the plan, news, the bank account, receipts, the report."""
