"""The protocol between the Rust test and a peer in Python: as in exchange.mjs."""

import base64
import json
import sys


def unbase64url(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def run(encrypt, decrypt):
    action, file = sys.argv[1:]
    with open(file, encoding="utf-8") as jobs:
        jobs = json.load(jobs)
    for job in jobs:
        plaintext = unbase64url(job["plaintext"])
        try:
            if action == "encrypt":
                token = encrypt(job, plaintext)
                print(job["id"], token if isinstance(token, str) else json.dumps(token))
            elif decrypt(job) == plaintext:
                print("ok", job["id"])
            else:
                print("FAIL", job["id"], "another plaintext")
        except Exception as error:
            print("FAIL", job["id"], repr(error).replace("\n", " "))
