//! What can be wrong with a token.

/// A cause, of which each has a stable code for programs.
///
/// They are in the order in which a token is examined: its text, its parts, its header, the keys, the
/// encrypted key, the content, the plaintext.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Cause {
    /// There is nothing.
    Empty,
    /// Longer than what is examined.
    TooLong,
    /// Not ASCII.
    NotText,
    /// White space around the token.
    WhiteSpace,
    /// Line breaks or spaces within the token.
    LineBreaks,
    /// Quotes around the token.
    Quoted,
    /// The scheme of an `Authorization` header in front of the token.
    BearerPrefix,
    /// Percent-encoded, as in a URL or a form.
    PercentEncoded,
    /// Escaped for a JSON string, once too often.
    JsonEscaped,
    /// A key and not a token.
    KeyNotToken,
    /// A JSON document and not a token.
    JsonDocument,
    /// A JSON serialization, where the compact one is asked (RFC 7516 §7).
    JsonSerialization,
    /// The whole token is base64 of a token.
    TokenEncodedTwice,
    /// A signed JWT (RFC 7515).
    SignedJwt,
    /// Not encrypted at all.
    InClear,
    /// Not five parts.
    PartCount,
    /// Padded with `=`.
    Base64Padded,
    /// The alphabet of RFC 4648 §4 instead of that of §5.
    Base64Standard,
    /// The last character has bits that no encoder sets.
    Base64TrailingBits,
    /// Not base64 of any sort.
    Base64Invalid,
    /// A part is text that is itself base64 or hexadecimal.
    PartEncodedTwice,
    /// The header is not one JSON object.
    HeaderNotJson,
    /// A header member that is there twice.
    HeaderMemberTwice,
    /// A header member that has the wrong JSON type or is missing.
    HeaderMember,
    /// A private key in the header.
    PrivateKeyInHeader,
    /// A key in the header, where its name belongs.
    KeyInHeader,
    /// `alg` is that of a signature.
    SignatureAlg,
    /// `RSA1_5`.
    Rsa15,
    /// `RSA-OAEP`, which is SHA-1, where another hash function is asked.
    Sha1,
    /// An `alg` that no registry has.
    AlgUnknown,
    /// Another `alg` than the one asked.
    Alg,
    /// An `enc` that no registry has.
    EncUnknown,
    /// Another `enc` than those asked.
    Enc,
    /// Compressed.
    Zip,
    /// `crit` names what a recipient doesn't understand.
    Crit,
    /// No `kid`, where one is required.
    KidMissing,
    /// The `kid` of none of the keys.
    KidUnknown,
    /// The `kid` is one key's and the encrypted key another's.
    KidOfAnotherKey,
    /// The key signs.
    SigningKey,
    /// The key is of a type that the `alg` does not take.
    KeyType,
    /// The key is for another `alg`.
    KeyAlg,
    /// The private half and the public half are of two keys.
    KeyHalves,
    /// The backend refuses the key.
    KeyRefused,
    /// The encrypted key does not have the length that the key gives it.
    EncryptedKeyLength,
    /// The encrypted key has the length of a modulus of another length.
    EncryptedKeyOfOtherModulus,
    /// The encrypted key is none that this key could have made, or does not open with it.
    EncryptedKeyOfAnotherKey,
    /// OAEP with the asked hash function and MGF1 with SHA-1.
    OaepMgf1Sha1,
    /// OAEP with other hash functions than those of the `alg`.
    OaepHash,
    /// PKCS #1 v1.5 padding where OAEP is asked.
    Pkcs1Padding,
    /// RSA without padding.
    RsaUnpadded,
    /// The encrypted key has its bytes in the wrong order.
    EncryptedKeyReversed,
    /// The CEK is text.
    CekEncoded,
    /// The CEK does not have the length of the `enc`.
    CekLength,
    /// The initialization vector does not have the length of the `enc`.
    IvLength,
    /// The ciphertext has a length that the `enc` does not give.
    CiphertextLength,
    /// The tag does not have the length of the `enc`.
    TagLength,
    /// The tag stands in the ciphertext's part.
    TagInCiphertext,
    /// The initialization vector stands in the ciphertext's part.
    IvInCiphertext,
    /// Two parts are in each other's place.
    PartsSwapped,
    /// The header is not the one that was authenticated.
    HeaderChanged,
    /// Something else than the header's base64url text was authenticated.
    WrongAad,
    /// The content is encrypted with another `enc` than the header says.
    ContentOfAnotherEnc,
    /// AES-CBC without authentication.
    Unauthenticated,
    /// The two halves of the CEK of AES-CBC with HMAC are in each other's place.
    CekHalvesSwapped,
    /// The tag does not fit.
    TagMismatch,
    /// It does not decrypt, and no more is known.
    DoesNotOpen,
    /// The plaintext is empty.
    PlaintextEmpty,
    /// The plaintext is a token once more.
    EncryptedTwice,
    /// The plaintext is a signed JWT.
    PlaintextSigned,
    /// The plaintext is the JSON text of a string.
    JsonQuoted,
    /// The plaintext is not JSON.
    PlaintextNotJson,
    /// The plaintext ends in a line end.
    TrailingNewline,
    /// The plaintext begins with a byte order mark.
    ByteOrderMark,
    /// The plaintext is UTF-16.
    Utf16,
    /// The plaintext is not UTF-8.
    NotUtf8,
    /// The plaintext is base64 of a text.
    PlaintextBase64,
    /// A recipient refuses it, for the reason that the finding gives.
    Refused,
}

impl Cause {
    /// A stable name for programs.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLong => "too_long",
            Self::NotText => "not_text",
            Self::WhiteSpace => "white_space",
            Self::LineBreaks => "line_breaks",
            Self::Quoted => "quoted",
            Self::BearerPrefix => "bearer_prefix",
            Self::PercentEncoded => "percent_encoded",
            Self::JsonEscaped => "json_escaped",
            Self::KeyNotToken => "key_not_token",
            Self::JsonDocument => "json_document",
            Self::JsonSerialization => "json_serialization",
            Self::TokenEncodedTwice => "token_encoded_twice",
            Self::SignedJwt => "signed_jwt",
            Self::InClear => "in_clear",
            Self::PartCount => "part_count",
            Self::Base64Padded => "base64_padded",
            Self::Base64Standard => "base64_standard",
            Self::Base64TrailingBits => "base64_trailing_bits",
            Self::Base64Invalid => "base64_invalid",
            Self::PartEncodedTwice => "part_encoded_twice",
            Self::HeaderNotJson => "header_not_json",
            Self::HeaderMemberTwice => "header_member_twice",
            Self::HeaderMember => "header_member",
            Self::PrivateKeyInHeader => "private_key_in_header",
            Self::KeyInHeader => "key_in_header",
            Self::SignatureAlg => "signature_alg",
            Self::Rsa15 => "rsa1_5",
            Self::Sha1 => "sha1",
            Self::AlgUnknown => "alg_unknown",
            Self::Alg => "alg",
            Self::EncUnknown => "enc_unknown",
            Self::Enc => "enc",
            Self::Zip => "zip",
            Self::Crit => "crit",
            Self::KidMissing => "kid_missing",
            Self::KidUnknown => "kid_unknown",
            Self::KidOfAnotherKey => "kid_of_another_key",
            Self::SigningKey => "signing_key",
            Self::KeyType => "key_type",
            Self::KeyAlg => "key_alg",
            Self::KeyHalves => "key_halves",
            Self::KeyRefused => "key_refused",
            Self::EncryptedKeyLength => "encrypted_key_length",
            Self::EncryptedKeyOfOtherModulus => "encrypted_key_of_other_modulus",
            Self::EncryptedKeyOfAnotherKey => "encrypted_key_of_another_key",
            Self::OaepMgf1Sha1 => "oaep_mgf1_sha1",
            Self::OaepHash => "oaep_hash",
            Self::Pkcs1Padding => "pkcs1_padding",
            Self::RsaUnpadded => "rsa_unpadded",
            Self::EncryptedKeyReversed => "encrypted_key_reversed",
            Self::CekEncoded => "cek_encoded",
            Self::CekLength => "cek_length",
            Self::IvLength => "iv_length",
            Self::CiphertextLength => "ciphertext_length",
            Self::TagLength => "tag_length",
            Self::TagInCiphertext => "tag_in_ciphertext",
            Self::IvInCiphertext => "iv_in_ciphertext",
            Self::PartsSwapped => "parts_swapped",
            Self::HeaderChanged => "header_changed",
            Self::WrongAad => "wrong_aad",
            Self::ContentOfAnotherEnc => "content_of_another_enc",
            Self::Unauthenticated => "unauthenticated",
            Self::CekHalvesSwapped => "cek_halves_swapped",
            Self::TagMismatch => "tag_mismatch",
            Self::DoesNotOpen => "does_not_open",
            Self::PlaintextEmpty => "plaintext_empty",
            Self::EncryptedTwice => "encrypted_twice",
            Self::PlaintextSigned => "plaintext_signed",
            Self::JsonQuoted => "json_quoted",
            Self::PlaintextNotJson => "plaintext_not_json",
            Self::TrailingNewline => "trailing_newline",
            Self::ByteOrderMark => "byte_order_mark",
            Self::Utf16 => "utf16",
            Self::NotUtf8 => "not_utf8",
            Self::PlaintextBase64 => "plaintext_base64",
            Self::Refused => "refused",
        }
    }
}
