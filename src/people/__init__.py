"""Who is here: users, organisations, their roles, who made and who approved, and who looked at what."""
