//! The forms of a message that are measured beside the compact token: the JSON serializations, and
//! compression. All with A256KW, which costs little, on the aws-lc-rs backend.

use jwe::aws_lc_rs::AWS_LC_RS;
use jwe::{
    Alg, Decrypter, DecryptionKey, Encrypter, EncryptionKey, FlattenedJson, GeneralJson, Jwk,
    KeyOptions, Message, MessageEncrypter, Serialization,
};

use crate::key_management::{ENC, Subject};

/// A key of 32 bytes with an encrypter and a decrypter for all forms.
pub struct Forms {
    /// The key.
    pub jwk: Jwk,
    /// Makes compact tokens.
    pub encrypter: Encrypter,
    /// Makes compact tokens, compressed.
    pub compressing: Encrypter,
    /// Makes messages for one recipient.
    pub for_one: MessageEncrypter,
    /// Makes messages for three recipients, of whom each has the key.
    pub for_three: MessageEncrypter,
    /// Opens all.
    pub decrypter: Decrypter,
}

/// The JSON serializations that are measured: a name, the serialization, the number of recipients.
pub const SERIALIZATIONS: [(&str, &dyn Serialization, usize); 3] = [
    ("flattened JSON", &FlattenedJson, 1),
    ("general JSON, 1 recipient", &GeneralJson, 1),
    ("general JSON, 3 recipients", &GeneralJson, 3),
];

impl Forms {
    /// Makes a key and prepares it.
    #[must_use]
    pub fn new() -> Self {
        let jwk = Subject::symmetric(Alg::A256Kw, 32).jwk;
        let key = EncryptionKey::import(&AWS_LC_RS, &jwk, &KeyOptions::new()).unwrap();
        let builder = || Encrypter::builder(&AWS_LC_RS, &key, ENC);
        let message = || MessageEncrypter::builder(&AWS_LC_RS, ENC).with_recipient(&key);
        let own = DecryptionKey::import(&AWS_LC_RS, &jwk, &KeyOptions::new()).unwrap();
        Self {
            encrypter: builder().build().unwrap(),
            compressing: builder().compress().build().unwrap(),
            for_one: message().build().unwrap(),
            for_three: message().with_recipient(&key).with_recipient(&key).build().unwrap(),
            decrypter: Decrypter::new(&AWS_LC_RS, [own], &[ENC]).unwrap().allow_zip(1 << 20),
            jwk,
        }
    }

    /// Makes a message.
    #[must_use]
    pub fn encrypt(
        &self,
        serialization: &dyn Serialization,
        recipients: usize,
        value: &[u8],
    ) -> String {
        let encrypter = if recipients == 1 { &self.for_one } else { &self.for_three };
        encrypter.encrypt(serialization, value, b"").unwrap()
    }

    /// Opens a message of any serialization.
    #[must_use]
    pub fn decrypt(&self, text: &str) -> Vec<u8> {
        let message = Message::parse(text, &jwe::Limits::default()).unwrap();
        self.decrypter.decrypt_message(message).unwrap().to_vec()
    }
}

impl Default for Forms {
    fn default() -> Self {
        Self::new()
    }
}

/// 64 KiB of text that compresses as records in JSON do: the same names, other values.
#[must_use]
pub fn records() -> String {
    let mut text = String::new();
    let mut state = 1_u32;
    while text.len() < 65536 {
        // The generator of Park and Miller.
        state = (u64::from(state) * 48271 % 0x7fff_ffff) as u32;
        let (id, amount) = (state % 1_000_000, state / 7 % 100_000);
        text.push_str(&format!(
            "{{\"id\":{id},\"label\":\"payment {}\",\"amount\":{}.{:02},\"currency\":\"EUR\"}}\n",
            state >> 9,
            amount / 100,
            amount % 100
        ));
    }
    text.truncate(65536);
    text
}
