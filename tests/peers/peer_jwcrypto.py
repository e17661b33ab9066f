"""jwcrypto."""

import json

from exchange import ALG, run
from jwcrypto.jwe import JWE
from jwcrypto.jwk import JWK


def decrypt(jwk, token):
    jwe = JWE()
    jwe.deserialize(token, JWK(**jwk))
    return jwe.payload


def encrypt(jwk, enc, plaintext):
    protected = json.dumps({"alg": ALG, "enc": enc, "kid": jwk["kid"]})
    return JWE(plaintext, protected=protected, recipient=JWK(**jwk)).serialize(compact=True)


run(encrypt, decrypt)
