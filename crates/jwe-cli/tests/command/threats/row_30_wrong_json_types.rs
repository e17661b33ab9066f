//! Header members of another JSON type than they have, which are not absent for that.

use super::target::{Case, Target};

pub(crate) fn check(backend: &'static str) {
    for target in Target::all(backend) {
        let (alg, enc) = (format!("\"{}\"", target.alg), format!("\"{}\"", target.enc));
        let good = target.header("");
        let mut cases: Vec<Case> = Vec::new();
        for wrong in ["null", "7", "true", "{}", "[]"] {
            cases.push((
                target.with_header(target.header_of(wrong, &enc, "")),
                "header_member_type",
            ));
            cases.push((
                target.with_header(target.header_of(&alg, wrong, "")),
                "header_member_type",
            ));
            cases.push((target.with_members(&format!(",\"zip\":{wrong}")), "header_member_type"));
        }
        let arrays = [
            target.header_of(&format!("[{alg}]"), &enc, ""),
            target.header_of(&alg, &format!("[{enc}]"), ""),
            target.header(",\"zip\":[\"DEF\"]"),
        ];
        cases.extend(arrays.map(|header| (target.with_header(header), "header_member_type")));
        // Absent, in other letters, and no object.
        let absent = [
            good.replace("\"alg\"", "\"Alg\""),
            good.replace("\"enc\"", "\"ENC\""),
            good.replace("\"enc\"", "\"enc \""),
            "{}".to_owned(),
        ];
        cases.extend(absent.map(|header| (target.with_header(header), "header_missing_member")));
        let others = [
            String::new(),
            "[]".to_owned(),
            "null".to_owned(),
            "7".to_owned(),
            format!("[{good}]"),
            good.replace('}', ""),
            good.replace('}', ",}"),
            format!("{good}{good}"),
            format!("{good}x"),
        ];
        cases.extend(others.map(|header| (target.with_header(header), "header_not_json")));
        target.rejects_all(&cases);
        target.refuses_all(&cases[..4]);
    }
}
