"""Serve the built book on a local port until interrupted: `python tools/serve.py FOLDER [PORT]`."""

import functools
import http.server
import sys
from pathlib import Path


class Quiet(http.server.SimpleHTTPRequestHandler):
    """A file server that does not print a line for every request."""

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def bind(folder: Path, port: int) -> http.server.ThreadingHTTPServer:
    """Return a server on `port`, or on a free port when that one is taken."""
    handler = functools.partial(Quiet, directory=folder)
    try:
        return http.server.ThreadingHTTPServer(("127.0.0.1", port), handler)
    except OSError:
        print(f"Port {port} is taken; choosing a free one.")
        return http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)


def main() -> None:
    """Check that there is a book, print its address, serve it."""
    folder = Path(sys.argv[1])
    if not (folder / "index.html").is_file():
        sys.exit(f"No book in {folder}: run `make book` first.")
    with bind(folder, int(sys.argv[2]) if len(sys.argv) > 2 else 8000) as server:
        print(f"The book is at http://127.0.0.1:{server.server_port}/  (Ctrl-C stops)", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()


if __name__ == "__main__":
    main()
