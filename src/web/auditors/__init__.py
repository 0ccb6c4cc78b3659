"""Pages for auditors: read-only, one organisation, every look written down."""
