"""How secrets that we hand out are looked up: by their hash, the only thing that is kept."""

import hashlib


def token_hash(token: str) -> str:
    """What is stored of a secret of 256 random bits; no salt or slow hash is needed for those."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
