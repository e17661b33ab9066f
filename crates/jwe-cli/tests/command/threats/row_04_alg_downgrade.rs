//! Another `alg` or `enc` than the recipient's, in whatever letters.

use jwe::Alg;

use super::target::{Case, ENCRYPTED_KEY, Target, parts};
use crate::support::base64url;

pub(crate) fn check(backend: &'static str) {
    for target in Target::all(backend) {
        let name = target.alg.name();
        let mut others = vec![
            name.to_lowercase(),
            format!("{name} "),
            format!(" {name}"),
            format!("{name}\\u0000"),
            name[..name.len() - 1].to_owned(),
            name.replace('-', "_").replace("dir", "DIR").replace("KW", "Kw"),
        ];
        let foreign = ["RSA1_5", "none", "HS256", "RS256", "A256GCM", "", "*"].map(str::to_owned);
        others.extend(foreign);
        others.extend(Alg::ALL.iter().map(|alg| alg.name().to_owned()));
        others.retain(|other| *other != name);
        let enc = format!("\"{}\"", target.enc);
        let mut cases: Vec<Case> = Vec::new();
        for other in &others {
            let header = target.header_of(&format!("\"{other}\""), &enc, "");
            let with_key = |len: usize| {
                let mut parts = parts(&target.with_header(&header));
                parts[ENCRYPTED_KEY] = base64url::encode(vec![2; len]);
                (parts.join("."), "alg_not_accepted")
            };
            cases.extend([(target.with_header(&header), "alg_not_accepted"), with_key(0)]);
        }
        let alg = format!("\"{name}\"");
        for enc in ["a256gcm", "A256GCM ", "A128CBC+HS256", "A192GCM", "A256CTR", "none", ""] {
            let header = target.header_of(&alg, &format!("\"{enc}\""), "");
            cases.push((target.with_header(header), "enc_not_accepted"));
        }
        target.rejects_all(&cases);
        // Alone, one of each.
        let last = cases.len() - 1;
        target.refuses_all(&[cases.swap_remove(last), cases.swap_remove(0)]);
    }
}
