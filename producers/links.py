"""Relative links of a document, made absolute."""

from urllib.parse import urljoin


def join(base: str, link: str | None) -> str | None:
    """The link as it stands against the base; None where there is none or it cannot be read."""
    try:
        return urljoin(base, link) if link else None
    except ValueError:
        return None


def base_of(url: str, home: str | None) -> str:
    """What relative links stand against: the address that the feed gives as its own, or the document's.

    Only web addresses count: feedparser takes an Atom id for the address of a feed that has no link, and some feeds
    name a script as their home.
    """
    joined = join(url, home)
    return joined if joined and joined.startswith(("http://", "https://")) else url
