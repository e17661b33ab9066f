// jose-jwe-jws, which is js-jose by Square. It is made for browsers: it is run as a script with a
// window, and its plaintexts are strings.
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { runInThisContext } from 'node:vm'
import { run } from './exchange.mjs'

globalThis.window = globalThis
const path = createRequire(import.meta.url).resolve('jose-jwe-jws')
const { Jose } = runInThisContext(`${await readFile(path, 'utf8')};Jose`)

await run({
  async decrypt ({ alg, jwk, token }) {
    const cryptographer = new Jose.WebCryptographer()
    const key = Jose.Utils.importRsaPrivateKey(jwk, alg)
    return new Jose.JoseJWE.Decrypter(cryptographer, key).decrypt(token)
  },
  async encrypt ({ alg, enc, jwk }, plaintext) {
    const cryptographer = new Jose.WebCryptographer()
    cryptographer.setKeyEncryptionAlgorithm(alg)
    cryptographer.setContentEncryptionAlgorithm(enc)
    const key = Jose.Utils.importRsaPublicKey(jwk, alg)
    const encrypter = new Jose.JoseJWE.Encrypter(cryptographer, key)
    encrypter.addHeader('kid', jwk.kid)
    return encrypter.encrypt(plaintext.toString('utf8'))
  }
})
