"""What an Accept header says of images."""

import pytest

from queries.routes.drawn import prefers_image


@pytest.mark.parametrize(
    ("accept", "image"),
    [
        ("", False),
        ("*/*", False),
        ("application/json", False),
        ("image/svg+xml", True),
        ("IMAGE/SVG+XML; q=0.5", True),
        ("image/*", True),
        ("image/*, */*;q=0.8", True),
        ("*/*, image/svg+xml", True),
        ("text/html,*/*;q=0.8", False),
        ("application/json, image/svg+xml", False),
        ("image/svg+xml, application/json", True),
        ("image/svg+xml;q=0.5, application/json;q=0.6", False),
        ("image/svg+xml;q=0", False),
        ("image/*;q=0.000, application/json", False),
        ("image/png", False),
        ("image/svg+xml;q=1e400", True),
        ("image/svg+xml;q=x, application/json;q=0.9", True),
        (",;=;q", False),
    ],
)
def test_it_is_an_image_if_that_is_liked_best(accept: str, image: bool) -> None:
    assert prefers_image(accept) is image
