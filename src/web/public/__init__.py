"""Pages for anyone: neighbourhoods, campaigns, donations, and how every euro is followed."""
