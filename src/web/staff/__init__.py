"""Pages for staff and brokers of a host, and for the treasurer of the platform."""
