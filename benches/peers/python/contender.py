"""A contender in Python: the commands and answers of ../contender/src/lib.rs.

`serve` is given a function from {"private": JWK, "public": JWK, "pem": PKCS#8} to a pair of
functions: one from a value to a token, one from a token to its value.
"""

import json
import sys
import time

VALUE = b"0123456789abcdef"
# The clock is read about so often, in seconds.
BETWEEN_READINGS = 0.005


def repeat(wanted, once):
    # The CPU time of all threads in seconds.
    start = time.process_time()
    count, batch = 0, 1
    while True:
        for _ in range(batch):
            once()
        count += batch
        used = time.process_time() - start
        if used >= wanted:
            return count, used
        batch = max(1, min(1_000_000, int(count / max(used, 1e-9) * BETWEEN_READINGS)))


class Session:
    def __init__(self, import_keys):
        self.import_keys = import_keys
        self.last = self.kept = None

    def key(self, keys):
        self.encrypt_value, self.decrypt_token = self.import_keys(json.loads(keys))
        return "ok"

    def token(self, _):
        return f"ok {self.encrypt_value(VALUE)}"

    def decrypt_once(self, token):
        if self.decrypt_token(token) != VALUE:
            raise ValueError("another plaintext")

    def open(self, token):
        self.decrypt_once(token)
        self.kept = token
        return "ok"

    def encrypt_once(self):
        self.last = self.encrypt_value(VALUE)

    def encrypt(self, seconds):
        count, used = repeat(float(seconds), self.encrypt_once)
        return f"ok {count} {used:.9f} {self.last}"

    def decrypt(self, seconds):
        count, used = repeat(float(seconds), lambda: self.decrypt_once(self.kept))
        return f"ok {count} {used:.9f}"


COMMANDS = {
    "key": Session.key,
    "token": Session.token,
    "open": Session.open,
    "encrypt": Session.encrypt,
    "decrypt": Session.decrypt,
}


def serve(import_keys):
    session = Session(import_keys)
    for line in sys.stdin:
        command, _, argument = line.rstrip("\n").partition(" ")
        try:
            answer = COMMANDS[command](session, argument)
        except Exception as error:
            answer = "error " + repr(error).replace("\n", " ")
        print(answer, flush=True)
