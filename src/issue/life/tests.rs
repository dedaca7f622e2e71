//! The table of moves: every deed in every state by every role.

use std::collections::BTreeSet;

use super::*;

fn at(state: S) -> Standing<'static> {
    Standing {
        title: "告知书", state, holder: None, division: Some("330402001"), drafter: "na", last: None
    }
}

fn person(login: &str, roles: &[Role]) -> Actor {
    Actor { login: login.to_owned(), roles: roles.to_vec(), division: None }
}

/// What each role may do in each state when nobody holds the document and somebody else did the last step.
#[test]
fn roles_and_states_allow_exactly_this() {
    let mut lines = Vec::new();
    for &state in S::ALL {
        for &role in Role::ALL {
            let deeds: Vec<&str> =
                open_deeds(&at(state), &person("li", &[role])).iter().map(|it| it.deed.name()).collect();
            if !deeds.is_empty() {
                lines.push(format!("{state} {role}: {}", deeds.join(" ")));
            }
        }
    }
    let expected = "\
draft drafter: submit transfer
draft signer: void
draft registrar: void
reviewing reviewer: pass return transfer
reviewing signer: void
reviewing registrar: void
to_sign signer: sign return transfer void
to_sign registrar: void
to_number signer: void
to_number registrar: number return transfer void
to_seal signer: void
to_seal registrar: seal return transfer void
to_issue signer: void
to_issue registrar: issue transfer void
issued drafter: serve reissue
issued signer: void
issued registrar: serve archive void
served drafter: reissue
served signer: void
served registrar: archive void
archived drafter: reissue
archived signer: void
archived registrar: void
returned drafter: submit transfer
returned signer: void
returned registrar: void
void drafter: reissue";
    assert_eq!(lines.join("\n"), expected);
}

#[test]
fn every_state_but_the_last_two_leads_on_and_every_state_is_reached() {
    let from: BTreeSet<&str> =
        MOVES.iter().filter(|it| it.deed.is_step()).map(|it| it.from.as_str()).collect();
    let reached: BTreeSet<&str> = MOVES.iter().map(|it| it.to.as_str()).collect();
    for state in S::ALL {
        assert!(reached.contains(state.as_str()), "{state}");
        assert_eq!(from.contains(state.as_str()), !matches!(state, S::Archived | S::Void), "{state}");
    }
    assert!(!MOVES.iter().any(|it| it.from == S::Void && it.to != S::Void), "void is for ever");
}

#[test]
fn a_held_document_waits_for_its_holder_but_can_be_passed_on() {
    let held = Standing { holder: Some("wang"), ..at(S::ToSign) };
    let (li, wang) = (person("li", &[Role::Signer]), person("wang", &[Role::Signer]));
    assert_eq!(allow(Deed::Sign, &held, &li).unwrap_err().code, codes::document::HELD_BY_OTHER);
    assert_eq!(allow(Deed::Return, &held, &li).unwrap_err().code, codes::document::HELD_BY_OTHER);
    assert!(allow(Deed::Transfer, &held, &li).unwrap().opinion);
    assert_eq!(allow(Deed::Sign, &held, &wang).unwrap().to, S::ToNumber);
}

#[test]
fn only_ones_own_last_step_is_taken_back() {
    let li = person("li", &[Role::Drafter, Role::Reviewer, Role::Signer]);
    for (state, last, to) in [
        (S::Reviewing, ("submitted", "li"), Some(S::Draft)),
        (S::Reviewing, ("submitted", "na"), None),
        (S::ToSign, ("passed", "li"), Some(S::Reviewing)),
        (S::ToSign, ("transferred", "li"), None),
        (S::ToNumber, ("signed", "li"), Some(S::ToSign)),
        (S::ToSeal, ("numbered", "li"), None),
    ] {
        let it = Standing { last: Some(last), ..at(state) };
        assert_eq!(allow(Deed::Withdraw, &it, &li).ok().map(|it| it.to), to, "{state} {last:?}");
    }
}

#[test]
fn administrators_and_other_counties_stay_out() {
    let both = person("root", &[Role::Signer, Role::SecurityAdmin]);
    assert_eq!(allow(Deed::Sign, &at(S::ToSign), &both).unwrap_err().code, codes::people::NO_RIGHT);
    for (division, in_scope) in
        [(None, true), (Some("330400"), true), (Some("330402"), true), (Some("330411"), false)]
    {
        let signer = Actor { division: division.map(str::to_owned), ..person("li", &[Role::Signer]) };
        assert_eq!(allow(Deed::Sign, &at(S::ToSign), &signer).is_ok(), in_scope, "{division:?}");
        let nowhere = Standing { division: None, ..at(S::ToSign) };
        assert_eq!(allow(Deed::Sign, &nowhere, &signer).is_ok(), division.is_none(), "{division:?}");
    }
}

#[test]
fn a_drafter_discards_only_the_own_draft() {
    let it = at(S::Draft);
    assert!(allow(Deed::Void, &it, &person("na", &[Role::Drafter])).is_ok());
    assert_eq!(
        allow(Deed::Void, &it, &person("li", &[Role::Drafter])).unwrap_err().code,
        codes::people::NO_RIGHT
    );
    assert!(allow(Deed::Void, &it, &person("li", &[Role::Drafter, Role::Registrar])).is_ok());
}
