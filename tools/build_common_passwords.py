"""Makes the filter of common passwords: `make common-passwords LISTS="a.txt b.txt"`.

Each list is a text file with one password on a line. Besides them, the passwords that zxcvbn knows
go in. What went in, with the hash of every list, is written beside the filter; where a list comes
from and its licence stand in SOURCES. The lists themselves are not kept here.
"""

import hashlib
import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from zxcvbn.frequency_lists import FREQUENCY_LISTS  # noqa: E402

from clinic.people.common_passwords import FILE, WIDTH, shortened  # noqa: E402
from clinic.people.rules.passwords import SHORTEST, normal_password  # noqa: E402

# File name -> where it comes from and under which licence.
SOURCES = {
    "ignis-100K.txt": (
        (
            "github.com/ignis-sec/Pwdb-Public, wordlists/ignis-100K.txt"
            " at 9b53917431ed5cd57cd6cbec8c3a19cf9a5cd8dd: most used of a billion leaked ones"
        ),
        "MIT",
    ),
    "8-more-passwords.txt": (
        (
            "github.com/duyet/bruteforce-database, 8-more-passwords.txt"
            " at 233b5e59a87b96ec696ddcb33b8a37709ca6aa8a: leaked, with capitals and digits"
        ),
        "MIT",
    ),
    "bitcoin-brainwallet.lst": (
        (
            "github.com/duyet/bruteforce-database, bitcoin-brainwallet.lst"
            " at 233b5e59a87b96ec696ddcb33b8a37709ca6aa8a: words and sayings that"
            " thieves of brain wallets try"
        ),
        "MIT",
    ),
}
ZXCVBN = ("zxcvbn (Python), frequency_lists.py, passwords", "MIT")


def main(paths: list[Path]) -> int:
    """Read the lists and write the filter and its record; exit status 1 for an unknown list."""
    unknown = [path.name for path in paths if path.name not in SOURCES]
    if unknown or not paths:
        print(f"Name lists that SOURCES knows; unknown: {unknown}.")
        return 1
    digests: set[bytes] = set()
    record = []
    for path in paths:
        raw = path.read_bytes()
        source, licence = SOURCES[path.name]
        taken = _take(digests, raw.decode("utf-8", errors="replace").splitlines())
        record.append(_told(source, licence, hashlib.sha256(raw).hexdigest(), taken))
    words = sorted(FREQUENCY_LISTS["passwords"])
    told = hashlib.sha256("\n".join(words).encode()).hexdigest()
    record.append(_told(*ZXCVBN, told, _take(digests, words)))
    FILE.write_bytes(b"".join(sorted(digests)))
    about = {
        "entries": len(digests),
        "bytes_of_each": WIDTH,
        "false_positives": f"1 in {2 ** (8 * WIDTH) // len(digests):,}",
        "sha256": hashlib.sha256(FILE.read_bytes()).hexdigest(),
        "lists": record,
    }
    FILE.with_suffix(".json").write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")
    print(f"{FILE.relative_to(ROOT)}: {len(digests)} passwords, {FILE.stat().st_size} bytes.")
    return 0


def _take(digests: set[bytes], passwords: list[str]) -> int:
    """Add those that are long enough; answers how many were new."""
    before = len(digests)
    digests.update(shortened(one) for one in passwords if len(normal_password(one)) >= SHORTEST)
    return len(digests) - before


def _told(source: str, licence: str, sha256: str, taken: int) -> dict[str, str | int]:
    return {"source": source, "licence": licence, "sha256": sha256, "taken": taken}


if __name__ == "__main__":
    sys.exit(main([Path(name) for name in sys.argv[1:]]))
