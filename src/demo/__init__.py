"""Replays of real ballots, and the neighbourhood that the demo shows."""
