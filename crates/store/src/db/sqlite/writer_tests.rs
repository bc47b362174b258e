//! How units that share a commit bear each other's failures.
#![expect(clippy::indexing_slicing, reason = "a test may fail by a panic")]

use super::*;
use crate::db::Step;

static INSERT_ROW: Sql = Sql::new("INSERT_ROW", "INSERT INTO t (a) VALUES ($1)");
static INSERT_OR_ROLL_BACK: Sql =
    Sql::new("INSERT_OR_ROLL_BACK", "INSERT OR ROLLBACK INTO t (a) VALUES ($1)");
static INSERT_ORPHAN: Sql = Sql::new("INSERT_ORPHAN", "INSERT INTO child (a) VALUES ($1)");
static COUNT_ROWS: Sql = Sql::new("COUNT_ROWS", "SELECT a FROM t ORDER BY a");
static DELETE_ROW: Sql = Sql::new("DELETE_ROW", "DELETE FROM t WHERE a = $1");
static RETURN_ROW: Sql = Sql::new("RETURN_ROW", "INSERT INTO t (a) VALUES ($1) RETURNING a");

const SCHEMA: &str = "
    CREATE TABLE t (a INTEGER PRIMARY KEY NOT NULL) STRICT;
    CREATE TABLE child (a INTEGER NOT NULL REFERENCES t (a) DEFERRABLE INITIALLY DEFERRED) STRICT;";

fn database() -> Connection {
    let connection = Place::parse(":memory:").unwrap().connect().unwrap();
    connection.execute_batch(SCHEMA).unwrap();
    connection
}

fn insert(sql: &'static Sql, numbers: &[i64]) -> Unit {
    Unit::new(numbers.iter().map(|number| Step::one(sql, values![*number])).collect())
}

fn stored(session: &mut Session<'_>) -> Vec<i64> {
    let rows = session.run(&Step::any(&COUNT_ROWS, values![])).unwrap().rows;
    rows.into_iter().map(|mut row| row.int("a").unwrap()).collect()
}

#[test]
fn a_unit_that_fails_is_undone_alone() {
    let connection = database();
    let mut session = Session::new(&connection);
    let units = [&[1, 2][..], &[3, 1], &[4]].map(|numbers| insert(&INSERT_ROW, numbers));
    let replies = run_group(&mut session, &units);
    assert!(replies[0].is_ok() && replies[2].is_ok());
    assert_eq!(replies[1].as_ref().err(), Some(&StoreError::Conflict { what: "INSERT_ROW" }));
    assert_eq!(stored(&mut session), [1, 2, 4]);
}

#[test]
fn a_step_that_changes_another_number_of_rows_undoes_its_unit() {
    let connection = database();
    let mut session = Session::new(&connection);
    let unit = Unit::new(vec![
        Step::one(&INSERT_ROW, values![1_i64]),
        Step::one(&DELETE_ROW, values![9_i64]),
    ]);
    let replies = run_group(&mut session, &[unit]);
    let expected = StoreError::RowsAffected { what: "DELETE_ROW", expected: 1, actual: 0 };
    assert_eq!(replies[0].as_ref().err(), Some(&expected));
    assert!(stored(&mut session).is_empty());
}

#[test]
fn a_commit_that_fails_has_failed_for_all_and_the_next_one_works() {
    let connection = database();
    let mut session = Session::new(&connection);
    let units =
        [insert(&INSERT_ROW, &[1]), insert(&INSERT_ORPHAN, &[99]), insert(&INSERT_ROW, &[1])];
    let replies = run_group(&mut session, &units);
    assert!(replies.iter().all(Result::is_err));
    assert_eq!(replies[2].as_ref().err(), Some(&StoreError::Conflict { what: "INSERT_ROW" }));
    assert!(stored(&mut session).is_empty());
    assert!(run_group(&mut session, &[insert(&INSERT_ROW, &[1])])[0].is_ok());
    assert!(run_group(&mut session, &[insert(&INSERT_ORPHAN, &[99])])[0].is_err());
    assert!(run_group(&mut session, &[insert(&INSERT_ROW, &[2])])[0].is_ok());
    assert_eq!(stored(&mut session), [1, 2]);
}

#[test]
fn units_run_one_by_one_when_the_database_drops_the_whole_transaction() {
    let connection = database();
    let mut session = Session::new(&connection);
    let units = [
        insert(&INSERT_ROW, &[1]),
        insert(&INSERT_OR_ROLL_BACK, &[2, 1]),
        insert(&INSERT_ROW, &[3]),
    ];
    let replies = run_group(&mut session, &units);
    assert!(replies[0].is_ok() && replies[1].is_err() && replies[2].is_ok());
    assert_eq!(stored(&mut session), [1, 3]);
}

#[test]
fn a_begin_that_fails_is_answered_to_all_and_the_next_one_works() {
    let place = Place::parse(":memory:locked").unwrap();
    let (connection, other) = (place.connect().unwrap(), place.connect().unwrap());
    connection.execute_batch(SCHEMA).unwrap();
    connection.busy_timeout(std::time::Duration::ZERO).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut session = Session::new(&connection);
    let units = [1, 2].map(|number| insert(&INSERT_ROW, &[number]));
    for reply in run_group(&mut session, &units) {
        assert!(matches!(reply, Err(StoreError::Unavailable { .. })), "{reply:?}");
    }
    other.execute_batch("ROLLBACK").unwrap();
    assert!(run_group(&mut session, &units).iter().all(Result::is_ok));
    assert_eq!(stored(&mut session), [1, 2]);
}

#[test]
fn a_transaction_left_open_does_not_leak_into_the_next_unit() {
    let connection = database();
    let mut session = Session::new(&connection);
    connection.execute_batch("BEGIN; INSERT INTO t (a) VALUES (7)").unwrap();
    assert!(run_group(&mut session, &[insert(&INSERT_ROW, &[1])])[0].is_ok());
    assert_eq!(stored(&mut session), [1]);
}

#[test]
fn what_waits_is_finished_when_the_handle_is_dropped() {
    let connection = database();
    let (jobs, queue) = channel();
    let replies = [1, 2, 3].map(|number| {
        let (reply, answer) = oneshot::channel();
        assert!(jobs.send(Job::Write(insert(&RETURN_ROW, &[number]), reply)).is_ok());
        answer
    });
    drop(jobs);
    serve(&connection, &queue, 2, None);
    for mut answer in replies {
        let (reply, _unit) = answer.try_recv().unwrap();
        let done = reply.unwrap();
        assert_eq!(done[0].rows.len(), 1);
        assert_eq!(done[0].changed, 1);
    }
    assert_eq!(stored(&mut Session::new(&connection)), [1, 2, 3]);
}

#[test]
fn a_caller_that_has_gone_stops_nobody() {
    let connection = database();
    let (jobs, queue) = channel();
    let (reply, answer) = oneshot::channel();
    drop(answer);
    assert!(jobs.send(Job::Write(insert(&INSERT_ROW, &[1]), reply)).is_ok());
    drop(jobs);
    serve(&connection, &queue, 2, None);
    assert_eq!(stored(&mut Session::new(&connection)), [1]);
}

#[test]
fn too_few_values_are_an_error_and_not_null() {
    let connection = database();
    let mut session = Session::new(&connection);
    let unit = Unit::new(vec![Step::any(&INSERT_ROW, values![])]);
    let reply = run_group(&mut session, &[unit]).remove(0);
    assert!(matches!(reply, Err(StoreError::Broken { statement: "INSERT_ROW", .. })), "{reply:?}");
}

#[test]
fn parameters_out_of_order_are_refused_because_sqlite_would_swap_them() {
    static SWAPPED: Sql = Sql::new("SWAPPED", "SELECT $2, $1");
    let connection = database();
    let mut session = Session::new(&connection);
    assert!(session.check_parameters(&INSERT_ROW).is_ok());
    assert!(session.check_parameters(&SWAPPED).is_err());
}
