"""Opening the dashboard's pages beside the API."""

from __future__ import annotations

from aiohttp import web

from gitops_sim.errors import BadInput
from gitops_sim.server.credentials import Credentials
from gitops_sim.server.ui.door import Door
from gitops_sim.server.ui.site import Hands, Site


async def open_pages(hands: Hands, cluster: str, credentials: Credentials, host: str, port: int) -> tuple[web.AppRunner, str]:
    """What is to be cleaned up in the end, and the link that opens once. Raises BadInput when the port is not to be had."""
    door = Door(lambda header: credentials.admits(header, None))
    site = Site(hands, cluster, door)
    runner = web.AppRunner(site.web, access_log=None, handle_signals=False, handler_cancellation=True, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        await runner.cleanup()
        what = f"port {port} cannot be had: {error.strerror}"
        raise BadInput(what, mend="leave --ui-port away, or name another one") from None
    door.port = runner.addresses[0][1]
    return runner, door.link
