//! Key agreement and key derivation with a fault, under the algorithms that jwe-core puts on them.

use std::sync::{Arc, Mutex};

use jwe_aws_lc_rs::AWS_LC_RS;
use jwe_core::concat_kdf::{self, OtherInfo};
use jwe_core::{
    Alg, BackendError, Curve, EcPrivateKey, EcPublicKey, EphemeralAgreement, EphemeralAgreementKey,
    Jwk, KeyMaterial, KeyRejected, StaticAgreement, StaticAgreementKey, is_well_formed,
};
use num_bigint::BigUint;

/// What is wrong.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Fault {
    /// Nothing: the control.
    None,
    /// A point that is refused agrees on a secret all the same.
    TakesAnyPoint,
    /// The same, and the secret is zero.
    ZeroSecret,
    /// The same for a point with x = 0 alone.
    ZeroX,
    /// After an error, the output is as it was.
    KeepsOutput,
    /// Leading zeros of the secret are left out.
    StripsZeros,
    /// The point may be written in the hybrid form.
    TakesHybrid,
    /// A private key above the order of the curve is reduced.
    Reduces,
    /// A wrong public half is not noticed.
    BelievesPublicHalf,
    /// The unused bit of X25519 is not ignored.
    UnusedBit,
    /// P-384 is listed and not taken.
    ListsMore,
    /// Keys on P-384 are taken and not listed.
    TakesMore,
    /// The ephemeral key is always the same.
    ConstantEpk,
    /// Two ephemeral keys in turn.
    TwoEpks,
    /// The ephemeral key is written without its first byte.
    CutsEpk,
    /// A given ephemeral key pair is not used.
    IgnoresGiven,
    /// A given ephemeral key pair is refused.
    RefusesGiven,
    /// A recipient's key off the curve is taken.
    TakesAnyRecipient,
    /// Panics at an `epk` with a wrong y.
    Panics,
    /// The public key of a private one is written to too short a buffer as well.
    AnyRoom,
}

const P256: &[Curve] = &[Curve::P256, Curve::X25519];

/// The recipient's half of a backend.
pub(crate) struct Static(pub(crate) Fault);

fn good_agreement() -> &'static dyn StaticAgreement {
    let (_, import) =
        AWS_LC_RS.decryption_key_import(Alg::EcdhEs, None).expect("aws-lc-rs has ECDH-ES");
    import.static_agreement().expect("aws-lc-rs shows its key agreement")
}

impl StaticAgreement for Static {
    fn curves(&self) -> &'static [Curve] {
        if self.0 == Fault::ListsMore { &[Curve::P256, Curve::X25519, Curve::P384] } else { P256 }
    }

    fn import(&self, key: &EcPrivateKey) -> Result<Arc<dyn StaticAgreementKey>, KeyRejected> {
        if !P256.contains(&key.curve()) && self.0 != Fault::TakesMore {
            return Err(KeyRejected::new("another curve"));
        }
        let mut key = key.clone();
        if self.0 == Fault::Reduces && key.curve() == Curve::P256 {
            let n: BigUint =
                "115792089210356248762697446949407573529996955224135760342422259061068512044369"
                    .parse()
                    .expect("the order of P-256");
            let mut reduced = (BigUint::from_bytes_be(key.secret()) % n).to_bytes_be();
            while reduced.len() < 32 {
                reduced.insert(0, 0);
            }
            key = EcPrivateKey::new(Curve::P256, &reduced, None)
                .map_err(|_| KeyRejected::new("zero"))?;
        }
        let good = good_agreement().import(&key)?;
        Ok(Arc::new(StaticKey { good, key, fault: self.0 }))
    }
}

struct StaticKey {
    good: Arc<dyn StaticAgreementKey>,
    key: EcPrivateKey,
    fault: Fault,
}

impl StaticAgreementKey for StaticKey {
    fn public_key(&self, out: &mut [u8]) -> Result<(), BackendError> {
        match (self.fault, self.key.public()) {
            (Fault::BelievesPublicHalf, Some(public)) => {
                out.copy_from_slice(public.as_bytes());
                Ok(())
            }
            (Fault::AnyRoom, _) => {
                let mut whole = vec![0; self.key.curve().public_len()];
                self.good.public_key(&mut whole)?;
                let len = out.len().min(whole.len());
                out[..len].copy_from_slice(&whole[..len]);
                Ok(())
            }
            _ => self.good.public_key(out),
        }
    }

    fn agree(&self, epk: &[u8], z: &mut [u8]) -> Result<(), BackendError> {
        let formed = is_well_formed(self.key.curve(), epk);
        match self.fault {
            Fault::TakesAnyPoint if formed => self.good.agree(epk, z).or_else(|_| {
                z.fill(5);
                Ok(())
            }),
            // jwe-core looks at the secret as well, so that it must seem to be none of zeros.
            Fault::ZeroSecret if formed => self.good.agree(epk, z).or_else(|_| {
                ZERO_SECRET.with(|zero| zero.set(true));
                z.fill(1);
                Ok(())
            }),
            Fault::ZeroX
                if epk.get(1..33) == Some(&[0; 32]) && self.key.secret()[..31] == [0; 31] =>
            {
                self.good.agree(epk, z).or(Ok(()))
            }
            Fault::KeepsOutput => {
                let before = z.to_vec();
                self.good.agree(epk, z).inspect_err(|_| z.copy_from_slice(&before))
            }
            Fault::StripsZeros => {
                self.good.agree(epk, z)?;
                let zeros = z.iter().take_while(|byte| **byte == 0).count();
                z.rotate_left(zeros);
                Ok(())
            }
            Fault::TakesHybrid if matches!(epk.first(), Some(6 | 7)) => {
                self.good.agree(&[&[4], &epk[1..]].concat(), z)
            }
            Fault::UnusedBit if epk.last().is_some_and(|last| *last > 127) && epk.len() == 32 => {
                z.fill(0);
                Err(BackendError)
            }
            Fault::Panics => {
                let result = self.good.agree(epk, z);
                assert!(result.is_ok() || epk.len() != 65, "a point off the curve");
                result
            }
            _ => self.good.agree(epk, z),
        }
    }
}

std::thread_local! {
    static ZERO_SECRET: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

/// The sender's half of a backend.
pub(crate) struct Ephemeral(pub(crate) Fault);

impl EphemeralAgreement for Ephemeral {
    fn curves(&self) -> &'static [Curve] {
        if self.0 == Fault::ListsMore { &[Curve::P256, Curve::X25519, Curve::P384] } else { P256 }
    }

    fn import(&self, key: &EcPublicKey) -> Result<Arc<dyn EphemeralAgreementKey>, KeyRejected> {
        if !P256.contains(&key.curve()) && self.0 != Fault::TakesMore {
            return Err(KeyRejected::new("another curve"));
        }
        let pair = pair(key.curve());
        let mut z = vec![0; key.curve().secret_len()];
        let agreed = good_agreement().import(&pair).expect("a pair").agree(key.as_bytes(), &mut z);
        if agreed.is_err() && self.0 != Fault::TakesAnyRecipient {
            return Err(KeyRejected::new("no point of the curve"));
        }
        let pairs = Mutex::new(vec![pair]);
        Ok(Arc::new(EphemeralKey { recipient: key.clone(), pairs, fault: self.0 }))
    }
}

struct EphemeralKey {
    recipient: EcPublicKey,
    pairs: Mutex<Vec<EcPrivateKey>>,
    fault: Fault,
}

/// A fresh key pair.
fn pair(curve: Curve) -> EcPrivateKey {
    let generation = AWS_LC_RS.ec_key_generation(curve).expect("aws-lc-rs generates keys");
    let der = generation.generate(curve).expect("a key pair");
    match Jwk::from_der(&der).expect("a key pair").material() {
        KeyMaterial::EcPrivate(key) => key.clone(),
        _ => panic!("a key for key agreement"),
    }
}

impl EphemeralAgreementKey for EphemeralKey {
    fn agree(
        &self,
        ephemeral: Option<&EcPrivateKey>,
        epk: &mut [u8],
        z: &mut [u8],
    ) -> Result<(), BackendError> {
        let given = match (self.fault, ephemeral) {
            (Fault::IgnoresGiven, _) => None,
            (Fault::RefusesGiven, Some(_)) => return Err(BackendError),
            (_, given) => given.cloned(),
        };
        let mut pairs = self.pairs.lock().expect("no panic while it is held");
        let pair = match (given, self.fault) {
            (Some(given), _) => given,
            (None, Fault::ConstantEpk) => pairs[0].clone(),
            (None, Fault::TwoEpks) => {
                if pairs.len() == 1 {
                    pairs.push(pair(self.recipient.curve()));
                }
                pairs.reverse();
                pairs[0].clone()
            }
            _ => pair(self.recipient.curve()),
        };
        let key = good_agreement().import(&pair).map_err(|_| BackendError)?;
        key.public_key(epk)?;
        let agreed = key.agree(self.recipient.as_bytes(), z);
        if self.fault == Fault::CutsEpk {
            epk.rotate_left(1);
        }
        if agreed.is_err() && self.fault == Fault::TakesAnyRecipient {
            z.fill(5);
            return Ok(());
        }
        agreed
    }
}

fn sha256(parts: [&[u8]; 3]) -> Result<[u8; 32], BackendError> {
    Ok(AWS_LC_RS.sha256(&parts.concat()))
}

/// The right Concat KDF.
pub(crate) fn kdf(z: &[u8], other_info: &[u8], out: &mut [u8]) -> Result<(), BackendError> {
    if ZERO_SECRET.with(std::cell::Cell::take) {
        return concat_kdf::rounds(sha256, &vec![0; z.len()], other_info, out);
    }
    concat_kdf::rounds(sha256, z, other_info, out)
}

/// Every round has the number 1.
pub(crate) fn kdf_of_one_round(
    z: &[u8],
    other_info: &[u8],
    out: &mut [u8],
) -> Result<(), BackendError> {
    out.chunks_mut(32).try_for_each(|part| concat_kdf::rounds(sha256, z, other_info, part))
}

/// The parts of the public text.
fn parts(other_info: &[u8]) -> [&[u8]; 3] {
    let mut rest = other_info;
    [(); 3].map(|()| {
        let (len, behind) = rest.split_at(4);
        let len = u32::from_be_bytes(len.try_into().expect("4 bytes"));
        let (part, behind) = behind.split_at(len as usize);
        rest = behind;
        part
    })
}

fn with_parts(z: &[u8], parts: [&[u8]; 3], out: &mut [u8]) -> Result<(), BackendError> {
    let name = core::str::from_utf8(parts[0]).expect("the name of an algorithm");
    let info = OtherInfo::new(name, parts[1], parts[2], out.len())?;
    concat_kdf::rounds(sha256, z, info.as_bytes(), out)
}

/// The `apu` is left out.
pub(crate) fn kdf_without_apu(
    z: &[u8],
    other_info: &[u8],
    out: &mut [u8],
) -> Result<(), BackendError> {
    let [name, _, apv] = parts(other_info);
    with_parts(z, [name, &[], apv], out)
}

/// The `apv` is left out.
pub(crate) fn kdf_without_apv(
    z: &[u8],
    other_info: &[u8],
    out: &mut [u8],
) -> Result<(), BackendError> {
    let [name, apu, _] = parts(other_info);
    with_parts(z, [name, apu, &[]], out)
}

/// A long `apu` is cut.
pub(crate) fn kdf_of_short_info(
    z: &[u8],
    other_info: &[u8],
    out: &mut [u8],
) -> Result<(), BackendError> {
    let [name, apu, apv] = parts(other_info);
    with_parts(z, [name, &apu[..apu.len().min(256)], apv], out)
}

/// The name of the algorithm is left out.
pub(crate) fn kdf_without_name(
    z: &[u8],
    other_info: &[u8],
    out: &mut [u8],
) -> Result<(), BackendError> {
    let [_, apu, apv] = parts(other_info);
    with_parts(z, [b"", apu, apv], out)
}

/// The length of the key is left out: a short key is the beginning of a long one.
pub(crate) fn kdf_without_length(
    z: &[u8],
    other_info: &[u8],
    out: &mut [u8],
) -> Result<(), BackendError> {
    concat_kdf::rounds(sha256, z, &other_info[..other_info.len() - 4], out)
}
