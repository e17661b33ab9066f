// jose, by panva.
import * as jose from 'jose'
import { alg, run } from './exchange.mjs'

await run({
  async decrypt (jwk, token) {
    const key = await jose.importJWK(jwk, alg)
    const { plaintext } = await jose.compactDecrypt(token, key)
    return plaintext
  },
  async encrypt (jwk, enc, plaintext) {
    const key = await jose.importJWK(jwk, alg)
    const header = { alg, enc, kid: jwk.kid }
    return new jose.CompactEncrypt(plaintext).setProtectedHeader(header).encrypt(key)
  }
})
