"""The built-in web page and its JSON: `build` makes the application from ports; nothing here knows a store."""

from desk.health import Health
from desk.ports import Names, Ports
from desk.site import build

__all__ = ["Health", "Names", "Ports", "build"]
