//! JSON that is deep, wide or has numbers without end: in headers, in messages and in documents.

use serde_json::json;

use super::target::{Case, Target};

pub(crate) fn check(backend: &'static str) {
    let target = Target::usual(backend);
    headers(&target);
    messages(&target);
    documents(&target);
}

fn headers(target: &Target) {
    let open = |len: usize| "[".repeat(len);
    let members =
        |count: usize| (0..count).map(|at| format!(",\"m{at}\":{at}")).collect::<String>();
    let mut cases: Vec<Case> = [
        (format!(r#","x":{}"#, open(100_000)), "header_too_long"),
        (members(100_000), "header_too_long"),
        (format!(r#","x":{}"#, "9".repeat(1_000_000)), "header_too_long"),
        (format!(r#","x":"{}""#, "y".repeat(8192)), "header_too_long"),
        (format!(r#","x":{}"#, open(8000)), "header_not_json"),
        (format!(r#","x":{}{}"#, open(4000), "]".repeat(4000)), "header_not_json"),
        (format!(r#","x":{}"#, "9".repeat(8000)), "header_not_json"),
        (r#","x":1e999"#.to_owned(), "header_not_json"),
        (r#","x":-1e999"#.to_owned(), "header_not_json"),
    ]
    .into_iter()
    .map(|(members, code)| (target.with_members(&members), code))
    .collect();
    cases.push((target.with_header(vec![b' '; 10_000_000]), "header_too_long"));
    // What is within the limit is read, and is then not what was sealed.
    cases.push((target.with_members(&members(600)), "decryption_failed"));
    target.refuses_all(&cases);
}

fn messages(target: &Target) {
    let many: String = (0..100_000).map(|at| format!(",\"m{at}\":1")).collect();
    let deep = format!("{}{}", "[".repeat(1_000_000), "]".repeat(1_000_000));
    let big = "A".repeat(10_000_000);
    for (message, code) in [
        (target.flattened(&many), "message_member"),
        (
            target.flattened(&format!(r#","header":{{"x":"{}"}}"#, "y".repeat(8192))),
            "header_too_long",
        ),
        (target.flattened(&format!(r#","aad":"{big}""#)), "decryption_failed"),
        (format!("{{\"x\":{}", "[".repeat(1_000_000)), "message_not_json"),
        ("{".repeat(1_000_000), "message_not_json"),
        (format!("{{\"recipients\":{deep},\"ciphertext\":\"AA\"}}"), "message_member"),
    ] {
        target.refuses_message(&message, code);
    }
    // What is in members that mean nothing is skipped, however deep.
    let skipped = target.flattened(&format!(r#","x":{deep}"#));
    let decrypt = target.decrypt_in(200, "--serialization flattened").stdin(skipped);
    assert_eq!(decrypt.run().ok(), super::target::PLAINTEXT.as_bytes());
}

fn documents(target: &Target) {
    let fields = |document: String, selector: &str, code: &str| {
        let jwe = target.decrypt_fields("--field").arg(selector);
        jwe.stdin(document).run().refused(code)
    };
    let many = format!("[{}1]", "1,".repeat(100_000));
    fields(many.clone(), "$[*]", "too_many_values");
    fields(many, "$..[*]", "too_many_values");
    let wide: String = (0..50_000).map(|at| format!("\"{at}\":\"x\",")).collect();
    fields(format!("{{{wide}\"a\":1}}"), "/a", "field_not_encrypted");
    fields("[".repeat(2_000_000), "/a", "document_not_json");
    let deep = format!("{}{}", "[".repeat(1000), "]".repeat(1000));
    fields(format!("{{\"d\":{deep},\"a\":1}}"), "/a", "document_too_deep");
    let work = format!("[{}1]", "[1],".repeat(5_000));
    let text = fields(work, "$..[?count($..*) > 100000]", "selector_too_much_work");
    assert!(text.contains("more direct path"), "{text}");
    let name = format!("{{\"{}\":1}}", "n".repeat(1_000_000));
    assert!(fields(name, "$.*", "field_not_encrypted").len() < 500);
    // Numbers are text that nobody computes with.
    let digits = "9".repeat(1_000_000);
    let document = format!("{{\"n\":{digits},\"m\":1e999,\"a\":{}}}", json!(target.token()));
    let decrypted = target.decrypt_fields("--field /a").stdin(document).run().ok_text();
    assert_eq!(
        decrypted,
        format!("{{\"n\":{digits},\"m\":1e999,\"a\":\"{}\"}}", super::target::PLAINTEXT)
    );
}
