"""Cheques: the codes on letters, the letters, who activated what, and the purses they fill."""
