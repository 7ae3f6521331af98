"""A page per delivery, static and in both languages: what came, what was said of it, what became of it."""

from etl.pages.site import Built, build, url_of

__all__ = ["Built", "build", "url_of"]
