"""The live stream's routes."""

from litestar import Router

from gateway.live.asyncapi import asyncapi
from gateway.live.sse import stream_over_sse
from gateway.live.websocket import stream_over_websocket

LIVE_ROUTES = [
    Router(path="/", route_handlers=[stream_over_websocket, stream_over_sse, asyncapi]),
]
