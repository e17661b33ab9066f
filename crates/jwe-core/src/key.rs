//! Prepared keys: imported once into a backend, bound to one `alg`, cheap to clone.

use core::fmt;
use std::borrow::Cow;
use std::sync::Arc;

use crate::alg::{Alg, KeyManagementMode};
use crate::backend::{Backend, Direction};
use crate::curve::Curve;
use crate::enc::Enc;
use crate::error::ImportError;
use crate::jwk::{Jwk, checked_kid};
use crate::key_import::{RecipientKey, SenderKey};
use crate::key_material::KeyMaterial;
use crate::uses::Uses;

/// Which `kid` a key gets on import (RFC 7516 §4.1.6).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kid {
    /// The JWK's own. A key for encryption must have one.
    #[default]
    FromKey,
    /// This one.
    Given(String),
    /// The JWK thumbprint with SHA-256 (RFC 7638). Not for a symmetric key, whose hash is not for
    /// everybody to read (RFC 7638 §7).
    Thumbprint,
    /// The SHA-256 of the SubjectPublicKeyInfo, base64url, by which some services name their keys.
    /// Not for a symmetric key, which has none.
    SpkiSha256,
    /// None at all: no `kid` in the header.
    Omit,
}

/// Choices on importing a key.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct KeyOptions {
    alg: Option<Alg>,
    kid: Kid,
    ignore_declared_usage: bool,
}

impl KeyOptions {
    /// The key's own `alg` and `kid`, and its declared usage honoured.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Binds the key to this algorithm. Needed where the key names none; an error where it names
    /// another.
    #[must_use]
    pub fn with_alg(mut self, alg: Alg) -> Self {
        self.alg = Some(alg);
        self
    }

    /// Chooses the `kid`.
    #[must_use]
    pub fn with_kid(mut self, kid: Kid) -> Self {
        self.kid = kid;
        self
    }

    /// Does not look at the key's `alg`, `use` and `key_ops`, nor at the key usage of its
    /// certificate: for publishers that label an encryption key wrongly, such as one that says
    /// `"alg":"RS256"`. An `alg` must then be given.
    #[must_use]
    pub fn ignore_declared_usage(mut self) -> Self {
        self.ignore_declared_usage = true;
        self
    }
}

/// A sender's key, imported into a backend and bound to one `alg`.
#[derive(Clone)]
pub struct EncryptionKey {
    pub(crate) alg: Alg,
    pub(crate) kid: Option<Arc<str>>,
    pub(crate) enc: Option<Enc>,
    pub(crate) curve: Option<Curve>,
    pub(crate) key: SenderKey,
    pub(crate) uses: Uses,
}

impl EncryptionKey {
    /// Imports a key for encryption. Of a private key only the public half is used, which `backend`
    /// works out where the key's file left it out.
    ///
    /// # Errors
    /// [`ImportError`]: usage, `alg` or `kid` as the options have it, a gap of the backend, or a
    /// key that its library refuses.
    pub fn import(backend: &Backend, jwk: &Jwk, options: &KeyOptions) -> Result<Self, ImportError> {
        let Binding { alg, enc, kid } = bind(backend, jwk, options, Direction::Encrypt)?;
        if kid.is_none() && options.kid != Kid::Omit {
            return Err(ImportError::MissingKid);
        }
        let (name, import) = backend.encryption_key_import(alg, jwk.curve())?;
        let rejected = |reason| ImportError::Rejected { backend: name, reason };
        let jwk = whole(backend, jwk)?;
        let key = match jwk.material().public_half() {
            Some(public) => import.import(&public),
            None => import.import(jwk.material()),
        };
        Ok(Self {
            alg,
            kid,
            enc,
            curve: jwk.curve(),
            key: key.map_err(rejected)?,
            uses: Uses::default(),
        })
    }

    /// The algorithm to which the key is bound.
    #[must_use]
    pub fn alg(&self) -> Alg {
        self.alg
    }

    /// The `kid` that goes into the header.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }
}

impl fmt::Debug for EncryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EncryptionKey")
            .field("alg", &self.alg)
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}

/// A recipient's key, imported into a backend and bound to one `alg`.
#[derive(Clone)]
pub struct DecryptionKey {
    pub(crate) alg: Alg,
    pub(crate) kid: Option<Arc<str>>,
    pub(crate) enc: Option<Enc>,
    pub(crate) curve: Option<Curve>,
    pub(crate) key: Held,
}

/// Where the secret half of a decryption key is.
#[derive(Clone)]
pub(crate) enum Held {
    /// In the backend.
    Here(RecipientKey),
    /// Somewhere else, such as in a hardware module; encrypted keys have this many bytes.
    Elsewhere { encrypted_key_len: usize },
}

impl DecryptionKey {
    /// Imports a key for decryption.
    ///
    /// # Errors
    /// [`ImportError`]: a public key, usage, `alg` or `kid` as the options have it, a gap of the
    /// backend, or a key that its library refuses.
    pub fn import(backend: &Backend, jwk: &Jwk, options: &KeyOptions) -> Result<Self, ImportError> {
        let Binding { alg, enc, kid } = bind(backend, jwk, options, Direction::Decrypt)?;
        // Asked first: what a backend can't do at all is worth more to know than what is wrong
        // with this key.
        let (name, import) = backend.decryption_key_import(alg, jwk.curve())?;
        if !jwk.is_private() {
            return Err(ImportError::PrivateKeyNeeded);
        }
        let key = import
            .import(jwk.material())
            .map_err(|reason| ImportError::Rejected { backend: name, reason })?;
        Ok(Self { alg, kid, enc, curve: jwk.curve(), key: Held::Here(key) })
    }

    /// A key whose private half is held elsewhere, such as in a hardware module or a key service,
    /// named by its public half. Messages for it are opened in two steps:
    /// [`Decrypter::begin`](crate::Decrypter::begin) and
    /// [`Pending::complete`](crate::Pending::complete).
    ///
    /// # Errors
    /// [`ImportError`]: usage, `alg` or `kid` as the options have it; not an RSA key.
    pub fn held_elsewhere(
        backend: &Backend,
        public: &Jwk,
        options: &KeyOptions,
    ) -> Result<Self, ImportError> {
        // The published half declares what its senders do with it.
        let Binding { alg, enc, kid } = bind(backend, public, options, Direction::Encrypt)?;
        let encrypted_key_len = match public.material() {
            KeyMaterial::RsaPublic(key) => key.modulus_len(),
            KeyMaterial::RsaPrivate(key) => key.public().modulus_len(),
            _ => {
                return Err(ImportError::Unsupported("only RSA keys can be held elsewhere"));
            }
        };
        Ok(Self { alg, kid, enc, curve: None, key: Held::Elsewhere { encrypted_key_len } })
    }

    /// The algorithm to which the key is bound.
    #[must_use]
    pub fn alg(&self) -> Alg {
        self.alg
    }

    /// The `kid` by which messages name the key.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }
}

impl fmt::Debug for DecryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DecryptionKey")
            .field("alg", &self.alg)
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}

/// What a key is bound to on import.
struct Binding {
    alg: Alg,
    /// The one `enc` that a key for direct encryption names as its `alg`.
    enc: Option<Enc>,
    kid: Option<Arc<str>>,
}

fn bind(
    backend: &Backend,
    jwk: &Jwk,
    options: &KeyOptions,
    direction: Direction,
) -> Result<Binding, ImportError> {
    if !options.ignore_declared_usage {
        check_usage(jwk, options, direction)?;
    }
    jwk.check_certificate(backend)?;
    let (alg, enc) = choose_alg(jwk, options)?;
    if !alg.takes_key_type(jwk.kty()) {
        return Err(ImportError::AlgKeyType { alg, kty: jwk.kty() });
    }
    let kid = match &options.kid {
        Kid::FromKey => jwk.kid().map(Arc::from),
        Kid::Given(kid) => Some(Arc::from(checked_kid(kid)?)),
        Kid::Thumbprint | Kid::SpkiSha256 if jwk.kty() == "oct" => {
            return Err(ImportError::InvalidKid(
                "the thumbprint of a symmetric key would publish its hash: give another kid",
            ));
        }
        Kid::Thumbprint => derived(whole(backend, jwk)?.thumbprint(backend))?,
        Kid::SpkiSha256 => derived(whole(backend, jwk)?.spki_sha256(backend))?,
        Kid::Omit => None,
    };
    Ok(Binding { alg, enc, kid })
}

/// The key with its public half, which is worked out where its file left it out.
fn whole<'k>(backend: &Backend, jwk: &'k Jwk) -> Result<Cow<'k, Jwk>, ImportError> {
    if jwk.is_private() && jwk.curve().is_some() && jwk.material().public_half().is_none() {
        jwk.clone().with_public_half(backend).map(Cow::Owned)
    } else {
        Ok(Cow::Borrowed(jwk))
    }
}

fn derived(kid: Option<String>) -> Result<Option<Arc<str>>, ImportError> {
    kid.map(|kid| Some(Arc::from(kid))).ok_or(ImportError::MissingPublicHalf)
}

fn choose_alg(jwk: &Jwk, options: &KeyOptions) -> Result<(Alg, Option<Enc>), ImportError> {
    let declared = jwk.alg().filter(|_| !options.ignore_declared_usage);
    let Some(declared) = declared else {
        return options.alg.map(|alg| (alg, None)).ok_or(ImportError::MissingAlg);
    };
    let conflict = || ImportError::AlgConflict {
        declared: declared.chars().flat_map(char::escape_debug).take(64).collect(),
        wanted: options.alg,
    };
    // A key for direct encryption may name the `enc` that it is for (RFC 7520 §5.6.1).
    let (alg, enc) = match (Alg::from_name(declared), Enc::from_name(declared)) {
        (Some(alg), _) => (alg, None),
        (None, Some(enc)) if jwk.kty() == "oct" => (Alg::Dir, Some(enc)),
        _ => return Err(conflict()),
    };
    if options.alg.is_some_and(|wanted| wanted != alg) {
        return Err(conflict());
    }
    Ok((alg, enc))
}

fn check_usage(jwk: &Jwk, options: &KeyOptions, direction: Direction) -> Result<(), ImportError> {
    match jwk.key_use() {
        None | Some("enc") => {}
        Some("sig") => return Err(ImportError::Usage("its use is \"sig\", so it signs")),
        Some(_) => return Err(ImportError::Usage("its use is not \"enc\"")),
    }
    let certified = jwk.certificate().is_none_or(|one| one.permits_encryption_to(jwk));
    if direction == Direction::Encrypt && !certified {
        return Err(ImportError::Usage(
            "the key usage of its certificate permits neither encryption to it nor key agreement",
        ));
    }
    let Some(ops) = jwk.key_ops() else {
        return Ok(());
    };
    let lists = |wanted: &[&str]| ops.iter().any(|op| wanted.contains(&op.as_str()));
    if jwk.curve().is_some() {
        // RFC 7517 §4.3 knows operations of agreement for private keys only: the list of a public
        // key is empty (RFC 7518 leaves it open), or names what its private half does.
        let listed = lists(&["deriveKey", "deriveBits"])
            || (direction == Direction::Encrypt && ops.is_empty() && !jwk.is_private());
        return if listed {
            Ok(())
        } else {
            Err(ImportError::Usage("its key_ops list neither \"deriveKey\" nor \"deriveBits\""))
        };
    }
    // A key is derived from a password, whatever is then done with that (RFC 7517 §4.3).
    let alg = options.alg.or_else(|| jwk.alg().and_then(Alg::from_name));
    if alg.is_some_and(Alg::is_pbes2) && lists(&["deriveKey", "deriveBits"]) {
        return Ok(());
    }
    let listed = match direction {
        // Whoever may decrypt with a private key may encrypt with its public half.
        Direction::Encrypt => {
            lists(&["encrypt", "wrapKey"])
                || (matches!(jwk.material(), KeyMaterial::RsaPrivate(_))
                    && lists(&["decrypt", "unwrapKey"]))
        }
        Direction::Decrypt => lists(&["decrypt", "unwrapKey"]),
    };
    match (listed, direction) {
        (true, _) => Ok(()),
        (false, Direction::Encrypt) => {
            Err(ImportError::Usage("its key_ops list neither \"encrypt\" nor \"wrapKey\""))
        }
        (false, Direction::Decrypt) => {
            Err(ImportError::Usage("its key_ops list neither \"decrypt\" nor \"unwrapKey\""))
        }
    }
}

impl DecryptionKey {
    /// Whether the encrypted key of a message can be this key's, by its length alone.
    pub(crate) fn takes_encrypted_key_len(&self, len: usize, enc: Enc) -> bool {
        match (&self.key, self.alg.mode()) {
            (_, KeyManagementMode::DirectEncryption | KeyManagementMode::DirectKeyAgreement)
            | (Held::Here(RecipientKey::Derive(_)), _) => len == 0,
            (Held::Here(RecipientKey::Unwrap(key)), _) => {
                len == key.encrypted_key_len(enc.cek_len())
            }
            (Held::Elsewhere { encrypted_key_len }, _) => len == *encrypted_key_len,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{DecryptionKey, EncryptionKey, KeyOptions, Kid};
    use crate::alg::Alg;
    use crate::backend::Backend;
    use crate::direct::DIRECT;
    use crate::enc::Enc;
    use crate::error::{BackendError, ImportError};
    use crate::jwk::Jwk;
    use crate::random_source::RandomSource;

    struct NoRandom;

    impl RandomSource for NoRandom {
        fn fill(&self, _: &mut [u8]) -> Result<(), BackendError> {
            Err(BackendError)
        }
    }

    static BACKEND: Backend = Backend::new("toy", &NoRandom, |_| [7; 32])
        .with_encryption_keys(&[&DIRECT])
        .with_decryption_keys(&[&DIRECT]);

    /// 2048 bits, odd; nobody's key.
    fn rsa(members: &str) -> Jwk {
        let n = crate::base64url::encode(&[0xff; 256]);
        Jwk::from_json(format!(r#"{{"kty":"RSA","e":"AQAB","n":"{n}"{members}}}"#).as_bytes())
            .unwrap()
    }

    fn oct(members: &str) -> Jwk {
        let json = format!(r#"{{"kty":"oct","k":"AAECAwQFBgcICQoLDA0ODw"{members}}}"#);
        Jwk::from_json(json.as_bytes()).unwrap()
    }

    fn send(jwk: &Jwk, options: &KeyOptions) -> Result<(Alg, Option<String>), &'static str> {
        EncryptionKey::import(&BACKEND, jwk, options)
            .map(|key| (key.alg(), key.kid().map(str::to_owned)))
            .map_err(|error| error.code())
    }

    fn receive(jwk: &Jwk, options: &KeyOptions) -> Result<Alg, &'static str> {
        DecryptionKey::import(&BACKEND, jwk, options)
            .map(|key| key.alg())
            .map_err(|error| error.code())
    }

    #[test]
    fn the_alg_comes_from_the_key_or_from_the_caller_and_both_agree() {
        let own = KeyOptions::new().with_kid(Kid::Omit);
        let dir = own.clone().with_alg(Alg::Dir);
        assert_eq!(send(&oct(""), &own), Err("key_missing_alg"));
        assert_eq!(send(&oct(""), &dir), Ok((Alg::Dir, None)));
        assert_eq!(send(&oct(r#","alg":"dir""#), &own), Ok((Alg::Dir, None)));
        for other in ["RSA-OAEP", "Dir", "dir ", "RS256", "A256KW", "RSA1_5", ""] {
            let jwk = oct(&format!(r#","alg":"{other}""#));
            assert_eq!(send(&jwk, &dir), Err("key_alg_conflict"), "{other}");
            assert_eq!(receive(&jwk, &dir), Err("key_alg_conflict"), "{other}");
            assert_eq!(send(&jwk, &dir.clone().ignore_declared_usage()), Ok((Alg::Dir, None)));
        }
        assert_eq!(send(&oct(""), &own.clone().with_alg(Alg::RsaOaep)), Err("key_alg_type"));
        assert_eq!(send(&rsa(""), &dir), Err("key_alg_type"));
        assert_eq!(send(&rsa(r#","alg":"RSA-OAEP-256""#), &own), Err("backend_gap"));
        assert_eq!(receive(&rsa(r#","alg":"RSA-OAEP-256""#), &own), Err("backend_gap"));
    }

    #[test]
    fn a_key_for_direct_encryption_may_name_its_enc() {
        let jwk = oct(r#","alg":"A128GCM""#);
        let key =
            EncryptionKey::import(&BACKEND, &jwk, &KeyOptions::new().with_kid(Kid::Omit)).unwrap();
        assert_eq!((key.alg(), key.enc), (Alg::Dir, Some(Enc::A128Gcm)));
        assert_eq!(
            send(&rsa(r#","alg":"A128GCM""#), &KeyOptions::new()),
            Err("key_alg_conflict"),
            "an RSA key can't be for direct encryption"
        );
    }

    #[test]
    fn declared_usage_is_honoured() {
        let options = KeyOptions::new().with_alg(Alg::Dir).with_kid(Kid::Omit);
        for (members, sends, receives) in [
            (r#","use":"enc""#, true, true),
            (r#","use":"sig""#, false, false),
            (r#","use":"tls""#, false, false),
            (r#","key_ops":["encrypt","decrypt"]"#, true, true),
            (r#","key_ops":["wrapKey"]"#, true, false),
            (r#","key_ops":["unwrapKey","sign"]"#, false, true),
            (r#","key_ops":["sign","verify"]"#, false, false),
            (r#","key_ops":[]"#, false, false),
            (r#","use":"enc","key_ops":["sign"]"#, false, false),
            (r#","use":"sig","key_ops":["encrypt","decrypt"]"#, false, false),
        ] {
            let jwk = oct(members);
            let code = "key_usage";
            assert_eq!(
                send(&jwk, &options).map(drop),
                if sends { Ok(()) } else { Err(code) },
                "{members}"
            );
            assert_eq!(
                receive(&jwk, &options).map(drop),
                if receives { Ok(()) } else { Err(code) },
                "{members}"
            );
            let ignoring = options.clone().ignore_declared_usage();
            assert!(send(&jwk, &ignoring).is_ok() && receive(&jwk, &ignoring).is_ok(), "{members}");
        }
    }

    #[test]
    fn a_password_may_say_that_a_key_is_derived_from_it() {
        let pbes2 = KeyOptions::new().with_alg(Alg::Pbes2Hs256A128Kw).with_kid(Kid::Omit);
        let kw = KeyOptions::new().with_alg(Alg::A128Kw).with_kid(Kid::Omit);
        for members in [r#","key_ops":["deriveKey"]"#, r#","key_ops":["deriveBits"]"#] {
            // This backend has neither: what comes first is what is wrong with the key.
            assert_eq!(send(&oct(members), &pbes2), Err("backend_gap"), "{members}");
            assert_eq!(receive(&oct(members), &pbes2), Err("backend_gap"), "{members}");
            assert_eq!(send(&oct(members), &kw), Err("key_usage"), "{members}");
            assert_eq!(receive(&oct(members), &kw), Err("key_usage"), "{members}");
        }
        let named = oct(r#","key_ops":["deriveKey"],"alg":"PBES2-HS256+A128KW""#);
        assert_eq!(send(&named, &KeyOptions::new()), Err("key_missing_kid"));
    }

    #[test]
    fn the_kid_is_required_to_send_unless_left_out_explicitly() {
        let options = KeyOptions::new().with_alg(Alg::Dir);
        let named = oct(r#","kid":"own""#);
        assert_eq!(send(&oct(""), &options), Err("key_missing_kid"));
        assert_eq!(receive(&oct(""), &options), Ok(Alg::Dir));
        let kid =
            |jwk: &Jwk, kid: Kid| send(jwk, &options.clone().with_kid(kid)).map(|(_, kid)| kid);
        assert_eq!(kid(&named, Kid::FromKey), Ok(Some("own".to_owned())));
        assert_eq!(kid(&named, Kid::Given("other".to_owned())), Ok(Some("other".to_owned())));
        assert_eq!(kid(&named, Kid::Omit), Ok(None));
        assert_eq!(kid(&named, Kid::Thumbprint), Err("key_invalid_kid"));
        let options = KeyOptions::new().with_alg(Alg::RsaOaep).with_kid(Kid::Thumbprint);
        let elsewhere = DecryptionKey::held_elsewhere(&BACKEND, &rsa(""), &options).unwrap();
        assert_eq!(elsewhere.kid(), Some("BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc"));
        for wrong in ["", "a\nb", &"x".repeat(513), "\u{7f}", "a\u{202e}b", "\u{2028}", "\u{feff}a"]
        {
            let wrong = wrong.to_owned();
            assert_eq!(kid(&named, Kid::Given(wrong)), Err("key_invalid_kid"));
        }
    }

    #[test]
    fn a_public_key_does_not_decrypt_and_a_gap_is_told_first() {
        let options = KeyOptions::new().with_alg(Alg::RsaOaep256);
        assert_eq!(receive(&rsa(""), &options), Err("backend_gap"));
        let elsewhere = DecryptionKey::held_elsewhere(&BACKEND, &rsa(""), &options).unwrap();
        for len in [0, 255, 256, 257] {
            assert_eq!(elsewhere.takes_encrypted_key_len(len, Enc::A256Gcm), len == 256);
        }
        let dir = KeyOptions::new().with_alg(Alg::Dir);
        assert!(matches!(
            DecryptionKey::held_elsewhere(&BACKEND, &oct(""), &dir),
            Err(ImportError::Unsupported(_))
        ));
    }
}
