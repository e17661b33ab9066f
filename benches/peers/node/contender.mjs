// A contender on Node.js: the commands and answers of ../contender/src/lib.rs.
//
//   serve(async ({ private, public, pem }) => ({
//     async encrypt (value) { … return token },   // value is a Buffer
//     async decrypt (token) { … return value }    // as bytes or a string
//   }))
import { createInterface } from 'node:readline'

const VALUE = Buffer.from('0123456789abcdef')
// The clock is read about so often, in seconds.
const BETWEEN_READINGS = 0.005
// So many operations are under way at a time, as in a server. Where a peer hands its work to the
// thread pool this costs it less CPU time than one after the other.
const AT_A_TIME = 8

// The CPU time of all threads in seconds.
function cpuTime () {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

async function repeat (wanted, once) {
  const start = cpuTime()
  let count = 0
  let batch = 1
  for (;;) {
    let left = batch
    const chain = async () => { while (left-- > 0) await once() }
    await Promise.all(Array.from({ length: Math.min(AT_A_TIME, batch) }, chain))
    count += batch
    const used = cpuTime() - start
    if (used >= wanted) return { count, used }
    batch = Math.max(1, Math.min(1e6, Math.floor(count / Math.max(used, 1e-6) * BETWEEN_READINGS)))
  }
}

export async function serve (importKeys) {
  let peer
  let kept
  const decryptOnce = async (token) => {
    const value = await peer.decrypt(token)
    if (!VALUE.equals(Buffer.from(value))) throw new Error('another plaintext')
  }
  const commands = {
    async key (json) {
      peer = await importKeys(JSON.parse(json))
      return 'ok'
    },
    token: async () => `ok ${await peer.encrypt(VALUE)}`,
    async open (token) {
      await decryptOnce(token)
      kept = token
      return 'ok'
    },
    async encrypt (seconds) {
      let last
      const { count, used } = await repeat(Number(seconds), async () => {
        last = await peer.encrypt(VALUE)
      })
      return `ok ${count} ${used.toFixed(9)} ${last}`
    },
    async decrypt (seconds) {
      const { count, used } = await repeat(Number(seconds), () => decryptOnce(kept))
      return `ok ${count} ${used.toFixed(9)}`
    }
  }
  for await (const line of createInterface({ input: process.stdin })) {
    const [command] = line.split(' ', 1)
    try {
      console.log(await commands[command](line.slice(command.length + 1)))
    } catch (error) {
      console.log(`error ${String(error).replaceAll('\n', ' ')}`)
    }
  }
}
