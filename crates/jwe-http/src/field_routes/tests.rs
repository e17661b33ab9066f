//! Which route a request has.

use proptest::prelude::*;

use super::*;

fn route(methods: &[&str], template: &str) -> Result<FieldRoute, RouteError> {
    let methods = methods.iter().map(|method| method.parse().unwrap());
    FieldRoute::new(methods, template, ["/a".parse().unwrap()])
}

fn routes(list: &[(&[&str], &str)]) -> FieldRoutes {
    list.iter().fold(FieldRoutes::new(), |routes, (methods, template)| {
        routes.with(route(methods, template).unwrap()).unwrap()
    })
}

fn find(routes: &FieldRoutes, method: &str, path: &str) -> Result<Option<usize>, &'static str> {
    let found = routes.find(&method.parse().unwrap(), path);
    found.map(|route| route.map(RouteId::index)).map_err(|problem| {
        assert_eq!(problem.status(), 400);
        problem.code()
    })
}

#[test]
fn the_closest_template_of_the_method_counts() {
    let routes = routes(&[
        (&["POST", "PUT"], "/users/{id}/connections"),
        (&["POST"], "/users/me/connections/"),
        (&["POST"], "/users/{user}/connections/{cid}"),
        (&["POST"], "/"),
        (&["PATCH"], "/files/{*rest}"),
        (&["POST"], "/Caf%C3%A9/a@b"),
    ]);
    for (method, path, expected) in [
        ("POST", "/users/7/connections", Some(0)),
        ("POST", "/users/7/connections/", Some(0)),
        ("PUT", "/users/7/connections", Some(0)),
        ("POST", "/users/me/connections", Some(1)),
        // The closer template has no such method, and the request is still one of the other's.
        ("PUT", "/users/me/connections", Some(0)),
        ("POST", "/users/me/connections/9", Some(2)),
        ("POST", "/users/7/connections/9/", Some(2)),
        ("PUT", "/users/7/connections/9", None),
        ("POST", "/users/%20%3A/connections", Some(0)),
        ("POST", "/", Some(3)),
        ("PATCH", "/files/a/b/c", Some(4)),
        ("PATCH", "/files/a/", Some(4)),
        ("PATCH", "/files", None),
        ("PATCH", "/files/", None),
        ("POST", "/Caf%C3%A9/a@b", Some(5)),
        // Those who decode an escape read the same.
        ("POST", "/Caf%c3%a9/a%40b/", Some(5)),
        ("POST", "/users", None),
        ("POST", "/users/7/connections9", None),
        ("GET", "/users/7/connections", None),
        ("POST", "*", None),
        ("POST", "", None),
    ] {
        assert_eq!(find(&routes, method, path), Ok(expected), "{method} {path}");
    }
    for (method, path) in [
        ("POST", "/Users/7/connections"),
        ("PUT", "/users/ME/Connections"),
        ("POST", "/caf%C3%A9/a@b"),
        ("POST", "users/7/connections"),
        ("PATCH", "/files//a"),
        ("GET", "//"),
        ("POST", "/%"),
        ("POST", "/%4"),
        ("POST", "/a%zz"),
        ("POST", "/a%+f"),
        ("POST", "/a%2525"),
        ("POST", "/a%41"),
        ("POST", "/a%7e"),
        ("POST", "/\u{e9}"),
        ("POST", "/a b"),
        ("POST", "/a\\b"),
        ("POST", "/a?b"),
        ("POST", "/%ed%a0%80"),
    ] {
        assert_eq!(find(&routes, method, path), Err("ambiguous_path"), "{method} {path}");
    }
    assert_eq!(find(&routes, "POST", "/100%25"), Ok(None));
    assert_eq!(find(&routes, "POST", "/a%7B%7d"), Ok(None));
    assert_eq!(find(&routes, "Post", "/users/7/connections"), Err("ambiguous_method"));
    assert_eq!(find(&routes, "get", "/users/7/connections"), Ok(None));
    // Without a route, nothing is anybody's business.
    assert_eq!(find(&FieldRoutes::new(), "POST", "/../%zz//"), Ok(None));
}

#[test]
fn what_is_no_route_is_refused() {
    for template in [
        "",
        "users",
        "//",
        "/a//b",
        "/./a",
        "/a/..",
        "/a b",
        "/a?b",
        "/a;b",
        "/%2F",
        "/%41",
        "/{}",
        "/{a b}",
        "/{*}",
        "/{*a}/b",
        "/{a",
        "/a}",
        "/a{b}",
        "/{a}b",
        "/{{a}}",
        "/caf\u{e9}",
    ] {
        let error = route(&["POST"], template).unwrap_err();
        assert_eq!(error.code(), "route_template", "{template}");
        assert!(error.to_string().contains(": "), "{error}");
    }
    assert_eq!(route(&[], "/a").unwrap_err().code(), "route_no_method");
    let none = FieldRoute::new([Method::POST], "/a", []);
    assert_eq!(none.unwrap_err().code(), "route_no_selector");
    for (first, second) in [
        ("/users/{id}/a", "/users/{name}/a/"),
        ("/a", "/a"),
        ("/a%40", "/a@"),
        ("/{*rest}", "/{*others}"),
    ] {
        let routes = routes(&[(&["PUT", "POST"], first)]);
        let error = routes.clone().with(route(&["POST"], second).unwrap()).unwrap_err();
        assert_eq!(error.code(), "route_conflict", "{second}");
        assert!(error.to_string().contains("POST"), "{error}");
        assert!(routes.with(route(&["PATCH"], second).unwrap()).is_ok());
    }
    // The same but for case is another route.
    let both = routes(&[(&["POST"], "/a/{id}"), (&["POST"], "/A/{name}")]);
    assert_eq!(find(&both, "POST", "/a/1"), Ok(Some(0)));
    assert_eq!(find(&both, "POST", "/A/1"), Ok(Some(1)));
}

/// A parameter takes a segment that somebody else takes for the literal of another route.
#[test]
fn a_literal_in_another_case_is_not_one_of_the_parameter() {
    let all =
        routes(&[(&["POST"], "/users/{id}"), (&["POST"], "/users/me"), (&["POST"], "/Teams/{*x}")]);
    assert_eq!(find(&all, "POST", "/users/me"), Ok(Some(1)));
    assert_eq!(find(&all, "POST", "/users/Mo"), Ok(Some(0)));
    for ambiguous in ["/users/ME", "/users/mE/", "/USERS/me", "/teams/7/x"] {
        assert_eq!(find(&all, "POST", ambiguous), Err("ambiguous_path"), "{ambiguous}");
    }
    // Routes that somebody wrote apart.
    let apart = routes(&[(&["POST"], "/{id}"), (&["POST"], "/me"), (&["POST"], "/ME/")]);
    assert_eq!(find(&apart, "POST", "/me"), Ok(Some(1)));
    assert_eq!(find(&apart, "POST", "/ME"), Ok(Some(2)));
    assert_eq!(find(&apart, "POST", "/Me"), Err("ambiguous_path"));
}

#[test]
fn braces_are_characters_of_paths() {
    let routes = routes(&[(&["POST"], "/a/{id}")]);
    assert_eq!(find(&routes, "POST", "/a/%7Bid%7D"), Ok(Some(0)));
    assert_eq!(find(&routes, "POST", "/%7Bid%7D/a"), Ok(None));
    let literal = FieldRoutes::new().with(route(&["POST"], "/%7Bid%7D/a").unwrap()).unwrap();
    assert_eq!(find(&literal, "POST", "/%7bid%7d/a"), Ok(Some(0)));
    assert_eq!(find(&literal, "POST", "/x/a"), Ok(None));
}

#[test]
fn a_route_is_what_it_was_made_of() {
    let added = route(&["POST", "PUT"], "/a/")
        .unwrap()
        .with_missing(Missing::Skip)
        .with_encoding(PlaintextEncoding::Json);
    let routes = FieldRoutes::new().with(added).unwrap();
    assert!(!routes.is_empty() && FieldRoutes::new().is_empty());
    let (id, found) = routes.iter().next().unwrap();
    assert_eq!(routes.get(id).unwrap().template(), "/a/");
    assert_eq!(found.methods(), [Method::POST, Method::PUT]);
    assert_eq!(found.selectors().len(), 1);
    assert_eq!((found.missing(), found.encoding()), (Missing::Skip, PlaintextEncoding::Json));
    assert_eq!(FieldRoutes::new().get(id).map(FieldRoute::template), None);
}

/// One segment of a template, or of a path.
fn segments(parameters: bool) -> impl Strategy<Value = Vec<String>> {
    let literal = prop_oneof![Just("a"), Just("b"), Just("ab"), Just("A")].prop_map(str::to_owned);
    let segment = if parameters {
        prop_oneof![3 => literal, 2 => Just("{p}".to_owned())].boxed()
    } else {
        literal.boxed()
    };
    prop::collection::vec(segment, 1..4)
}

fn fits(template: &[String], path: &[String], fold: bool) -> bool {
    template.len() == path.len()
        && template.iter().zip(path).all(|(template, path)| {
            template == "{p}" || template == path || (fold && template.eq_ignore_ascii_case(path))
        })
}

/// Which of those that fit is the closest: with the first literal where others have parameters.
fn closest(templates: &[Vec<String>], path: &[String], fold: bool) -> Option<usize> {
    let fitting = templates.iter().enumerate().filter(|(_, template)| fits(template, path, fold));
    fitting
        .min_by_key(|(_, template)| {
            template.iter().map(|segment| segment == "{p}").collect::<Vec<_>>()
        })
        .map(|(at, _)| at)
}

proptest! {
    #[test]
    fn it_is_as_with_a_list(
        templates in prop::collection::btree_set(segments(true), 1..8),
        paths in prop::collection::vec(segments(false), 1..20),
    ) {
        let templates: Vec<_> = templates.into_iter().collect();
        let routes = templates.iter().fold(FieldRoutes::new(), |routes, template| {
            routes.with(route(&["POST"], &format!("/{}", template.join("/"))).unwrap()).unwrap()
        });
        for path in paths {
            let text = format!("/{}", path.join("/"));
            let found = find(&routes, "POST", &text);
            // Who does not tell upper from lower case has to mean the same.
            let [own, other] = [false, true].map(|fold| closest(&templates, &path, fold));
            let lower = |at: usize| templates[at].join("/").to_ascii_lowercase();
            if own.map(lower) == other.map(lower) {
                prop_assert_eq!(found, Ok(own), "{}", text);
            } else {
                prop_assert_eq!(found, Err("ambiguous_path"), "{}", text);
            }
        }
    }

    /// Whatever is let through and decoded, decodes to nothing that could be read otherwise.
    #[test]
    fn what_is_let_through_is_plain(path in "/[a./%0-9A-F;~\\\\é{}]{0,12}") {
        if let Ok(read) = canonical_path::read(&path) {
            prop_assert!(!read.contains("//") && !read.contains('\\') && !read.contains(';'));
            prop_assert!(read.split('/').all(|segment| segment != "." && segment != ".."));
            prop_assert_eq!(read.matches('/').count(), path.trim_end_matches('/').matches('/').count().max(1));
            prop_assert!(!read.chars().any(char::is_control));
        }
    }
}
