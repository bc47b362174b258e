//! temp
use domain::{id::*, ledger::Sealed, time::Timestamp};
use store::*;
fn t(n: i64) -> Timestamp { Timestamp::from_millisecond(n) }
fn batch(n: u64) -> Batch {
    let inc = IncidentId::new(&format!("inc_01JABCDEFG{n:016}"));
    let per = PersonId::new("per_tanaka");
    let body = r#"{"because":"lead of the project","joins_after_ms":180000,"person":"per_sato","text":"本番のデータベースを消してしまいました","x":"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz"}"#;
    let mut b = Batch::new(inc.clone());
    b.events = (1..=3).map(|seq| Sealed { incident: inc.clone(), seq, at: t(1), kind: "report.received".into(), version: 1, actor: "per_tanaka".into(), salt: Some([3; 16]), body: Some(body.into()), digest: [1; 32], prev: [2; 32], hash: [3; 32] }).collect();
    b.summary = Some(Summary { reporter: per.clone(), project: None, kind: None, opened_at: t(n as i64), state: IncidentState::Open, escalation: Escalation::Calling, lead: None, seq_last: 3, updated_at: t(1), is_drill: false });
    b.members_add = vec![per.clone()];
    b.wake_up = WakeUpChange::At(t(n as i64 + 60000));
    b.outbox_add = vec![OutboxRow { attempt: AttemptId::nth(&inc, 1), incident: inc.clone(), person: per.clone(), channel: "mail".into(), address: "sato@example.co.jp".into(), due_at: t(1) }];
    b.key = Some(KeyRow { person: per, key: format!("{:032x}", (n as u128).wrapping_mul(0x9E3779B97F4A7C15F39CC0605CEDC835)), incident: inc, text_digest: [9; 32], at: t(1) });
    b
}
#[tokio::main]
async fn main() {
    let dir = std::env::args().nth(1).unwrap();
    let tasks: u64 = std::env::args().nth(2).unwrap().parse().unwrap();
    let total: u64 = std::env::args().nth(3).unwrap().parse().unwrap();
    let path = format!("{dir}/bench.db");
    let t0 = std::time::Instant::now();
    let store = Store::open(&StoreConfig::new(&format!("sqlite:{path}")), t(0)).await.unwrap();
    println!("open {:?}", t0.elapsed());
    let t0 = std::time::Instant::now();
    let mut hs = vec![];
    for k in 0..tasks {
        let store = store.clone();
        hs.push(tokio::spawn(async move {
            let mut lat = vec![];
            for i in 0..total / tasks {
                let b = batch(i * tasks + k);
                let s = std::time::Instant::now();
                store.commit(b).await.unwrap();
                lat.push(s.elapsed());
            }
            lat
        }));
    }
    let mut lat = vec![];
    for h in hs { lat.extend(h.await.unwrap()); }
    let e = t0.elapsed();
    lat.sort();
    println!("{} batches in {:?}: {:.0}/s p50 {:?} p99 {:?} max {:?}", lat.len(), e, lat.len() as f64 / e.as_secs_f64(), lat[lat.len()/2], lat[lat.len()*99/100], lat[lat.len()-1]);
    for e in std::fs::read_dir("/proc/self/task").unwrap() {
        let st = std::fs::read_to_string(e.unwrap().path().join("stat")).unwrap();
        let (a, b) = st.rsplit_once(')').unwrap();
        let f: Vec<&str> = b.split_whitespace().collect();
        let (u, s): (f64, f64) = (f[11].parse().unwrap(), f[12].parse().unwrap());
        if u + s > 10.0 { println!("{} user {:.1} sys {:.1} us/batch", a, u * 10000.0 / total as f64, s * 10000.0 / total as f64); }
    }
    for f in ["bench.db", "bench.db-wal"] { println!("{f} {} MB", std::fs::metadata(format!("{dir}/{f}")).map(|m| m.len() / 1_000_000).unwrap_or(0)); }
    let t0 = std::time::Instant::now();
    println!("{} wake ups {:?}", store.list_wake_ups().await.unwrap().len(), t0.elapsed());
    let t0 = std::time::Instant::now();
    for _ in 0..1000 { store.directory_version().await.unwrap(); }
    println!("read {:?}", t0.elapsed() / 1000);
    let t0 = std::time::Instant::now();
    drop(store);
    println!("close {:?}", t0.elapsed());
}
