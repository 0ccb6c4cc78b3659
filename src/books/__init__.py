"""What needs the whole: closing a campaign or a round, checking the books, following a euro, the auditor's files."""
