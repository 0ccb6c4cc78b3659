"""What posting costs: the books, with every promise on, against named peers on one server. `make bench`; docs/bench.md."""
