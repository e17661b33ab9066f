// node-jose, by Cisco: keys imported once. It writes the kid of the key.
import jose from 'node-jose'
import { serve } from './contender.mjs'

await serve(async (keys) => {
  const publicKey = await jose.JWK.asKey(keys.public)
  const decrypter = jose.JWE.createDecrypt(await jose.JWK.asKey(keys.private))
  const options = { format: 'compact', contentAlg: 'A256GCM', fields: { alg: 'RSA-OAEP-256' } }
  return {
    encrypt: (value) => jose.JWE.createEncrypt(options, publicKey).update(value).final(),
    decrypt: async (token) => (await decrypter.decrypt(token)).plaintext
  }
})
