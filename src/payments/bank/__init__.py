"""Bank files as plain functions: statements in (camt.053), payments out (pain.001), references, QR."""
