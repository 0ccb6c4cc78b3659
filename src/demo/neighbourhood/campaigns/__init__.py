"""The campaigns of the demo: what they want, who gave, and how they fared. A module for each neighbourhood."""
