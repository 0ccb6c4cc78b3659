"""The books as files for others: audit file and journal, written row by row at constant memory, of one moment."""
