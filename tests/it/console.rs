//! The pages as people use them: one demo hub and one browser tell every story in turn; two tests need neither.

mod floor;
mod hall;
mod messages;
mod outbox;
mod paths;
mod sign_in;
mod sources;
mod tasks;

use hall::Hall;

/// One after the other in one browser, as starting a hub and a browser costs more than all the stories.
#[test]
fn people_work_in_a_browser() {
    let hall = Hall::open();
    sign_in::wrong_and_right(&hall);
    outbox::a_refused_delivery_is_sent_again(&hall);
    outbox::a_subscription_and_a_way_are_stopped_and_go_on(&hall);
    paths::pages_hold_together(&hall);
    paths::every_page_is_reached_by_links(&hall);
    sources::from_a_list_to_the_bytes(&hall);
    sources::one_box_finds_everything(&hall);
    messages::quarantine_is_replayed_and_closed(&hall);
    messages::a_group_is_decided_over_at_once(&hall);
    tasks::lights_say_why(&hall);
    tasks::a_refused_report_keeps_its_words(&hall);
    tasks::a_report_outlives_its_session(&hall);
    tasks::keys_do_what_the_foot_says(&hall);
}
