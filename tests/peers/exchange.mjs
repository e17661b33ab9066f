// The protocol between the Rust test and a peer on Node.js.
//
//   node PEER.mjs decrypt FILE    FILE: [{id, jwk, token, plaintext}]   prints "ok ID" or "FAIL ID why"
//   node PEER.mjs encrypt FILE    FILE: [{id, jwk, enc, plaintext}]     prints "ID TOKEN" or "FAIL ID why"
//
// A plaintext is base64url. Everything is encrypted with RSA-OAEP-256 and the kid of the key.
import { readFile } from 'node:fs/promises'

export const alg = 'RSA-OAEP-256'

export async function run (peer) {
  const [action, file] = process.argv.slice(2)
  for (const job of JSON.parse(await readFile(file, 'utf8'))) {
    const plaintext = Buffer.from(job.plaintext, 'base64url')
    try {
      if (action === 'encrypt') {
        console.log(`${job.id} ${await peer.encrypt(job.jwk, job.enc, plaintext)}`)
      } else {
        const read = Buffer.from(await peer.decrypt(job.jwk, job.token))
        console.log(read.equals(plaintext) ? `ok ${job.id}` : `FAIL ${job.id} another plaintext`)
      }
    } catch (error) {
      console.log(`FAIL ${job.id} ${String(error).replaceAll('\n', ' ')}`)
    }
  }
}
