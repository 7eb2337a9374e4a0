"""Refuse files that hold a private key or a service's token: `python tools/secrets_check.py FILE ...`."""

import re
import sys
from pathlib import Path

SECRETS = {
    "private key": re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "OpenAI key": re.compile(rb"\bsk-[A-Za-z0-9_-]{20,}"),
    "Hugging Face token": re.compile(rb"\bhf_[A-Za-z0-9]{30,}"),
    "GitHub token": re.compile(rb"\bgh[pousr]_[A-Za-z0-9]{30,}"),
}


def findings(path: Path) -> list[str]:
    """Return one line for each secret in a file: where and what kind, never the secret itself."""
    lines = path.read_bytes().split(b"\n")
    return [
        f"{path}:{number}: looks like a {kind}; remove it and revoke it"
        for number, line in enumerate(lines, start=1)
        for kind, pattern in SECRETS.items()
        if pattern.search(line)
    ]


if __name__ == "__main__":
    found = [line for name in sys.argv[1:] for line in findings(Path(name))]
    print("\n".join(found))
    sys.exit(1 if found else 0)
