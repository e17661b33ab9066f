//! A backend without cryptography: ciphertext is plaintext, every tag is right, a wrapped key is the
//! key and every agreement ends at the same secret. What stands behind authentication is reached
//! with it by whatever bytes come. It must never be used but here.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use jwe_core::aes_key_wrap::{AesKeyWrap, AesKw, OVERHEAD};
use jwe_core::gcm_key_wrap::GcmKw;
use jwe_core::pbes2::Pbes2;
use jwe_core::{
    Alg, Backend, BackendError, ContentEncryption, Curve, DIRECT, DecryptionKeyImport,
    EcPrivateKey, EcPublicKey, EcdhEsRecipient, EcdhEsSender, Enc, EncryptionKeyImport,
    EphemeralAgreement, EphemeralAgreementKey, Jwk, KeyMaterial, KeyRejected, RandomSource,
    RecipientContext, RecipientKey, SenderContext, SenderKey, StaticAgreement, StaticAgreementKey,
    UnwrapKey, WrapKey,
};

/// The backend.
pub static NO_SECURITY: Backend = Backend::new("no-security", &COUNTING, sum)
    .with_encryption_keys(&[
        &RSA_OAEP,
        &RSA_OAEP_256,
        &RSA_OAEP_384,
        &RSA_OAEP_512,
        &A128KW,
        &A192KW,
        &A256KW,
        &DIRECT,
        &SEND_ECDH_ES,
        &SEND_ECDH_ES_A128KW,
        &SEND_ECDH_ES_A192KW,
        &SEND_ECDH_ES_A256KW,
        &A128GCMKW,
        &A192GCMKW,
        &A256GCMKW,
        &PBES2_HS256_A128KW,
        &PBES2_HS384_A192KW,
        &PBES2_HS512_A256KW,
    ])
    .with_decryption_keys(&[
        &RSA_OAEP,
        &RSA_OAEP_256,
        &RSA_OAEP_384,
        &RSA_OAEP_512,
        &A128KW,
        &A192KW,
        &A256KW,
        &DIRECT,
        &RECEIVE_ECDH_ES,
        &RECEIVE_ECDH_ES_A128KW,
        &RECEIVE_ECDH_ES_A192KW,
        &RECEIVE_ECDH_ES_A256KW,
        &A128GCMKW,
        &A192GCMKW,
        &A256GCMKW,
        &PBES2_HS256_A128KW,
        &PBES2_HS384_A192KW,
        &PBES2_HS512_A256KW,
    ])
    .with_content_encryption(&[
        &A128GCM,
        &A192GCM,
        &A256GCM,
        &A128CBC_HS256,
        &A192CBC_HS384,
        &A256CBC_HS512,
    ]);

/// The length in bytes of the modulus of the RSA key of [`keys`].
pub const MODULUS_LEN: usize = 256;

/// The private keys of each kind that an algorithm takes: one on each curve for key agreement, else
/// one. They are made up: nothing here works with their numbers.
#[must_use]
pub fn keys(alg: Alg) -> Vec<Jwk> {
    if alg.is_rsa() {
        let json = include_bytes!("../data/rsa.jwk");
        vec![Jwk::from_json(json).unwrap()]
    } else if alg.is_ecdh() {
        Curve::ALL.iter().map(|curve| agreement_key(*curve)).collect()
    } else {
        let bytes: Vec<u8> = (1..=32).take(alg.kek_len().unwrap_or(32)).collect();
        let k = crate::base64url::encode(&bytes);
        vec![Jwk::from_json(format!(r#"{{"kty":"oct","k":"{k}"}}"#).as_bytes()).unwrap()]
    }
}

fn agreement_key(curve: Curve) -> Jwk {
    let mut public = vec![7; curve.public_len()];
    if curve.is_nist() {
        public[0] = 4;
        // Below every prime.
        (public[1], public[1 + curve.secret_len()]) = (0, 0);
    }
    let mut secret = vec![9; curve.secret_len()];
    secret[0] = 0;
    let public = EcPublicKey::new(curve, &public).unwrap();
    let key = EcPrivateKey::new(curve, &secret, Some(public)).unwrap();
    Jwk::from_material(KeyMaterial::EcPrivate(key))
}

/// Bytes that go up, so that two draws differ.
struct Counting(AtomicU8);

static COUNTING: Counting = Counting(AtomicU8::new(0));

impl RandomSource for Counting {
    fn fill(&self, dest: &mut [u8]) -> Result<(), BackendError> {
        let mut next = self.0.fetch_add(1, Ordering::Relaxed);
        for byte in dest {
            next = next.wrapping_add(1);
            *byte = next;
        }
        Ok(())
    }
}

/// No hash, but a function of all bytes.
fn sum(data: &[u8]) -> [u8; 32] {
    let mut out = [0_u8; 32];
    for (at, byte) in data.iter().enumerate() {
        out[at % 32] = out[at % 32].rotate_left(1).wrapping_add(*byte);
    }
    out
}

struct Content(Enc);

static A128GCM: Content = Content(Enc::A128Gcm);
static A192GCM: Content = Content(Enc::A192Gcm);
static A256GCM: Content = Content(Enc::A256Gcm);
static A128CBC_HS256: Content = Content(Enc::A128CbcHs256);
static A192CBC_HS384: Content = Content(Enc::A192CbcHs384);
static A256CBC_HS512: Content = Content(Enc::A256CbcHs512);

impl ContentEncryption for Content {
    fn enc(&self) -> Enc {
        self.0
    }

    fn implementation(&self) -> &'static str {
        "nothing"
    }

    fn seal(
        &self,
        cek: &[u8],
        iv: &[u8],
        _: &[u8],
        buf: &mut [u8],
        plaintext_len: usize,
        tag: &mut [u8],
    ) -> Result<(), BackendError> {
        self.0.check_seal(cek.len(), iv.len(), tag.len(), buf.len(), plaintext_len)?;
        let padding = buf.len() - plaintext_len;
        buf[plaintext_len..].fill(padding as u8);
        tag.fill(0);
        Ok(())
    }

    /// Every tag is right. The padding of CBC is looked at, as there is a length to be had from it.
    fn open(
        &self,
        cek: &[u8],
        iv: &[u8],
        _: &[u8],
        buf: &mut [u8],
        tag: &[u8],
    ) -> Result<usize, BackendError> {
        let checked = self.0.check_open(cek.len(), iv.len(), tag.len(), buf.len());
        let padding = if self.0.is_cbc() { buf.last().copied().unwrap_or(0) } else { 0 };
        if checked.is_err() || (self.0.is_cbc() && !(1..=16).contains(&padding)) {
            buf.fill(0);
            return Err(BackendError);
        }
        Ok(buf.len() - usize::from(padding))
    }
}

struct KeyWrap;

static KEY_WRAP: KeyWrap = KeyWrap;

impl AesKeyWrap for KeyWrap {
    fn wrap(&self, _: &[u8], cek: &[u8], out: &mut [u8]) -> Result<(), BackendError> {
        out.fill(0);
        out[OVERHEAD..].copy_from_slice(cek);
        Ok(())
    }

    fn unwrap(&self, _: &[u8], wrapped: &[u8], out: &mut [u8]) -> Result<(), BackendError> {
        out.copy_from_slice(&wrapped[OVERHEAD..]);
        Ok(())
    }
}

static A128KW: AesKw = AesKw::new(Alg::A128Kw, &KEY_WRAP, "nothing");
static A192KW: AesKw = AesKw::new(Alg::A192Kw, &KEY_WRAP, "nothing");
static A256KW: AesKw = AesKw::new(Alg::A256Kw, &KEY_WRAP, "nothing");
static A128GCMKW: GcmKw = GcmKw::new(Alg::A128GcmKw, &A128GCM);
static A192GCMKW: GcmKw = GcmKw::new(Alg::A192GcmKw, &A192GCM);
static A256GCMKW: GcmKw = GcmKw::new(Alg::A256GcmKw, &A256GCM);

const fn pbes2(alg: Alg) -> Pbes2 {
    Pbes2::new(
        alg,
        |_, _, _, _, out| {
            out.fill(1);
            Ok(())
        },
        &KEY_WRAP,
        "nothing",
    )
}

static PBES2_HS256_A128KW: Pbes2 = pbes2(Alg::Pbes2Hs256A128Kw);
static PBES2_HS384_A192KW: Pbes2 = pbes2(Alg::Pbes2Hs384A192Kw);
static PBES2_HS512_A256KW: Pbes2 = pbes2(Alg::Pbes2Hs512A256Kw);

/// Both sides of key agreement.
struct Agreement;

static AGREEMENT: Agreement = Agreement;

struct AgreementKey {
    curve: Curve,
    public: EcPublicKey,
}

impl EphemeralAgreement for Agreement {
    fn curves(&self) -> &'static [Curve] {
        Curve::ALL
    }

    fn import(&self, key: &EcPublicKey) -> Result<Arc<dyn EphemeralAgreementKey>, KeyRejected> {
        Ok(Arc::new(AgreementKey { curve: key.curve(), public: key.clone() }))
    }
}

impl EphemeralAgreementKey for AgreementKey {
    fn agree(
        &self,
        _: Option<&EcPrivateKey>,
        epk: &mut [u8],
        z: &mut [u8],
    ) -> Result<(), BackendError> {
        epk.copy_from_slice(self.public.as_bytes());
        z.fill(self.curve as u8 + 1);
        Ok(())
    }
}

impl StaticAgreement for Agreement {
    fn curves(&self) -> &'static [Curve] {
        Curve::ALL
    }

    fn import(&self, key: &EcPrivateKey) -> Result<Arc<dyn StaticAgreementKey>, KeyRejected> {
        let public = key.public().ok_or(KeyRejected::INCONSISTENT)?.clone();
        Ok(Arc::new(AgreementKey { curve: key.curve(), public }))
    }
}

impl StaticAgreementKey for AgreementKey {
    fn public_key(&self, out: &mut [u8]) -> Result<(), BackendError> {
        out.copy_from_slice(self.public.as_bytes());
        Ok(())
    }

    fn agree(&self, _: &[u8], z: &mut [u8]) -> Result<(), BackendError> {
        z.fill(self.curve as u8 + 1);
        Ok(())
    }
}

fn kdf(z: &[u8], other_info: &[u8], out: &mut [u8]) -> Result<(), BackendError> {
    let mixed = sum(&[z, other_info].concat());
    out.iter_mut().zip(mixed.iter().cycle()).for_each(|(to, from)| *to = *from);
    Ok(())
}

const fn sends(alg: Alg, key_wrap: Option<&'static dyn AesKeyWrap>) -> EcdhEsSender {
    EcdhEsSender::new(alg, &AGREEMENT, kdf, key_wrap, "nothing")
}

const fn receives(alg: Alg, key_wrap: Option<&'static dyn AesKeyWrap>) -> EcdhEsRecipient {
    EcdhEsRecipient::new(alg, &AGREEMENT, kdf, key_wrap, "nothing")
}

static SEND_ECDH_ES: EcdhEsSender = sends(Alg::EcdhEs, None);
static SEND_ECDH_ES_A128KW: EcdhEsSender = sends(Alg::EcdhEsA128Kw, Some(&KEY_WRAP));
static SEND_ECDH_ES_A192KW: EcdhEsSender = sends(Alg::EcdhEsA192Kw, Some(&KEY_WRAP));
static SEND_ECDH_ES_A256KW: EcdhEsSender = sends(Alg::EcdhEsA256Kw, Some(&KEY_WRAP));
static RECEIVE_ECDH_ES: EcdhEsRecipient = receives(Alg::EcdhEs, None);
static RECEIVE_ECDH_ES_A128KW: EcdhEsRecipient = receives(Alg::EcdhEsA128Kw, Some(&KEY_WRAP));
static RECEIVE_ECDH_ES_A192KW: EcdhEsRecipient = receives(Alg::EcdhEsA192Kw, Some(&KEY_WRAP));
static RECEIVE_ECDH_ES_A256KW: EcdhEsRecipient = receives(Alg::EcdhEsA256Kw, Some(&KEY_WRAP));

/// RSAES-OAEP: the CEK stands at the start of an encrypted key that is as long as the modulus.
#[derive(Clone, Copy)]
struct Rsa(Alg);

static RSA_OAEP: Rsa = Rsa(Alg::RsaOaep);
static RSA_OAEP_256: Rsa = Rsa(Alg::RsaOaep256);
static RSA_OAEP_384: Rsa = Rsa(Alg::RsaOaep384);
static RSA_OAEP_512: Rsa = Rsa(Alg::RsaOaep512);

impl EncryptionKeyImport for Rsa {
    fn alg(&self) -> Alg {
        self.0
    }

    fn implementation(&self) -> &'static str {
        "nothing"
    }

    fn import(&self, _: &KeyMaterial) -> Result<SenderKey, KeyRejected> {
        Ok(SenderKey::Wrap(Arc::new(*self)))
    }
}

impl DecryptionKeyImport for Rsa {
    fn alg(&self) -> Alg {
        self.0
    }

    fn implementation(&self) -> &'static str {
        "nothing"
    }

    fn import(&self, _: &KeyMaterial) -> Result<RecipientKey, KeyRejected> {
        Ok(RecipientKey::Unwrap(Arc::new(*self)))
    }
}

impl WrapKey for Rsa {
    fn encrypted_key_len(&self, _: usize) -> usize {
        MODULUS_LEN
    }

    fn wrap_key(
        &self,
        _: &mut SenderContext<'_>,
        cek: &[u8],
        encrypted_key: &mut [u8],
    ) -> Result<(), BackendError> {
        encrypted_key[..cek.len()].copy_from_slice(cek);
        Ok(())
    }
}

impl UnwrapKey for Rsa {
    fn encrypted_key_len(&self, _: usize) -> usize {
        MODULUS_LEN
    }

    fn unwrap_key(
        &self,
        context: &RecipientContext<'_>,
        encrypted_key: &[u8],
        out: &mut [u8],
    ) -> Result<usize, BackendError> {
        let len = context.enc().cek_len();
        out[..len].copy_from_slice(&encrypted_key[..len]);
        Ok(len)
    }
}
