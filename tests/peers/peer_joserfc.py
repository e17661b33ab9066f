"""joserfc."""

from exchange import ALG, run
from joserfc import jwe
from joserfc.jwk import RSAKey

ALGORITHMS = [ALG, "A256GCM", "A256CBC-HS512"]


def registry():
    registry = jwe.JWERegistry(algorithms=ALGORITHMS)
    # Its default is 64 KiB.
    registry.max_ciphertext_length = 1024 * 1024
    return registry


def decrypt(jwk, token):
    key = RSAKey.import_key(jwk)
    return jwe.decrypt_compact(token, key, registry=registry()).plaintext


def encrypt(jwk, enc, plaintext):
    header = {"alg": ALG, "enc": enc, "kid": jwk["kid"]}
    return jwe.encrypt_compact(header, plaintext, RSAKey.import_key(jwk), registry=registry())


run(encrypt, decrypt)
