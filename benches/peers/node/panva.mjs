// jose, by panva: keys imported once, as its documentation says.
import * as jose from 'jose'
import { serve } from './contender.mjs'

const alg = 'RSA-OAEP-256'
const enc = 'A256GCM'

await serve(async (keys) => {
  const publicKey = await jose.importJWK(keys.public, alg)
  const privateKey = await jose.importJWK(keys.private, alg)
  const header = { alg, enc, kid: keys.public.kid }
  const options = { keyManagementAlgorithms: [alg], contentEncryptionAlgorithms: [enc] }
  return {
    encrypt: (value) => new jose.CompactEncrypt(value).setProtectedHeader(header).encrypt(publicKey),
    decrypt: async (token) => (await jose.compactDecrypt(token, privateKey, options)).plaintext
  }
})
