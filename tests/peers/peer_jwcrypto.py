"""jwcrypto."""

import json

from exchange import run, unbase64url
from jwcrypto.jwe import JWE
from jwcrypto.jwk import JWK


def decrypt(job):
    jwe = JWE(algs=[job["alg"], job["enc"], "DEF"])
    jwe.deserialize(job["token"], JWK(**job["jwk"]))
    return jwe.payload


def encrypt(job, plaintext):
    header = {"alg": job["alg"], "enc": job["enc"], "kid": job["jwk"]["kid"]}
    if job["zip"]:
        header["zip"] = "DEF"
    aad = unbase64url(job["aad"]) or None
    algs = [job["alg"], job["enc"], "DEF"]
    key = JWK(**job["jwk"])
    if job["serialization"] == "general":
        jwe = JWE(plaintext, protected=json.dumps({"enc": header.pop("enc")}), aad=aad, algs=algs)
        # It writes the general form for several recipients only.
        jwe.add_recipient(key, json.dumps(header))
        jwe.add_recipient(key, json.dumps({**header, "kid": "second"}))
        return jwe.serialize()
    jwe = JWE(plaintext, protected=json.dumps(header), aad=aad, algs=algs)
    jwe.add_recipient(key)
    return jwe.serialize(compact=job["serialization"] == "compact")


run(encrypt, decrypt)
