"""What the image is made of. No image is built here: what would be missing is found by reading."""

from tests.bench.talk import ROOT
from web.public.views_seals import FILES


def copied() -> set[str]:
    """What the Dockerfile takes from the checkout."""
    lines = (ROOT / "deploy" / "Dockerfile").read_text().splitlines()
    own = [line.split()[1:-1] for line in lines if line.startswith("COPY ") and "--from" not in line]
    return {path for paths in own for path in paths}


def test_what_the_image_takes_is_there_and_goes_to_the_builder() -> None:
    lines = (ROOT / "deploy" / "Dockerfile.dockerignore").read_text().splitlines()
    let_through = {line[1:] for line in lines if line.startswith("!")}
    assert "src" in copied()
    assert copied() <= let_through
    assert all((ROOT / path).exists() for path in copied())


def test_the_files_that_the_site_gives_away_are_in_the_image() -> None:
    assert {path for path, _ in FILES.values()} <= copied()
