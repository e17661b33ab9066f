//! The known ways in which code for JWE has failed, as data: the table in `SECURITY.md` is made of
//! them and of the tests that are named after them.

use jwe::{Alg, Backend, Curve};

/// One class of failures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Threat {
    /// Its number in the table, from 1.
    pub number: u8,
    /// The name of its tests: of the library `BACKEND::ROW`, of the command
    /// `threats::BACKEND::ROW`.
    pub row: &'static str,
    /// The class in a few words.
    pub class: &'static str,
    /// Where it was published: advisories and papers.
    pub published: &'static [&'static str],
    /// What the tests try.
    pub tried: &'static str,
    /// What a backend must be able to do for the class to concern it.
    pub needs: Needs,
    /// Why the command has no test of it.
    pub not_by_command: Option<&'static str>,
}

/// What a backend must be able to do for a class to concern it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Nothing: it concerns every backend.
    Nothing,
    /// Decryption with RSA keys.
    RsaDecryption,
    /// Decryption with keys for key agreement.
    Agreement,
}

/// Topics of the test kit that attack the row of this number with RSA keys only.
const TOPICS_WITH_RSA: [(u8, &str); 3] =
    [(1, "refused_encrypted_keys"), (1, "engine_oracles"), (12, "key_decryption")];

impl Threat {
    /// What the backend lacks for the class to concern it, as the rest of a sentence about it;
    /// `None` where it must have a test.
    #[must_use]
    pub fn gap(&self, backend: &Backend) -> Option<&'static str> {
        self.needs.gap(backend)
    }

    /// The same for one topic of the test kit.
    #[must_use]
    pub fn topic_gap(&self, topic: &str, backend: &Backend) -> Option<&'static str> {
        let with_rsa = TOPICS_WITH_RSA.contains(&(self.number, topic));
        let needs = if with_rsa { Needs::RsaDecryption } else { self.needs };
        needs.gap(backend)
    }
}

impl Needs {
    fn gap(self, backend: &Backend) -> Option<&'static str> {
        let decrypts = |alg, curve| backend.decryption_key_import(alg, curve).is_ok();
        match self {
            Self::Nothing => None,
            Self::RsaDecryption => Alg::ALL
                .iter()
                .all(|alg| !alg.is_rsa() || !decrypts(*alg, None))
                .then_some("decrypts with no RSA key"),
            Self::Agreement => Alg::ALL
                .iter()
                .filter(|alg| alg.is_ecdh())
                .all(|alg| Curve::ALL.iter().all(|curve| !decrypts(*alg, Some(*curve))))
                .then_some("decrypts with no key for key agreement"),
        }
    }
}

/// The class of that row.
#[must_use]
pub fn of_row(row: &str) -> Option<&'static Threat> {
    THREATS.iter().find(|threat| threat.row == row)
}

const BASE: Threat = Threat {
    number: 0,
    row: "",
    class: "",
    published: &[],
    tried: "",
    needs: Needs::Nothing,
    not_by_command: None,
};

/// All of them, in the order of their numbers.
pub static THREATS: [Threat; 37] = [
    Threat {
        number: 1,
        row: "row_01_rsa1_5",
        class: "`RSA1_5`: the million-message attack, or no random CEK in its defence",
        published: &[
            "Bleichenbacher 1998",
            "CVE-2016-6298",
            "GHSA-wg33-x934-3ghh",
            "CVE-2026-28490",
            "GHSA-7432-952r-cw78",
            "GHSA-5739-39v2-5754",
        ],
        tried: "Blocks of PKCS #1 v1.5, conforming and not, under `alg` `RSA1_5`: refused by name, \
                before any RSA operation; no code here decrypts it",
        ..BASE
    },
    Threat {
        number: 2,
        row: "row_02_timing_of_unwrapping",
        class: "Marvin: the time of unwrapping tells the padding",
        published: &[
            "Marvin 2023",
            "RUSTSEC-2023-0071",
            "CVE-2023-49092",
            "GHSA-4grx-2x9w-596c",
            "GHSA-c38w-74pg-36hr",
            "CVE-2023-50781",
            "CVE-2023-50782",
            "CVE-2023-46809",
        ],
        tried: "Every way in which an encrypted key can be wrong costs the same steps and \
                allocations; `checks/constant-time` counts the instructions",
        not_by_command: Some(
            "one run of a program is no measure of one decryption; `checks/constant-time` counts \
             its instructions",
        ),
        ..BASE
    },
    Threat {
        number: 3,
        row: "row_03_manger",
        class: "RSAES-OAEP: another error when the first byte is not 0, or the number is too large",
        published: &["Manger 2001"],
        tried: "Manger's attack, run as it is published; blocks that begin with 0 or 1, the numbers \
                0, 1, n - 1, and those from n up: one error",
        needs: Needs::RsaDecryption,
        ..BASE
    },
    Threat {
        number: 4,
        row: "row_04_alg_downgrade",
        class: "A weaker `alg` on the same key",
        published: &[],
        tried: "Every other `alg` and `enc`, in other letters and with spaces",
        ..BASE
    },
    Threat {
        number: 5,
        row: "row_05_padding_oracle",
        class: "AES-CBC: padding is looked at before the tag",
        published: &[
            "Vaudenay 2002",
            "CVE-2017-12973",
            "GHSA-jfmq-4g4m-99rh",
            "CVE-2021-29443",
            "CVE-2021-29444",
            "CVE-2021-29445",
            "CVE-2021-29446",
            "GHSA-58f5-hfqc-jgch",
            "GHSA-rm8v-mxj3-5rmq",
        ],
        tried: "Vaudenay's loop over all 16 bytes of a block recovers none; bad and good padding, \
                and a tag of zeros: one error",
        ..BASE
    },
    Threat {
        number: 6,
        row: "row_06_tag_length",
        class: "A tag that is cut, lengthened or left out",
        published: &[
            "CVE-2018-1000539",
            "GHSA-mj4x-wcxf-hm8x",
            "CVE-2023-37464",
            "GHSA-3rhg-3gf2-6xgj",
            "CVE-2025-54887",
            "GHSA-c7p4-hx26-pr73",
            "GHSA-6vvh-pxr4-25r7",
        ],
        tried: "Every wrong length; all 256 tags of one byte",
        ..BASE
    },
    Threat {
        number: 7,
        row: "row_07_iv_length",
        class: "An initialization vector of another length",
        published: &[],
        tried: "Lengths from 0 to 4096 bytes",
        ..BASE
    },
    Threat {
        number: 8,
        row: "row_08_empty_ciphertext_forgery",
        class: "A forged tag on an empty ciphertext",
        published: &[],
        tried: "An empty ciphertext with a tag of zeros; an empty plaintext opens with its own tag",
        ..BASE
    },
    Threat {
        number: 9,
        row: "row_09_length_overflow",
        class: "Lengths that overflow",
        published: &[
            "CVE-2017-12972",
            "GHSA-2qp9-wg27-9pcv",
            "CVE-2016-9123",
            "GHSA-3fx4-7f69-5mmg",
        ],
        tried: "The borders between what the tag covers are moved, as a length that wraps around would \
                allow; the arithmetic on lengths, against integers of any size",
        not_by_command: Some("no input that long fits into the memory of a machine"),
        ..BASE
    },
    Threat {
        number: 10,
        row: "row_10_encrypted_key_length",
        class: "A short, long or missing encrypted key",
        published: &["CVE-2026-34986", "GHSA-78h2-9frx-2jm8"],
        tried: "Every `alg` with encrypted keys of 0 to 65536 bytes",
        ..BASE
    },
    Threat {
        number: 11,
        row: "row_11_encrypted_key_malleability",
        class: "One encrypted key in several forms",
        published: &[],
        tried: "Without its leading zero, with one more, and a modulus higher",
        needs: Needs::RsaDecryption,
        ..BASE
    },
    Threat {
        number: 12,
        row: "row_12_wrong_cek",
        class: "A CEK of the wrong length is used, or one of zeros",
        published: &[],
        tried: "Wrapped CEKs of every wrong length, with content sealed for what could be made of \
                them; of many CEKs drawn, none is zero and none comes twice",
        ..BASE
    },
    Threat {
        number: 13,
        row: "row_13_invalid_curve",
        class: "ECDH-ES: points that are not on the curve",
        published: &["CVE-2016-9121", "CVE-2017-16007", "CVE-2017-12974"],
        tried: "An `epk` off the curve, on another one or its twist, of small order, at infinity, \
                beyond the prime, cut, mislabelled; messages sealed with the secret that it would give",
        needs: Needs::Agreement,
        ..BASE
    },
    Threat {
        number: 14,
        row: "row_14_iteration_count",
        class: "PBES2: an iteration count that takes hours",
        published: &[
            "CVE-2023-6681",
            "CVE-2023-50967",
            "CVE-2023-50966",
            "CVE-2023-50658",
            "CVE-2023-51775",
            "CVE-2023-52428",
            "CVE-2023-49290",
            "CVE-2022-36083",
            "GHSA-2c7c-3mj9-8fqh",
            "CVE-2026-27932",
            "GHSA-3prj-6hqw-cm82",
        ],
        tried: "`p2c` of 0, 1, 10^6, 2^31 - 1, 2^63, below zero and as text: refused at once, with \
                passwords allowed and not",
        ..BASE
    },
    Threat {
        number: 15,
        row: "row_15_zip_bomb",
        class: "A compressed bomb",
        published: &[
            "CVE-2024-28176",
            "CVE-2024-28180",
            "CVE-2024-28102",
            "CVE-2026-39373",
            "CVE-2024-28122",
            "CVE-2024-33664",
            "CVE-2024-29370",
            "CVE-2024-29371",
            "CVE-2024-21319",
            "CVE-2025-63811",
            "CVE-2025-62706",
        ],
        tried: "Half a gigabyte in half a megabyte: refused before decryption, and where `zip` is \
                allowed, at its limit of the output",
        ..BASE
    },
    Threat {
        number: 16,
        row: "row_16_segments",
        class: "Millions of segments",
        published: &["CVE-2025-27144", "GHSA-c6gw-w398-hv78", "CVE-2025-61920"],
        tried: "64 MiB of dots, 10^6 segments, a header of 100 MB: refused in constant memory",
        ..BASE
    },
    Threat {
        number: 17,
        row: "row_17_deep_or_wide_json",
        class: "Deep or wide JSON",
        published: &["CVE-2025-53864", "RUSTSEC-2024-0012"],
        tried: "100 000 brackets, 10^5 members, a number of 10^6 digits, 1e999",
        ..BASE
    },
    Threat {
        number: 18,
        row: "row_18_oversized_token_in_logs",
        class: "A huge token is written to the log",
        published: &["CVE-2025-65015", "GHSA-frfh-8v73-gjg4"],
        tried: "10 MB with a word in every segment, which no error holds",
        ..BASE
    },
    Threat {
        number: 19,
        row: "row_19_crit",
        class: "`crit` is ignored",
        published: &["CVE-2025-59420", "CVE-2026-32597", "CVE-2026-35042"],
        tried: "Names that nobody understands, names of the RFC, none, and other types",
        ..BASE
    },
    Threat {
        number: 20,
        row: "row_20_unprotected_header",
        class: "Members are smuggled in through an unprotected header",
        published: &["GHSA-jc38-x7x8-2xc8"],
        tried: "`alg`, `enc`, `zip`, `crit` and `kid` in each unprotected header, added, moved and \
                twice; a JSON serialization where none was asked for",
        ..BASE
    },
    Threat {
        number: 21,
        row: "row_21_aad_as_received",
        class: "`aad` is encoded again before it is authenticated",
        published: &[],
        tried: "Another text of the same bytes, in base64url and within them; `aad` added, changed \
                and removed",
        ..BASE
    },
    Threat {
        number: 22,
        row: "row_22_duplicate_members",
        class: "A member stands there twice",
        published: &["RFC 7516 §4"],
        tried: "Every member twice, also through escapes, in headers, messages and keys",
        ..BASE
    },
    Threat {
        number: 23,
        row: "row_23_base64url_malleability",
        class: "Several base64url texts of the same bytes",
        published: &[],
        tried: "Padding, white space, the other alphabet, stray bits and lengths in each segment; \
                of arbitrary texts only the canonical ones are read",
        ..BASE
    },
    Threat {
        number: 24,
        row: "row_24_sign_encrypt_confusion",
        class: "A signed or unsecured token is taken for an encrypted one",
        published: &["CVE-2023-51774", "CVE-2022-3102", "CVE-2026-29000", "GHSA-pm7g-w2cf-q238"],
        tried: "Tokens of three parts, `alg` `none`, and an unsecured JWT inside, which stays bytes",
        ..BASE
    },
    Threat {
        number: 25,
        row: "row_25_algorithm_confusion",
        class: "A public key serves as a shared secret",
        published: &[
            "CVE-2024-37568",
            "CVE-2024-33663",
            "CVE-2022-29217",
            "CVE-2026-48526",
            "CVE-2026-44699",
            "CVE-2026-34950",
            "CVE-2026-22817",
        ],
        tried: "`dir` and key wrapping under the bytes of the published key, as PEM, DER, JWK and \
                numbers; keys imported for an `alg` of another type",
        ..BASE
    },
    Threat {
        number: 26,
        row: "row_26_embedded_key",
        class: "The key is taken from the header",
        published: &["CVE-2018-0114", "CVE-2026-27962"],
        tried: "The attacker's key as `jwk` and `x5c`, with the recipient's `kid` and with none",
        ..BASE
    },
    Threat {
        number: 27,
        row: "row_27_url_in_header",
        class: "A URL in the header is fetched",
        published: &["CVE-2026-48522"],
        tried: "`jku` and `x5u` to a listening socket, which nobody calls, and to `file:`, `ftp:` \
                and `data:`",
        ..BASE
    },
    Threat {
        number: 28,
        row: "row_28_kid_injection",
        class: "A `kid` that is a path, a query or a command",
        published: &["RFC 8725 §3.10"],
        tried: "Paths, SQL, NUL, a megabyte, control and right-to-left characters, other types; the \
                command opens no file of that name",
        ..BASE
    },
    Threat {
        number: 29,
        row: "row_29_weak_keys",
        class: "Encryption to a weak or wrong key",
        published: &["RFC 8725 §3.5"],
        tried: "Moduli of 512, 1024 and 16384 bits and even ones, exponents 1 and 2^64 + 1, `use`, \
                `key_ops` and `alg` for something else, points off the curve, two keys of one `kid`",
        ..BASE
    },
    Threat {
        number: 30,
        row: "row_30_wrong_json_types",
        class: "A member of another JSON type is taken for absent",
        published: &["CVE-2026-25537"],
        tried: "Each member as `null`, number, boolean, array and object",
        ..BASE
    },
    Threat {
        number: 31,
        row: "row_31_empty_key",
        class: "An empty key",
        published: &["CVE-2026-49852"],
        tried: "Empty and all-zero keys, PEM without content, empty sets and passwords: refused when \
                they are loaded",
        ..BASE
    },
    Threat {
        number: 32,
        row: "row_32_invalid_utf8",
        class: "A header that is not UTF-8",
        published: &[],
        tried: "A byte order mark, lone surrogates, overlong forms, UTF-16",
        ..BASE
    },
    Threat {
        number: 33,
        row: "row_33_compression_side_channel",
        class: "The length tells what was compressed",
        published: &["CRIME 2012", "RFC 8725 §3.6"],
        tried: "Tokens of arbitrary plaintexts are as long as those of any others of their length",
        ..BASE
    },
    Threat {
        number: 34,
        row: "row_34_length_of_short_secrets",
        class: "The length of a short secret shows",
        published: &[],
        tried: "With padding, which is off by default, values of 1 to 64 bytes have tokens of one \
                length",
        ..BASE
    },
    Threat {
        number: 35,
        row: "row_35_field_swap",
        class: "A token is moved to another field or record",
        published: &[],
        tried: "With binding, which is off by default, a token opens in its own field and record only",
        ..BASE
    },
    Threat {
        number: 36,
        row: "row_36_random_after_fork",
        class: "Two threads or processes draw the same",
        published: &[],
        tried: "Threads, and processes that are forked off in the midst: no CEK and no IV twice; \
                `checks/random` does it with 10^7 messages",
        ..BASE
    },
    Threat {
        number: 37,
        row: "row_37_gcm_key_reuse",
        class: "AES-GCM: one key for too many messages",
        published: &["NIST SP 800-38D §8.3"],
        tried: "Shared keys and a shared CEK stop at 2^32 messages; by default each token has a CEK of \
                its own",
        not_by_command: Some("2^32 messages of one run take days"),
        ..BASE
    },
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::THREATS;
    use crate::capability::backends;

    #[test]
    fn rows_are_numbered_and_named() {
        let mut rows = HashSet::new();
        for (at, threat) in THREATS.iter().enumerate() {
            assert_eq!(usize::from(threat.number), at + 1);
            assert!(
                threat.row.starts_with(&format!("row_{:02}_", threat.number)),
                "{}",
                threat.row
            );
            assert!(rows.insert(threat.row));
            assert!(!threat.class.is_empty() && !threat.tried.is_empty());
            for text in [threat.class, threat.tried] {
                assert!(!text.contains(['|', '\n']) && !text.ends_with('.'), "{text}");
            }
        }
    }

    /// What a backend has no test of stands nowhere else than here.
    #[test]
    fn gaps_are_few() {
        for backend in backends() {
            let gaps: Vec<u8> = THREATS
                .iter()
                .filter(|threat| threat.gap(backend).is_some())
                .map(|threat| threat.number)
                .collect();
            let expected: &[u8] = if backend.name() == "ring" { &[3, 11, 13] } else { &[] };
            assert_eq!(gaps, expected, "{backend}");
        }
    }
}
