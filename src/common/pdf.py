"""What every PDF of ours is made with: our own typeface carried along, and nothing fetched from anywhere."""

import base64
from pathlib import Path

from weasyprint.urls import URLFetcher, URLFetcherResponse

FONTS = Path(__file__).parents[1] / "web" / "static" / "web" / "fonts"
FONT_FILES = {  # a family for each file: WeasyPrint mixes up the glyphs of two files with one name
    "Reddit Sans": "reddit-sans-latin.woff2",
    "Reddit Sans Ext": "reddit-sans-latin-ext.woff2",
}


class ForbiddenResource(ValueError):
    """A stylesheet or a picture asked for `url`: only `data:` addresses are fetched."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.url = url


class OnlyWhatIsGiven(URLFetcher):  # type: ignore[misc]  # WeasyPrint carries no types
    """Fetches data: addresses only. Remembers the others: WeasyPrint itself goes on without what it lacks."""

    def __init__(self) -> None:
        super().__init__(allowed_protocols=["data"])
        self.refused: list[str] = []

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        if not url.lower().startswith("data:"):
            self.refused.append(url)
        return super().fetch(url, headers)

    def check(self) -> None:
        """Raises ForbiddenResource for the first address that was refused."""
        if self.refused:
            raise ForbiddenResource(self.refused[0])


def font_faces() -> str:
    """The site's own typeface, carried along: a document looks the same whatever the machine has installed."""
    urls = {
        family: data_url("font/woff2", (FONTS / file).read_bytes()) for family, file in FONT_FILES.items()
    }
    return "".join(
        f'@font-face {{ font-family: "{family}"; src: url({url}) }}' for family, url in urls.items()
    )


def data_url(media_type: str, content: bytes) -> str:
    return f"data:{media_type};base64,{base64.b64encode(content).decode()}"
