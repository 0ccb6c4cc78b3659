"""A neighbourhood in the middle of its second round of cheques: the demo. Made by the operations that the pages call."""
