"""What goes wrong on purpose, for long: kills, tampering, any order of operations, many at once. `make faults` runs it all."""
