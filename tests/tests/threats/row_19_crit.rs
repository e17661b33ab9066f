//! `crit` names what a recipient has to understand (RFC 7516 §4.1.13): nothing, unless the caller says
//! so. Whatever it says otherwise is refused, whether the extension is there or not.

use jwe::Backend;

use crate::target::Target;

pub(crate) fn check(backend: &'static Backend) {
    for target in Target::all(backend) {
        for crit in [
            r#"["bork"]"#,
            "[]",
            r#""exp""#,
            r#"["alg"]"#,
            r#"["b64"]"#,
            r#"["exp","exp"]"#,
            r#"["enc","zip"]"#,
            r#"["crit"]"#,
            r#"["exp",""]"#,
            r#"["missing"]"#,
            "[1]",
            r#"[["exp"]]"#,
            "null",
            "{}",
            "0",
            "false",
            r#""""#,
        ] {
            let there =
                target.header_with(&format!(r#","crit":{crit},"bork":1,"b64":true,"exp":1"#));
            target.refuses_header(there.as_bytes(), "crit_not_understood");
            let missing = target.header_with(&format!(r#","crit":{crit}"#));
            target.refuses_header(missing.as_bytes(), "crit_not_understood");
        }
        // What is understood must be named rightly all the same.
        let mut knows = target.decrypter.clone().understand(&["exp"]);
        let header = |crit: &str| {
            let header = target.header_with(&format!(r#","crit":{crit},"exp":1,"bork":1"#));
            target.good.with_header(header.as_bytes()).token()
        };
        for crit in [
            r#"["bork"]"#,
            r#"["exp","bork"]"#,
            "[]",
            r#""exp""#,
            r#"["exp","exp"]"#,
            r#"["exp","alg"]"#,
            r#"["EXP"]"#,
            r#"["exp "]"#,
        ] {
            let error = knows.decrypt(&header(crit)).unwrap_err();
            assert_eq!(error.code(), "crit_not_understood", "{crit}");
        }
        let error = knows.decrypt(&header(r#"["exp"]"#)).unwrap_err();
        assert_eq!(error.code(), "decryption_failed", "the header was changed");
        // Names that the RFCs define are never extensions.
        knows = target.decrypter.clone().understand(&["alg", "enc"]);
        let error = knows.decrypt(&header(r#"["alg"]"#)).unwrap_err();
        assert_eq!(error.code(), "crit_not_understood");
    }
}
