// Encrypts what the user typed before it leaves the page. The key comes from the API itself, and not from
// who serves the page: who serves the page could put in another one.
import * as jose from '/lib/jose/index.js'

const { Jose } = window
const element = (id) => document.getElementById(id)

const publicKey = async () => {
  const answer = await fetch(`${document.body.dataset.api}/publickey`)
  if (!answer.ok) throw new Error(`the key can't be fetched: ${answer.status}`)
  return answer.json()
}

// js-jose: the plaintext is a string.
const withJsJose = async (jwk) => {
  const cryptographer = new Jose.WebCryptographer()
  cryptographer.setKeyEncryptionAlgorithm('RSA-OAEP-256')
  cryptographer.setContentEncryptionAlgorithm('A256GCM')
  const encrypter = new Jose.JoseJWE.Encrypter(cryptographer, Jose.Utils.importRsaPublicKey(jwk, 'RSA-OAEP-256'))
  encrypter.addHeader('kid', jwk.kid)
  return (text) => encrypter.encrypt(text)
}

// panva/jose: the plaintext is bytes.
const withPanva = async (jwk) => {
  const key = await jose.importJWK(jwk, 'RSA-OAEP-256')
  const header = { alg: 'RSA-OAEP-256', enc: 'A256GCM', kid: jwk.kid }
  return (text) => new jose.CompactEncrypt(new TextEncoder().encode(text)).setProtectedHeader(header).encrypt(key)
}

const send = async (library) => {
  element('answer').textContent = ''
  try {
    const encrypt = await library(await publicKey())
    const body = JSON.stringify({
      id_connector: 33,
      login: await encrypt(element('login').value),
      password: await encrypt(element('password').value)
    })
    element('sent').textContent = body
    const answer = await fetch('/users/me/connections', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body
    })
    element('answer').textContent = `${answer.status} ${await answer.text()}`
  } catch (error) {
    element('answer').textContent = `failed: ${error}`
  }
}

element('js-jose').addEventListener('click', () => send(withJsJose))
element('panva').addEventListener('click', () => send(withPanva))
document.body.dataset.ready = 'yes'
