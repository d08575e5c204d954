"""Would whoever asks rather have an image than JSON?"""

import re

JSON, SVG = "application/json", "image/svg+xml"
_QUALITY = re.compile(r";\s*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*(?:;|$)")


def prefers_image(accept: str) -> bool:
    """By an Accept header (RFC 9110, 12.5.1). A quality that is none counts as 1; without a
    preference it is JSON."""
    wanted = []
    for part in accept.lower().split(","):
        name = part.partition(";")[0].strip()
        quality = float(found.group(1)) if (found := _QUALITY.search(part)) else 1.0
        if quality:
            wanted.append((-quality, name.count("*"), name))
    for _, _, name in sorted(wanted, key=lambda each: each[:2]):
        if name in (SVG, "image/*"):
            return True
        if name in (JSON, "application/*", "*/*"):
            return False
    return False
