//! A header that says something twice (RFC 7516 §4).

use super::target::{Case, Target};

pub(crate) fn check(backend: &'static str) {
    for target in Target::all(backend) {
        let (alg, enc, kid) = (target.alg, target.enc, target.kid());
        let good = target.header("");
        let members = [
            // Before and behind, with another value and with the same.
            good.replacen('{', r#"{"alg":"RSA1_5","#, 1),
            good.replacen('{', r#"{"enc":"A128CBC-HS256","#, 1),
            good.replacen('{', r#"{"kid":"c4n4rY","#, 1),
            target.header(r#","alg":"RSA1_5""#),
            target.header(&format!(r#","alg":"{alg}""#)),
            target.header(&format!(r#","enc":"{enc}""#)),
            target.header(&format!(r#","kid":"{kid}""#)),
            target.header(r#","al\u0067":"RSA1_5""#),
            target.header(r#","\u0061\u006c\u0067":"dir""#),
            target.header(r#","en\u0063":"none""#),
            target.header(r#","x":1,"x":1"#),
            target.header(r#","x":1,"\u0078":2"#),
            target.header(r#","crit":["x"],"crit":[]"#),
            target.header(r#","zip":"DEF","zip":"DEF""#),
            target.header(r#","p2c":1000,"p2c":1000000000"#),
        ];
        let cases: Vec<Case> = members
            .iter()
            .map(|header| (target.with_header(header), "header_duplicate_member"))
            .collect();
        target.rejects_all(&cases);
        target.refuses_all(&cases[..2]);
        // Well sealed it is no better.
        let sealed = target.sealed(&members[0], b"s3cret");
        target.refuses(&sealed, "header_duplicate_member");
    }
    // Of a key there is no second opinion either.
    let target = Target::usual(backend);
    let twice = target.jwk.to_string().replacen('{', r#"{"kid":"other","#, 1);
    target.place.write_secret("twice.jwk", twice);
    let decrypt = target.place.jwe(&format!("decrypt --key twice.jwk --backend {backend}"));
    decrypt.stdin(target.token()).run().refused("key_invalid_member");
}
