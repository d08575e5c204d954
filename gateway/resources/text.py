"""What text a request may hold."""

from typing import Annotated

from msgspec import Meta

# In Python `$` also stands before a line end that is the last character.
END = r"$(?!\n)"
# One line: something visible, and no control characters.
LINE = r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*" + END
# Several lines: tabs and line ends are the only control characters.
LINES = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"

Title = Annotated[str, Meta(min_length=1, max_length=500, pattern=LINE, examples=["Buy milk"])]
Markdown = Annotated[str, Meta(max_length=50_000, pattern=LINES)]
TagText = Annotated[str, Meta(min_length=1, max_length=100, pattern=LINE, examples=["errand"])]
