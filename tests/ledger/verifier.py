"""The stand-alone verifier, to be looked into by tests. It lies outside the import root: it needs nothing of Buurtpot."""

import importlib.util
import sys

from tests.ledger.sealing import VERIFIER

spec = importlib.util.spec_from_file_location("verify_books", VERIFIER)
assert spec is not None
assert spec.loader is not None
verify_books = importlib.util.module_from_spec(spec)
sys.modules["verify_books"] = verify_books
spec.loader.exec_module(verify_books)
Tree = verify_books.Tree
