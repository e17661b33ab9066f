"""joserfc: keys and registry made once."""

from contender import serve
from joserfc import jwe
from joserfc.jwk import RSAKey

ALGS = ["RSA-OAEP-256", "A256GCM"]


def import_keys(keys):
    public, private = RSAKey.import_key(keys["public"]), RSAKey.import_key(keys["private"])
    header = {"alg": ALGS[0], "enc": ALGS[1], "kid": keys["public"]["kid"]}
    registry = jwe.JWERegistry(algorithms=ALGS)

    def encrypt(value):
        return jwe.encrypt_compact(header, value, public, registry=registry)

    def decrypt(token):
        return jwe.decrypt_compact(token, private, registry=registry).plaintext

    return encrypt, decrypt


serve(import_keys)
