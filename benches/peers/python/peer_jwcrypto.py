"""jwcrypto: keys imported once, a JWE object for each token, as its documentation shows."""

import json

from contender import serve
from jwcrypto.jwe import JWE
from jwcrypto.jwk import JWK

ALGS = ["RSA-OAEP-256", "A256GCM"]


def import_keys(keys):
    public, private = JWK(**keys["public"]), JWK(**keys["private"])
    header = json.dumps({"alg": ALGS[0], "enc": ALGS[1], "kid": keys["public"]["kid"]})

    def encrypt(value):
        jwe = JWE(value, protected=header, recipient=public, algs=ALGS)
        return jwe.serialize(compact=True)

    def decrypt(token):
        jwe = JWE(algs=ALGS)
        jwe.deserialize(token, private)
        return jwe.payload

    return encrypt, decrypt


serve(import_keys)
