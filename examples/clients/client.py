"""Connects a user's account: python3 client.py URL LOGIN PASSWORD, with jwcrypto (pip install jwcrypto)."""

import json
import sys
from urllib.request import Request, urlopen

from jwcrypto.jwe import JWE
from jwcrypto.jwk import JWK


def encrypt(key, value):
    header = {"alg": "RSA-OAEP-256", "enc": "A256GCM", "kid": key["kid"]}
    # The value itself, and not its JSON text.
    return JWE(value.encode(), protected=json.dumps(header), recipient=key).serialize(compact=True)


def main(url, login, password):
    with urlopen(f"{url}/publickey", timeout=10) as answer:
        key = JWK.from_json(answer.read())
    body = {"id_connector": 33, "login": encrypt(key, login), "password": encrypt(key, password)}
    request = Request(
        f"{url}/users/me/connections",
        data=json.dumps(body).encode(),
        headers={"content-type": "application/json"},
    )
    with urlopen(request, timeout=10) as answer:
        print(answer.status, answer.read().decode())


if __name__ == "__main__":
    main(*sys.argv[1:])
