"""As much of curl as the README uses, for machines that have none."""

import argparse
import sys
from pathlib import Path

import httpx


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("-s", action="store_true")
    parser.add_argument("-i", action="store_true")
    parser.add_argument("-N", action="store_true")
    parser.add_argument("-X", default=None)
    parser.add_argument("-H", action="append", default=[])
    parser.add_argument("-d", default=None)
    parser.add_argument("-F", default=None)
    parser.add_argument("-o", default=None)
    parser.add_argument("--max-time", type=float, default=30)
    asked = parser.parse_args()
    headers = [tuple(part.strip() for part in line.split(":", 1)) for line in asked.H]
    method = asked.X or ("GET" if asked.d is None and asked.F is None else "POST")
    files = None
    if asked.F is not None:
        field, path = asked.F.split("=@")
        files = {field: (path, Path(path).read_bytes())}
    out = sys.stdout.buffer if asked.o is None else Path(asked.o).open("wb")  # noqa: SIM115
    timeout = httpx.Timeout(30, read=asked.max_time)
    try:
        with httpx.stream(
            method, asked.url, headers=headers, content=asked.d, files=files, timeout=timeout
        ) as answer:
            if asked.i:
                print(f"HTTP/1.1 {answer.status_code} {answer.reason_phrase}")
                print("\n".join(f"{name}: {value}" for name, value in answer.headers.items()))
                print()
            sys.stdout.flush()
            for piece in answer.iter_bytes():
                out.write(piece)
                out.flush()
    except httpx.ReadTimeout:
        sys.exit(28)


if __name__ == "__main__":
    main()
