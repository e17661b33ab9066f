// jose, by panva.
import * as jose from 'jose'
import { run } from './exchange.mjs'

// A password is given as its bytes.
async function importKey ({ jwk, alg }) {
  return alg.startsWith('PBES2') ? Buffer.from(jwk.k, 'base64url') : jose.importJWK(jwk, alg)
}

// Passwords are opened only if their algorithm is named.
const options = ({ alg }) => ({ keyManagementAlgorithms: [alg] })

await run({
  async decrypt (job) {
    const key = await importKey(job)
    const decrypt = {
      compact: (token) => jose.compactDecrypt(token, key, options(job)),
      flattened: (token) => jose.flattenedDecrypt(JSON.parse(token), key, options(job)),
      general: (token) => jose.generalDecrypt(JSON.parse(token), key, options(job))
    }[job.serialization]
    return (await decrypt(job.token)).plaintext
  },
  async encrypt (job, plaintext) {
    const { alg, enc, jwk, serialization } = job
    const aad = Buffer.from(job.aad, 'base64url')
    const key = await importKey(job)
    const header = { alg, enc, kid: jwk.kid }
    const parameters = alg.startsWith('PBES2') ? { p2c: 2000 } : undefined
    if (job.zip) header.zip = 'DEF'
    if (serialization === 'general') {
      const encrypter = new jose.GeneralEncrypt(plaintext).setProtectedHeader({ enc })
      if (aad.length > 0) encrypter.setAdditionalAuthenticatedData(aad)
      return encrypter.addRecipient(key).setUnprotectedHeader({ alg, kid: jwk.kid }).encrypt()
    }
    const Encrypt = serialization === 'compact' ? jose.CompactEncrypt : jose.FlattenedEncrypt
    const encrypter = new Encrypt(plaintext).setProtectedHeader(header)
    if (aad.length > 0) encrypter.setAdditionalAuthenticatedData(aad)
    if (parameters) encrypter.setKeyManagementParameters(parameters)
    return encrypter.encrypt(key)
  }
})
