//! The store's suite, run on every kind of database, and what only files on a disk can show.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail by a panic")]

mod build;
mod durability;
mod files;
mod lists;
mod people;
mod statements;
mod work;

/// Runs the suite on one kind of database; the database is in each test's name.
macro_rules! suite {
    ($world:expr; $($file:ident { $($test:ident)+ })+) => {$(
        mod $file {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                crate::$file::$test($world).await;
            })+
        }
    )+};
}

macro_rules! databases {
    ($($database:ident: $world:expr;)+) => {$(
        mod $database {
            suite! { $world;
                work {
                    a_batch_is_read_back_as_it_was_given
                    a_ledger_that_does_not_exist_is_empty
                    a_taken_place_refuses_the_whole_batch
                    of_two_commits_to_the_same_place_exactly_one_wins
                    of_many_reports_with_one_key_exactly_one_wins_and_the_others_get_it
                    the_same_key_of_another_person_is_another_key
                    commits_that_fail_do_not_hurt_those_beside_them
                    a_redaction_erases_salt_and_body_and_nothing_else
                    a_redaction_of_nothing_is_an_error
                    an_incident_has_one_wake_up_at_most
                    outbox_rows_go_and_going_twice_is_no_error
                    wake_ups_and_outbox_are_listed_beyond_one_page
                    an_incident_without_a_summary_is_refused
                    one_megabyte_of_text_is_kept_whole
                }
                lists {
                    a_list_is_paged_without_gap_or_repeat_even_at_equal_moments
                    a_list_can_be_narrowed_to_a_state
                    a_person_sees_only_where_they_are_a_member
                    a_reporter_finds_their_own_reports
                    a_limit_beyond_the_largest_is_held_to_it
                }
                people {
                    a_directory_comes_back_in_its_order
                    a_directory_is_replaced_whole_or_not_at_all
                    a_person_is_added_at_the_end_and_changed_in_place
                    every_change_of_the_directory_grows_its_version
                    an_account_is_made_once_and_its_password_can_change
                    a_deleted_account_takes_every_way_in_with_it
                    only_admins_with_an_account_are_counted
                    a_session_that_has_run_out_can_still_be_found
                    sessions_end_one_by_one_or_all_at_once
                    a_revoked_token_is_not_found_and_not_revoked_twice
                    a_link_works_once
                    a_link_that_was_used_makes_neither_account_nor_session
                    a_setting_that_is_there_is_not_replaced_by_if_absent
                }
                statements {
                    every_statement_prepares_and_its_parameters_are_in_order
                }
            }
        }
    )+};
}

databases! {
    sqlite: crate::build::World::in_a_file();
    sqlite_memory: crate::build::World::in_memory();
}
