//! A signed token where an encrypted one belongs, and one inside of it.

use super::target::{Case, Target};
use crate::support::base64url;

pub(crate) fn check(backend: &'static str) {
    for target in Target::all(backend) {
        let part = |text: &str| base64url::encode(text);
        let claims = part(r#"{"sub":"admin"}"#);
        let signed =
            |alg: &str| format!("{}.{claims}.c2lnbmVk", part(&format!(r#"{{"alg":"{alg}"}}"#)));
        let unsigned = format!("{}.{claims}.", part(r#"{"alg":"none"}"#));
        let mut cases: Vec<Case> = ["HS256", "RS256", "none", "dir"]
            .map(|alg| (signed(alg), "segment_count"))
            .into_iter()
            .collect();
        cases.push((unsigned.clone(), "segment_count"));
        let none = target.header_of("\"none\"", &format!("\"{}\"", target.enc), "");
        cases.push((target.with_header(none), "alg_not_accepted"));
        target.refuses_all(&cases);

        // An inner token without a signature is so many bytes, whatever the header calls it.
        for members in ["", r#","cty":"JWT""#, r#","typ":"JWT","cty":"JWT""#] {
            let sealed = target.sealed(&target.header(members), unsigned.as_bytes());
            target.accepts(&sealed, unsigned.as_bytes());
        }
    }
}
