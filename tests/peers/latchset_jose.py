"""jose, by latchset: the command of that name."""

import json
import subprocess
import sys
import tempfile

from exchange import run


def jose(arguments, given, key):
    with tempfile.NamedTemporaryFile("w", suffix=".jwk") as file:
        json.dump(key, file)
        file.flush()
        done = subprocess.run(
            ["jose", "jwe", *arguments, "-k", file.name], input=given, capture_output=True, check=False
        )
    if done.returncode != 0:
        raise ValueError(done.stderr.decode())
    return done.stdout


def key_of(job):
    # It goes by the key's own alg, which for a key that is the CEK is the enc.
    return {**job["jwk"], "alg": job["enc"] if job["alg"] == "dir" else job["alg"]}


def decrypt(job):
    return jose(["dec", "-i-"], job["token"].encode(), key_of(job))


def encrypt(job, plaintext):
    header = {"alg": job["alg"], "enc": job["enc"], "kid": job["jwk"]["kid"]}
    if job["alg"].startswith("PBES2"):
        header["p2c"] = 2000
    if job["zip"]:
        raise ValueError("version 11 says zip and does not compress")
    template = json.dumps({"protected": header})
    compact = ["-c"] if job["serialization"] == "compact" else []
    with tempfile.NamedTemporaryFile("wb") as file:
        file.write(plaintext)
        file.flush()
        written = jose(["enc", f"-i{template}", f"-I{file.name}", *compact], b"", key_of(job))
    return written.decode().strip()


run(encrypt, decrypt)
