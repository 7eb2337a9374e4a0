"""A hub of our own on the loopback address: the pages of the real one that a download asks for."""

import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class Hub:
    """A server with one model, `house/model`, made of the files of a folder.

    `refusal` is a status and a code of the hub ("GatedRepo", "RepoNotFound", ...). Requests whose path begins
    with `refused` are answered with it. Its messages repeat the reader's token, so that a leak would show.
    """

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files
        self.refusal: tuple[int, str] | None = None
        self.refused = "/"
        self.asked: list[str] = []
        hub = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *args):
                pass

            def do_HEAD(self):
                hub.asked.append(self.path)
                self.answer()

            do_GET = do_HEAD

            def send(self, status, body, **headers):
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name.replace("_", "-"), value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command == "GET":
                    self.wfile.write(body)

            def refuse(self, status, code):
                echo = str(self.headers.get("authorization"))
                body = json.dumps({"error": f"no, {echo}"}).encode()
                self.send(status, body, X_Error_Code=code, X_Error_Message=f"no, {echo}")

            def answer(self):
                path = self.path.partition("?")[0]
                if hub.refusal is not None and path.startswith(hub.refused):
                    return self.refuse(*hub.refusal)
                if path.startswith("/api/models/house/model/tree/"):
                    tree = [
                        {
                            "type": "file",
                            "path": name,
                            "size": len(data),
                            "oid": hashlib.sha1(data).hexdigest(),
                        }
                        for name, data in hub.files.items()
                    ]
                    return self.send(200, json.dumps(tree).encode())
                if path.startswith("/api/models/house/model"):
                    if path.rpartition("/")[2] not in ("model", "main", COMMIT):
                        return self.refuse(404, "RevisionNotFound")
                    siblings = [{"rfilename": name} for name in hub.files]
                    info = {"id": "house/model", "sha": COMMIT, "siblings": siblings}
                    return self.send(200, json.dumps(info).encode())
                if not path.startswith("/house/model/resolve/"):
                    return self.refuse(404, "RepoNotFound")
                revision, *name = path.split("/")[4:]
                if revision not in ("main", COMMIT):
                    return self.refuse(404, "RevisionNotFound")
                data = hub.files.get("/".join(name))
                if data is None:
                    return self.refuse(404, "EntryNotFound")
                etag = f'"{hashlib.sha1(data).hexdigest()}"'
                return self.send(200, data, ETag=etag, X_Repo_Commit=COMMIT)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    @classmethod
    def of(cls, folder: Path) -> "Hub":
        return cls({path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()})

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
