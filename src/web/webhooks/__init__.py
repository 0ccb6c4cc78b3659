"""Doors for machines that tell us something."""
