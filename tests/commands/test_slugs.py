"""Which word stands for a post in an address?"""

from collections.abc import Collection
from uuid import UUID, uuid4

import pytest

from commands.slugs import MAX_LENGTH, free_number, slug_of

HOME = uuid4()


class Held:
    """The claims on these slugs, and how often somebody asked."""

    def __init__(self, slugs: Collection[str]) -> None:
        self._slugs = slugs
        self.asked = 0

    async def claimed_by(self, kind: str, value: str, scope: UUID | None = None) -> UUID | None:
        self.asked += 1
        assert (kind, scope) == ("slug", HOME)
        return uuid4() if value in self._slugs else None


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Hello, world", "hello-world"),
        ("  What's new in 2026?  ", "what-s-new-in-2026"),
        ("Crème brûlée", "creme-brulee"),
        ("Straße", "strasse"),
        ("日本語", "post"),
        ("!!!", "post"),
        ("a/b\\c", "a-b-c"),
    ],
)
def test_a_slug_is_plain_letters_digits_and_hyphens(title: str, slug: str) -> None:
    assert slug_of(title) == slug


def test_the_second_of_its_kind_has_a_number() -> None:
    assert slug_of("Hello", 1) == "hello"
    assert slug_of("Hello", 2) == "hello-2"


def test_a_long_title_is_cut_between_words() -> None:
    slug = slug_of("word " * 100)
    assert slug.endswith("word")
    assert len(slug) <= 80
    assert slug_of("x" * 500) == "x" * 80
    assert len(slug_of("x" * 500, 10**15)) <= MAX_LENGTH


@pytest.mark.parametrize("held", [0, 1, 2, 3, 7, 8, 100, 1000])
async def test_the_next_number_is_found_in_few_steps(held: int) -> None:
    claims = Held({slug_of("Hello", n) for n in range(1, held + 1)})
    assert await free_number(claims, HOME, "Hello") == held + 1
    assert claims.asked <= 21
