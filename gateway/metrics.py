"""What a process counts of itself, as Prometheus asks for it."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from litestar import Response, get
from litestar.datastructures import State
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

_CREATED = re.compile(
    rb"^(# (HELP|TYPE) )?\w+_created[ {].*\n", re.MULTILINE
)  # series nobody asks for

Read = Callable[[State], float]

# name: (what it says, counter or gauge, how it is read off the application's state); a part that
# is not there has no value.
READ_FROM_STATE: Mapping[str, tuple[str, str, Read]] = {
    "tasktrail_pool_connections": (
        "Connections to Postgres in the pool.",
        "gauge",
        lambda state: state.log.pool.size,
    ),
    "tasktrail_pool_idle_connections": (
        "Connections in the pool that nobody uses.",
        "gauge",
        lambda state: state.log.pool.idle,
    ),
    "tasktrail_append_batches": (
        "Transactions that appended to the log.",
        "counter",
        lambda state: state.appender.batches,
    ),
    "tasktrail_appended_events": (
        "Events appended to the log.",
        "counter",
        lambda state: state.appender.appended,
    ),
    "tasktrail_append_queue": (
        "Commands that wait for the next transaction.",
        "gauge",
        lambda state: state.appender.waiting,
    ),
    "tasktrail_nats_connected": (
        "1 while there is a connection to NATS.",
        "gauge",
        lambda state: state.log.nats.connected,
    ),
    "tasktrail_live_streams": (
        "WebSocket and SSE clients that are connected.",
        "gauge",
        lambda state: state.live.open,
    ),
    "tasktrail_live_slow_clients": (
        "Live clients that were cut off because they did not keep up.",
        "counter",
        lambda state: state.live.slow,
    ),
    "tasktrail_live_position": (
        "The last position that the live stream has seen.",
        "gauge",
        lambda state: state.live.tail.position,
    ),
    "tasktrail_tail_late": (
        "1 while the live stream is more than five seconds behind the log.",
        "gauge",
        lambda state: state.live.tail.is_late,
    ),
    "tasktrail_late_answers": (
        "Answers to clients of older systems that did not show the newest yet.",
        "counter",
        lambda state: state.queries.freshness.late,
    ),
    "tasktrail_limits_counted_alone": (
        "1 while rate limits are counted by each process, Valkey being away.",
        "gauge",
        lambda state: state.limiter.away,
    ),
}
# name: what it says of each projection, and its member in what the probe finds.
OF_PROJECTIONS: Mapping[str, tuple[str, str]] = {
    "tasktrail_projection_lag_events": ("Events that a read model does not show yet.", "lag"),
    "tasktrail_projection_dead_letters": ("Events that it could not take.", "dead_letters"),
}


class Metrics:
    """One registry an application. Labels have few values: routes are templates."""

    def __init__(self, state: State) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "tasktrail_http_requests_total",
            "Requests answered.",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "tasktrail_http_request_seconds",
            "How long requests took.",
            ["method", "route"],
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self._known: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self.registry.register(_StateCollector(state))

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        key = (method, route, status)
        known = self._known.get(key)
        if known is None:
            method = method if method in _METHODS else "other"
            known = self._known[key] = (
                self._requests.labels(method, route, str(status)),
                self._seconds.labels(method, route),
            )
        known[0].inc()
        known[1].observe(seconds)


class _StateCollector(Collector):
    def __init__(self, state: State) -> None:
        self._state = state

    def collect(self) -> Iterator[Metric]:
        for name, (text, kind, read) in READ_FROM_STATE.items():
            try:
                value = float(read(self._state))
            except (AttributeError, KeyError):
                continue
            family = CounterMetricFamily if kind == "counter" else GaugeMetricFamily
            yield family(name, text, value=value)


class _Found(Collector):
    """What Postgres and NATS say of the log and who follows it, for one answer."""

    def __init__(self, standing: Mapping[str, Any]) -> None:
        self._standing = standing

    def collect(self) -> Iterator[Metric]:
        head = GaugeMetricFamily("tasktrail_log_position", "The head of the log.")
        head.add_metric([], self._standing["head"])
        yield head
        if "relay" in self._standing:
            text, lag = "Events that NATS does not have yet.", self._standing["relay"]["lag"]
            yield GaugeMetricFamily("tasktrail_relay_lag_events", text, value=lag)
        for name, (text, member) in OF_PROJECTIONS.items():
            family = GaugeMetricFamily(name, text, labels=["projection"])
            for projection, found in self._standing["projections"].items():
                family.add_metric([projection], found[member])
            yield family


@get("/metrics", operation_id="metrics", include_in_schema=False)
async def metrics(state: State) -> Response[bytes]:
    """Without what Postgres or NATS knows, while it is away."""
    found: Metrics = state.metrics
    text = _CREATED.sub(b"", generate_latest(found.registry))
    standing = await state.probe.standing_with_relay()
    if standing is not None:
        registry = CollectorRegistry()
        registry.register(_Found(standing))
        text += generate_latest(registry)
    return Response(text, media_type=CONTENT_TYPE_PLAIN_0_0_4)


METRICS_ROUTES: list[Any] = [metrics]
