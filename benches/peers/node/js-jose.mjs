// jose-jwe-jws, which is js-jose by Square: keys imported once, one encrypter and decrypter for
// all tokens. It is made for browsers: it is run as a script with a window, and its plaintexts are
// strings.
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { runInThisContext } from 'node:vm'
import { serve } from './contender.mjs'

globalThis.window = globalThis
const path = createRequire(import.meta.url).resolve('jose-jwe-jws')
const { Jose } = runInThisContext(`${await readFile(path, 'utf8')};Jose`)

const alg = 'RSA-OAEP-256'

await serve(async (keys) => {
  const cryptographer = new Jose.WebCryptographer()
  cryptographer.setKeyEncryptionAlgorithm(alg)
  cryptographer.setContentEncryptionAlgorithm('A256GCM')
  const publicKey = Jose.Utils.importRsaPublicKey(keys.public, alg)
  const privateKey = Jose.Utils.importRsaPrivateKey(keys.private, alg)
  await Promise.all([publicKey, privateKey])
  const encrypter = new Jose.JoseJWE.Encrypter(cryptographer, publicKey)
  encrypter.addHeader('kid', keys.public.kid)
  const decrypter = new Jose.JoseJWE.Decrypter(cryptographer, privateKey)
  return {
    encrypt: (value) => encrypter.encrypt(value.toString('utf8')),
    decrypt: (token) => decrypter.decrypt(token)
  }
})
