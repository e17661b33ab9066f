//! The ways in which code for JWE has failed, as attacks through the command: one file a class,
//! each run with every backend that is built in. The same classes are attacked through the library
//! in the tests of the workspace, where each is described.
//!
//! What is refused must be so with the right code, with nothing on standard output, in little time
//! and memory, and in few words.

mod number;
mod target;
mod traced;

/// Declares the files, and makes a test of each with each backend.
macro_rules! rows {
    ($($row:ident)*) => {
        $(mod $row;)*

        rows! { @on aws_lc_rs "aws-lc-rs"; $($row)* }
        #[cfg(feature = "josekit")]
        rows! { @on josekit "josekit"; $($row)* }
        rows! { @on ring "ring"; $($row)* }
    };
    (@on $module:ident $name:literal; $($row:ident)*) => {
        mod $module {
            $(
                #[test]
                fn $row() {
                    crate::threats::$row::check($name);
                }
            )*
        }
    };
}

rows! {
    row_01_rsa1_5
    row_03_manger
    row_04_alg_downgrade
    row_05_padding_oracle
    row_06_tag_length
    row_07_iv_length
    row_08_empty_ciphertext_forgery
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
}
