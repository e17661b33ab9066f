// node-jose, by Cisco.
import jose from 'node-jose'
import { alg, run } from './exchange.mjs'

await run({
  async decrypt (jwk, token) {
    const key = await jose.JWK.asKey(jwk)
    const { plaintext } = await jose.JWE.createDecrypt(key).decrypt(token)
    return plaintext
  },
  async encrypt (jwk, enc, plaintext) {
    const key = await jose.JWK.asKey(jwk)
    const options = { format: 'compact', contentAlg: enc, fields: { alg } }
    return jose.JWE.createEncrypt(options, key).update(plaintext).final()
  }
})
