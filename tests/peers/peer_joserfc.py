"""joserfc."""

import json

from exchange import run, unbase64url
from joserfc import jwe
from joserfc.jwk import import_key


def registry(job):
    registry = jwe.JWERegistry(algorithms=[job["alg"], job["enc"], "DEF"])
    # Its default is 64 KiB.
    registry.max_ciphertext_length = 1024 * 1024
    return registry


def decrypt(job):
    key = import_key(job["jwk"])
    if job["serialization"] == "compact":
        return jwe.decrypt_compact(job["token"], key, registry=registry(job)).plaintext
    return jwe.decrypt_json(json.loads(job["token"]), key, registry=registry(job)).plaintext


def encrypt(job, plaintext):
    key = import_key(job["jwk"])
    header = {"alg": job["alg"], "enc": job["enc"], "kid": job["jwk"]["kid"]}
    if job["alg"].startswith("PBES2"):
        header["p2c"] = 2000
    if job["zip"]:
        header["zip"] = "DEF"
    aad = unbase64url(job["aad"]) or None
    if job["serialization"] == "compact":
        return jwe.encrypt_compact(header, plaintext, key, registry=registry(job))
    if job["serialization"] == "flattened":
        # It writes the kid of the key into the recipient's header.
        del header["kid"]
        message = jwe.FlattenedJSONEncryption(header, plaintext, aad=aad)
        message.add_recipient(None, key)
    else:
        message = jwe.GeneralJSONEncryption({"enc": header.pop("enc")}, plaintext, aad=aad)
        message.add_recipient(header, key)
    return jwe.encrypt_json(message, None, registry=registry(job))


run(encrypt, decrypt)
