//! Genuine proofs of somebody else, and functions that are made to act for others.

use serde_json::{Value, json};
use testkit::token;

use super::{
    Attack, DELIVERIES, FUNCTIONS, Field, PEOPLE,
    forged::{with, without},
    reason::{
        ALGORITHM, AUDIENCE, DISABLED, ENDED, INVITED, ISSUER, MALFORMED, MISSING, NO_ACCOUNT,
        NO_ROLE, NOT_BEARER, PERSON_NOT_TEXT, SIGNATURE, TWO_PEOPLE, UNKNOWN, VIEWER,
    },
    wire::Wire,
};

/// People who signed in well and may not come in, or may not do this.
const SHUT_OUT: [(&str, &str, u16, &str); 7] = [
    ("whom the mesh does not know", "ulla", 403, UNKNOWN),
    ("who was invited", "ivan", 403, INVITED),
    ("who was disabled", "dora", 403, DISABLED),
    ("whose session was ended", "saul", 401, ENDED),
    ("whose elevation is over", "elias", 403, NO_ROLE),
    ("without a role", "norma", 403, NO_ROLE),
    ("with a lesser role", "vera", 403, VIEWER),
];

fn account_may_not(account: &str) -> String {
    format!("the account `{account}` may not call this")
}

/// Returns attacks whose tokens are genuine, as far as each goes.
pub(super) fn attacks(
    field: &Field,
    delivery: &Value,
    function: &Value,
    person: &Value,
) -> Vec<Attack> {
    let forge = &field.forge;
    let project = &field.mesh.project;
    let mut attacks = Vec::new();
    let mut add = |door, kind, name: &str, wire: Wire, status, reason: &str| {
        let (name, reason) = (name.to_owned(), reason.to_owned());
        attacks.push(Attack { door, kind, name, wire, status, reason });
    };
    let token = |door: &str, claims: &Value| field.with_token(door, &forge.issue(claims));
    let olga = token::person(project, "olga");
    let calls = token(FUNCTIONS, function);
    let calls_for = |person: &str| calls.clone().line(format!("x-mesh-person: {person}"));

    // People who may not, by themselves and through a function.
    for (name, uid, status, reason) in SHUT_OUT {
        let theirs = token::person(project, uid);
        add(PEOPLE, "standing", name, field.with_token(PEOPLE, &theirs), status, reason);
        add(FUNCTIONS, "standing", name, calls_for(&theirs), status, reason);
    }
    let second = jiff::Timestamp::now().as_second();
    for (name, ago) in [("an hour ago", 3600), ("a year ago", 31_536_000), ("in 1970", second)] {
        let replayed = token::person_since(project, "saul", second - ago);
        add(PEOPLE, "replay", name, field.with_token(PEOPLE, &replayed), 401, ENDED);
        add(FUNCTIONS, "replay", name, calls_for(&replayed), 401, ENDED);
    }

    // Accounts that are somebody, and not who may call.
    let of = |claims: &Value, email: &str| with(claims, json!({ "email": email }));
    let strangers = [
        ("another function", format!("audit-engine@{project}.iam.gserviceaccount.com")),
        ("the same name in another project", "probe@demo-other.iam.gserviceaccount.com".to_owned()),
        ("a project that ends like ours", format!("probe@evil-{project}.iam.gserviceaccount.com")),
        ("our name before another domain", format!("{}.evil.example", field.caller)),
        ("a person's mailbox", "mallory@gmail.com".to_owned()),
        ("a person of the mesh", "olga@meridian.example".to_owned()),
        ("capitals", field.caller.to_uppercase()),
        ("a space before", format!(" {}", field.caller)),
        ("two accounts", format!("{},{}", field.caller, field.invoker)),
        ("nobody", String::new()),
        ("the default account", "1-compute@developer.gserviceaccount.com".to_owned()),
        ("a Google service's own", "service-1@gcp-sa-pubsub.iam.gserviceaccount.com".to_owned()),
    ];
    for (door, good) in [(DELIVERIES, delivery), (FUNCTIONS, function)] {
        for (name, email) in &strangers {
            add(door, "account", name, token(door, &of(good, email)), 403, &account_may_not(email));
        }
        let unproven = [
            ("an address that is not verified", with(good, json!({"email_verified": false}))),
            ("an address of which that is not said", without(good, "email_verified")),
            ("no address", without(good, "email")),
            ("a null address", with(good, json!({"email": null}))),
        ];
        for (name, claims) in unproven {
            add(door, "account", name, token(door, &claims), 403, NO_ACCOUNT);
        }
        let told = with(good, json!({"email_verified": "true"}));
        add(door, "account", "verified in words", token(door, &told), 401, MALFORMED);
    }

    // A token that is good at one door, at another.
    let caller = account_may_not(&field.caller);
    add(DELIVERIES, "door", "a function that calls", token(DELIVERIES, function), 403, &caller);
    let invoker = account_may_not(&field.invoker);
    add(FUNCTIONS, "door", "the transport", token(FUNCTIONS, delivery), 403, &invoker);
    let both = token(FUNCTIONS, delivery).line(format!("x-mesh-person: {olga}"));
    add(FUNCTIONS, "door", "the transport for a person", both, 403, &invoker);
    for door in [DELIVERIES, FUNCTIONS] {
        // A person's token says no address that is a service's, and nobody signed it.
        add(door, "door", "a person", field.with_token(door, &olga), 401, ALGORITHM);
        add(door, "door", "a person, well signed", token(door, person), 401, ISSUER);
        let access =
            field.mesh.bridge.issuer().access_token(&field.invoker, jiff::Timestamp::now()).0;
        add(door, "door", "an access token", field.with_token(door, &access), 401, MALFORMED);
    }
    for (name, claims) in [("the transport", delivery), ("a function", function)] {
        add(PEOPLE, "door", name, token(PEOPLE, claims), 401, ALGORITHM);
        let unsigned = token::unsigned(claims);
        let name = format!("{name}, unsigned");
        add(PEOPLE, "door", &name, field.with_token(PEOPLE, &unsigned), 401, MALFORMED);
        let signed_in = with(claims, json!({"auth_time": second - 10}));
        let name = format!("{name} and signed in");
        let token = field.with_token(PEOPLE, &token::unsigned(&signed_in));
        add(PEOPLE, "door", &name, token, 401, ISSUER);
    }
    add(PEOPLE, "door", "a person, well signed", token(PEOPLE, person), 401, ALGORITHM);
    for (account, door) in [(&field.invoker, DELIVERIES), (&field.caller, FUNCTIONS)] {
        for other in ["probe", "audit-engine", "destine-root"] {
            let name = format!("for {other}");
            let elsewhere = token(door, &field.claims(account, other));
            add(door, "audience", &name, elsewhere, 401, AUDIENCE);
        }
        for (name, audience) in [
            ("for the address", format!("http://127.0.0.1:{}", field.plain(door).port)),
            ("for the project", project.clone()),
            ("for Google", "https://accounts.google.com".to_owned()),
        ] {
            let claims = with(&field.claims(account, "neighbour"), json!({"aud": audience}));
            add(door, "audience", name, token(door, &claims), 401, AUDIENCE);
        }
    }

    // Deputies: a function that is asked for more than who asks may do, or by nobody.
    let person_line = format!("x-mesh-person: {olga}");
    let nobody = "`audits.run` is needed and";
    let nobody = format!("{nobody} `{}` is a service, and only people hold it", field.caller);
    add(FUNCTIONS, "deputy", "for nobody", calls.clone(), 403, &nobody);
    let alone = field.plain(FUNCTIONS).line(person_line.clone());
    add(FUNCTIONS, "deputy", "a person without a function", alone, 401, MISSING);
    let direct = field.with_token(FUNCTIONS, &olga).line(person_line.clone());
    add(FUNCTIONS, "deputy", "a person as their own function", direct, 401, ALGORITHM);
    let stranger = token(FUNCTIONS, &of(function, &strangers[0].1)).line(person_line.clone());
    let refused = account_may_not(&strangers[0].1);
    add(FUNCTIONS, "deputy", "another function for a person", stranger, 403, &refused);
    let elsewhere = with(function, json!({"aud": "https://evil.example"}));
    let elsewhere = token(FUNCTIONS, &elsewhere).line(person_line.clone());
    add(FUNCTIONS, "deputy", "another audience for a person", elsewhere, 401, AUDIENCE);
    let broken = format!("{}AAAA", forge.issue(function));
    let broken = field.with_token(FUNCTIONS, &broken).line(person_line.clone());
    add(FUNCTIONS, "deputy", "a broken signature for a person", broken, 401, SIGNATURE);
    let people = [
        ("two people", calls_for(&olga).line(person_line.clone()), TWO_PEOPLE),
        (
            "a viewer and an owner",
            calls_for(&token::person(project, "vera")).line(person_line.clone()),
            TWO_PEOPLE,
        ),
        ("two people in one header", calls_for(&format!("{olga},{olga}")), NOT_BEARER),
        ("an empty person", calls_for(""), NOT_BEARER),
        ("a scheme before the person", calls_for(&format!("Bearer {olga}")), NOT_BEARER),
        ("a uid", calls_for("olga"), MALFORMED),
        ("an actor", calls_for("person:olga"), NOT_BEARER),
        ("JSON", calls_for("{\"uid\":\"olga\"}"), NOT_BEARER),
        ("the function itself", calls_for(&forge.issue(function)), ALGORITHM),
        ("a signed person", calls_for(&forge.issue(person)), ALGORITHM),
        (
            "a person that is not text",
            calls.clone().line([b"x-mesh-person: ", "é".as_bytes(), olga.as_bytes()].concat()),
            PERSON_NOT_TEXT,
        ),
    ];
    for (name, wire, reason) in people {
        add(FUNCTIONS, "deputy", name, wire, 401, reason);
    }
    // Where people call by themselves, the header proves nothing.
    let only = field.plain(PEOPLE).line(person_line.clone());
    add(PEOPLE, "deputy", "a person in the header alone", only, 401, MISSING);
    let vera = field.with_token(PEOPLE, &token::person(project, "vera")).line(person_line.clone());
    add(PEOPLE, "deputy", "a viewer with an owner in the header", vera, 403, VIEWER);
    let through = token(PEOPLE, &field.claims(&field.caller, "probe")).line(person_line.clone());
    add(PEOPLE, "deputy", "a function for a person", through, 401, ALGORITHM);
    let only = field.plain(DELIVERIES).line(person_line);
    add(DELIVERIES, "deputy", "a person in the header alone", only, 401, MISSING);
    attacks
}
