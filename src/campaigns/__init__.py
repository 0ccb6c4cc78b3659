"""Campaigns: an idea with a plan, a target, pledges, news, receipts and a report. Never knows how it is paid."""
