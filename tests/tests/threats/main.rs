//! The ways in which code for JWE has failed, as attacks on this project's: one file a class, each
//! run on every backend. What each class is called, and where it was published, is in
//! `jwe_tests::threats`; the table of them in `SECURITY.md` is made from what runs here.
//!
//! Whatever public bytes decide ends in its own code; whatever a key decides ends in
//! `decryption_failed`, and nothing tells the causes apart.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed step has to stop the test"
)]

mod attacks;
mod messages;
mod streamed;
mod target;
mod watched;

/// Declares the files, and makes a test of each on each backend.
macro_rules! rows {
    ($($row:ident)*) => {
        $(mod $row;)*

        rows! { @on aws_lc_rs "aws-lc-rs"; $($row)* }
        rows! { @on josekit "josekit"; $($row)* }
        rows! { @on ring "ring"; $($row)* }
    };
    (@on $module:ident $name:literal; $($row:ident)*) => {
        mod $module {
            $(
                #[test]
                fn $row() {
                    crate::attacks::run(stringify!($row), $name, crate::$row::check);
                }
            )*
        }
    };
}

rows! {
    row_01_rsa1_5
    row_02_timing_of_unwrapping
    row_03_manger
    row_04_alg_downgrade
    row_05_padding_oracle
    row_06_tag_length
    row_07_iv_length
    row_08_empty_ciphertext_forgery
    row_09_length_overflow
    row_10_encrypted_key_length
    row_11_encrypted_key_malleability
    row_12_wrong_cek
    row_13_invalid_curve
    row_14_iteration_count
    row_15_zip_bomb
    row_16_segments
    row_17_deep_or_wide_json
    row_18_oversized_token_in_logs
    row_19_crit
    row_20_unprotected_header
    row_21_aad_as_received
    row_22_duplicate_members
    row_23_base64url_malleability
    row_24_sign_encrypt_confusion
    row_25_algorithm_confusion
    row_26_embedded_key
    row_27_url_in_header
    row_28_kid_injection
    row_29_weak_keys
    row_30_wrong_json_types
    row_31_empty_key
    row_32_invalid_utf8
    row_33_compression_side_channel
    row_34_length_of_short_secrets
    row_35_field_swap
    row_36_random_after_fork
    row_37_gcm_key_reuse
}
