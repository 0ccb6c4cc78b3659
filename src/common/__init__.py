"""What every other room may lean on: money at the edges, stored files, mail, the embedded database."""
