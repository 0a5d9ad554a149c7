"""A receiver on this machine: takes signed webhooks and stands in for Slack, and tells of each as it arrives."""

import base64
import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal

import msgspec
from aiohttp import web
from standardwebhooks.webhooks import Webhook, WebhookVerificationError


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """One post that was received."""

    channel: Literal["webhook", "slack"]
    at: datetime
    id: str | None
    """The `webhook-id`; Slack posts carry none."""
    signed: bool
    """Whether the signature is right; Slack posts are not signed: their address is the secret."""
    body: Any


class Receiver:
    """Answers 204 to what is right, 401 to a wrong signature, 400 to what is not JSON, 404 elsewhere."""

    def __init__(self, now: Callable[[], datetime], arrived: Callable[[Arrival], None] | None = None) -> None:
        self._now = now
        self._arrived = arrived
        self._runner: web.AppRunner | None = None
        self._path = secrets.token_urlsafe(18)
        self.secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
        """The signing key that this receiver checks with, made anew for each play."""
        self.arrivals: list[Arrival] = []
        self.address = ""

    @property
    def webhook_url(self) -> str:
        """Where signed webhooks go."""
        return f"{self.address}/webhook"

    @property
    def slack_url(self) -> str:
        """Where Slack posts go."""
        return f"{self.address}/slack/{self._path}"

    async def start(self) -> None:
        """Listens on a free port of 127.0.0.1."""
        application = web.Application()
        application.router.add_post("/webhook", self._webhook)
        application.router.add_post(f"/slack/{self._path}", self._slack)
        self._runner = web.AppRunner(application, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.address = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Closes the port."""
        if self._runner:
            await self._runner.cleanup()

    async def _webhook(self, request: web.Request) -> web.Response:
        text = await request.text()
        try:
            Webhook(self.secret).verify(text, dict(request.headers.items()))
            signed = True
        except WebhookVerificationError:
            signed = False
        except ValueError:
            return web.Response(status=400, text="JSON is wanted")
        self._take("webhook", request.headers.get("webhook-id"), signed, text)
        return web.Response(status=204) if signed else web.Response(status=401, text="wrong signature")

    async def _slack(self, request: web.Request) -> web.Response:
        try:
            self._take("slack", None, True, await request.text())
        except msgspec.DecodeError:
            return web.Response(status=400, text="invalid_payload")
        return web.Response(text="ok")

    def _take(self, channel: Literal["webhook", "slack"], ident: str | None, signed: bool, text: str) -> None:
        try:
            body = msgspec.json.decode(text)
        except msgspec.DecodeError:
            if signed:
                raise
            body = None
        arrival = Arrival(channel=channel, at=self._now(), id=ident, signed=signed, body=body)
        self.arrivals.append(arrival)
        if self._arrived:
            self._arrived(arrival)
