// The protocol between the Rust test and a peer on Node.js.
//
//   node PEER.mjs decrypt FILE   prints "ok ID" or "FAIL ID why" for each job
//   node PEER.mjs encrypt FILE   prints "ID TOKEN" or "FAIL ID why" for each job
//
// FILE is an array of jobs {id, alg, enc, serialization, jwk, plaintext, aad, zip}, to decrypt with a
// token. Plaintext and aad are base64url, where an empty aad is none; zip says whether to compress;
// a token in a JSON serialization is its JSON text. The jwk is private to
// decrypt and public to encrypt; for a password it is an oct key of its bytes. The kid is the key's.
import { readFile } from 'node:fs/promises'

export async function run (peer) {
  const [action, file] = process.argv.slice(2)
  for (const job of JSON.parse(await readFile(file, 'utf8'))) {
    const plaintext = Buffer.from(job.plaintext, 'base64url')
    try {
      if (action === 'encrypt') {
        const token = await peer.encrypt(job, plaintext)
        console.log(`${job.id} ${typeof token === 'string' ? token : JSON.stringify(token)}`)
      } else {
        const read = Buffer.from(await peer.decrypt(job))
        console.log(read.equals(plaintext) ? `ok ${job.id}` : `FAIL ${job.id} another plaintext`)
      }
    } catch (error) {
      console.log(`FAIL ${job.id} ${String(error).replaceAll('\n', ' ')}`)
    }
  }
}
