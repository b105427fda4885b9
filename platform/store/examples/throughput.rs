//! How many durable one-row writes a second the store acknowledges: `cargo run --release -p daftar-store --example
//! throughput [sqlite:PATH | postgres://...]`.

#![expect(clippy::print_stdout, clippy::disallowed_methods, reason = "a measuring program of its own")]

use daftar_kernel::World;
use daftar_store::{Migrations, Step, Store, StoreConfig, StoreError, params, sql};
use std::time::{Duration, Instant};

const BENCH: Migrations = Migrations {
    owner: "bench",
    steps: &[Step {
        number: 1,
        name: "0001_bench",
        sqlite: "create table bench_row (id blob not null primary key, name text not null, at integer not null) strict, without rowid",
        postgres: "create table bench_row (id bytea not null primary key, name text not null, at bigint not null)",
    }],
};
const RUN: Duration = Duration::from_secs(3);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(run())
}

async fn run() -> Result<(), Box<dyn std::error::Error>> {
    let dir = tempfile::tempdir()?;
    let url = std::env::args().nth(1).unwrap_or_else(|| format!("sqlite:{}/bench.db", dir.path().display()));
    let config = StoreConfig { url, data_dir: dir.path().join("data"), blobs: None, archive: None };
    let store = Store::open(config, World::system(), &[BENCH]).await?;
    for writers in [1, 32, 256] {
        let begin = Instant::now();
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..writers {
            let store = store.clone();
            tasks.spawn(async move {
                let mut done = 0_u64;
                while begin.elapsed() < RUN {
                    write_one(&store).await?;
                    done += 1;
                }
                Ok::<_, StoreError>(done)
            });
        }
        let mut total = 0;
        while let Some(done) = tasks.join_next().await {
            total += done??;
        }
        let millis = u64::try_from(begin.elapsed().as_millis())?.max(1);
        println!("{writers:>4} writers: {:>7} acknowledged one-row writes/s", total * 1000 / millis);
    }
    Ok(())
}

async fn write_one(store: &Store) -> Result<(), StoreError> {
    let (id, now) = (store.world().id(), store.world().now());
    store
        .write(move |tx| {
            Box::pin(async move {
                let insert = sql!("insert into bench_row (id, name, at) values ($1, $2, $3)");
                tx.execute(insert, &params![id, "a name of ordinary length", now]).await.map(|_| ())
            })
        })
        .await
}
