// node-jose, by Cisco.
import jose from 'node-jose'
import { run } from './exchange.mjs'

await run({
  async decrypt ({ jwk, token, serialization }) {
    const key = await jose.JWK.asKey(jwk)
    const message = serialization === 'compact' ? token : JSON.parse(token)
    const { plaintext } = await jose.JWE.createDecrypt(key).decrypt(message)
    return plaintext
  },
  async encrypt ({ alg, enc, jwk, serialization, aad, zip }, plaintext) {
    if (aad) throw new Error('it has no additional authenticated data to write')
    const key = await jose.JWK.asKey(jwk)
    const options = { format: serialization, contentAlg: enc, zip, fields: { alg } }
    const message = await jose.JWE.createEncrypt(options, key).update(plaintext).final()
    // For a key that is the CEK it goes by the length alone.
    const header = (message.protected ?? message).split('.')[0]
    const written = JSON.parse(Buffer.from(header, 'base64url')).enc
    if (written !== enc) throw new Error(`it took ${written}`)
    return message
  }
})
