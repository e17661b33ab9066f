"""authlib, its own authlib.jose: keys and JsonWebEncryption made once.

It announces that joserfc takes the place of this module; the warning is not shown.
"""

import warnings

warnings.simplefilter("ignore")

from authlib.jose import JsonWebEncryption, RSAKey  # noqa: E402
from contender import serve  # noqa: E402

ALGS = ["RSA-OAEP-256", "A256GCM"]


def import_keys(keys):
    public, private = RSAKey.import_key(keys["public"]), RSAKey.import_key(keys["private"])
    header = {"alg": ALGS[0], "enc": ALGS[1], "kid": keys["public"]["kid"]}
    jwe = JsonWebEncryption(algorithms=ALGS)

    def encrypt(value):
        return jwe.serialize_compact(header, value, public).decode()

    def decrypt(token):
        return jwe.deserialize_compact(token, private)["payload"]

    return encrypt, decrypt


serve(import_keys)
