"""Worked examples: every line of the design's table "What happens, and what is booked", told as a story.

`table.py` is the table. Each story tells one of its lines or more: what happens, the entries, the balances after, and every
check of the books. `test_table.py` says which line is told where, and fails for a line that nobody tells.
"""
