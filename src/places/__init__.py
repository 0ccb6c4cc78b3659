"""Where people live: municipality, district, neighbourhood, estate, dwelling, and the import of a corporation's list."""
