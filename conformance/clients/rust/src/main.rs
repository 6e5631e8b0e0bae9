//! tokio-postgres as applications use it: binary values both ways, pipelines, portals, COPY, transactions, cancelling; one line a fact.

use std::fmt::Debug;
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use futures_util::{future, pin_mut, SinkExt, StreamExt, TryStreamExt};
use serde_json::Value as Json;
use tokio_postgres::types::{FromSql, ToSql, Type};
use tokio_postgres::{Client, Error, IsolationLevel, NoTls, SimpleQueryMessage};
use uuid::Uuid;

const LONG: &str =
    "select sum(sqrt(a.i * b.i)) from generate_series(1, 100000) a(i), generate_series(1, 100000) b(i)";

fn tell<T: Debug>(name: &str, value: Result<T, Error>) {
    match value {
        Ok(value) => println!("{name}={value:?}"),
        Err(error) => match error.as_db_error() {
            Some(db) => println!(
                "{name}=error {} {} {} {:?} {:?}",
                db.severity(),
                db.code().code(),
                db.message(),
                db.position(),
                db.hint()
            ),
            None => println!("{name}=error {error}"),
        },
    }
}

async fn connect() -> Client {
    let variable = |name: &str| std::env::var(name).expect(name);
    let (client, connection) = tokio_postgres::Config::new()
        .host(variable("PGHOST"))
        .port(variable("PGPORT").parse().expect("a port"))
        .user(variable("PGUSER"))
        .password(variable("PGPASSWORD"))
        .dbname(variable("PGDATABASE"))
        .application_name("probe")
        .connect(NoTls)
        .await
        .expect("a connection");
    tokio::spawn(connection);
    client
}

/// A value goes as binary and comes back as binary; its text is what the server makes of it.
async fn echo<T>(client: &Client, kind: &str, value: T)
where
    T: ToSql + Sync + Debug + for<'a> FromSql<'a>,
{
    let read = client
        .query_one(
            &format!("select $1::{kind} as v, null::{kind} as n, ($1::{kind})::text as t"),
            &[&value],
        )
        .await
        .map(|row| {
            (
                row.get::<_, T>("v"),
                row.get::<_, Option<T>>("n"),
                row.get::<_, Option<String>>("t"),
            )
        });
    tell(&format!("value {kind}"), read);
}

async fn values(client: &Client) {
    let date = NaiveDate::from_ymd_opt(2024, 2, 29).unwrap();
    let time = NaiveTime::from_hms_micro_opt(23, 59, 59, 123456).unwrap();
    let stamp = NaiveDateTime::new(date, time);
    let zoned: DateTime<Utc> = stamp.and_utc();
    let key = Uuid::from_u128(0x7f0d5c1e_0000_4000_8000_000000000001);
    let json: Json = serde_json::json!({"b": 1, "a": [null, "é"]});
    echo(client, "bool", true).await;
    echo(client, "int2", -7i16).await;
    echo(client, "int4", i32::MIN).await;
    echo(client, "int8", i64::MAX).await;
    echo(client, "float4", 0.1f32).await;
    echo(client, "float8", -1e300f64).await;
    echo(client, "text", "O'Reilly \\ é😀".to_string()).await;
    echo(client, "varchar", String::new()).await;
    echo(client, "bytea", vec![0u8, 255, 16]).await;
    echo(client, "date", date).await;
    echo(client, "time", time).await;
    echo(client, "timestamp", stamp).await;
    echo(client, "timestamptz", zoned).await;
    echo(client, "uuid", key).await;
    echo(client, "jsonb", json.clone()).await;
    echo(client, "json", json).await;
    echo(client, "oid", 4_000_000_000u32).await;
    echo(client, "int4[]", vec![Some(1), None, Some(-3)]).await;
    echo(client, "int8[]", Vec::<i64>::new()).await;
    echo(
        client,
        "text[]",
        vec!["a".to_string(), "b,c".to_string(), String::new()],
    )
    .await;
    echo(client, "float8[]", vec![1.5f64]).await;
    echo(client, "bool[]", vec![true, false]).await;
    echo(client, "date[]", vec![date]).await;
    echo(client, "uuid[]", vec![key]).await;
    echo(client, "timestamptz[]", vec![zoned]).await;
    echo(client, "bytea[]", vec![vec![1u8], vec![]]).await;
}

/// What Parse and Describe tell, and statements of columns whose type the client has to look up.
async fn statements(client: &Client) {
    let described = client
        .prepare(
            "select id, name || $1, price from items where id = $2 and tags @> $3 and made < $4",
        )
        .await
        .map(|it| {
            let columns: Vec<_> = it
                .columns()
                .iter()
                .map(|c| (c.name().to_string(), c.type_().name().to_string()))
                .collect();
            (
                it.params()
                    .iter()
                    .map(|p| p.name().to_string())
                    .collect::<Vec<_>>(),
                columns,
            )
        });
    tell("described", described);
    let typed = client
        .prepare_typed("select $1, $2", &[Type::INT8, Type::TEXT])
        .await;
    tell("typed", typed.map(|it| it.params().len()));
    for relation in ["pg_class", "information_schema.columns", "pg_settings"] {
        let read = client
            .prepare(&format!("select * from {relation} limit 1"))
            .await;
        tell(
            &format!("columns of {relation}"),
            read.map(|it| it.columns().len()),
        );
    }
}

async fn tables(client: &Client) {
    tell(
        "create",
        client
            .batch_execute(
                "create table items (id int4, name text, price float8, made timestamptz, tags text[], bytes bytea)",
            )
            .await,
    );
    let tags = vec!["a", "b"];
    tell(
        "insert",
        client
            .execute(
                "insert into items (id, name, price, tags) values ($1, $2, $3, $4), ($5, $6, $7, $8)",
                &[&1i32, &"one", &1.5f64, &tags, &2i32, &None::<String>, &None::<f64>, &None::<Vec<String>>],
            )
            .await,
    );
    let rows = client
        .query(
            "update items set name = coalesce(name, $1) || '!' where id < $2 returning id, name",
            &[&"none", &9i32],
        )
        .await;
    tell(
        "update returning",
        rows.map(|rows| {
            let mut all: Vec<(i32, String)> = rows.iter().map(|r| (r.get(0), r.get(1))).collect();
            all.sort();
            all
        }),
    );
    tell(
        "delete",
        client
            .execute("delete from items where id = any($1)", &[&vec![2i32, 3]])
            .await,
    );
    let simple = client
        .simple_query("select 1 as a, null as b; select 'x'; listen news; unlisten news")
        .await;
    tell(
        "simple",
        simple.map(|messages| {
            messages
                .iter()
                .map(|m| match m {
                    SimpleQueryMessage::Row(row) => format!("{:?} {:?}", row.get(0), row.len()),
                    SimpleQueryMessage::CommandComplete(count) => format!("done {count}"),
                    _ => "columns".to_string(),
                })
                .collect::<Vec<_>>()
        }),
    );
}

/// Futures polled together are sent without waiting for each other's answers.
async fn pipelines(client: &Client) {
    let asked = (0..50i32).map(|i| async move {
        client
            .query_one("select $1::int4 * 2", &[&i])
            .await
            .map(|row| row.get::<_, i32>(0))
    });
    tell(
        "pipelined",
        future::try_join_all(asked)
            .await
            .map(|all| all.iter().sum::<i32>()),
    );
    let (first, failed, third) = future::join3(
        client.query_one("select 1", &[]),
        client.query_one("select 1 / $1::int4", &[&0i32]),
        client.query_one("select 3", &[]),
    )
    .await;
    tell("before the failure", first.map(|row| row.get::<_, i32>(0)));
    tell("the failure", failed.map(|row| row.get::<_, i32>(0)));
    tell("after the failure", third.map(|row| row.get::<_, i32>(0)));
}

async fn transactions(client: &mut Client) -> Result<(), Error> {
    let mut outer = client
        .build_transaction()
        .isolation_level(IsolationLevel::RepeatableRead)
        .start()
        .await?;
    outer
        .execute("insert into items (id) values (6)", &[])
        .await?;
    let inner = outer.savepoint("nested").await?;
    inner
        .execute("insert into items (id) values (7)", &[])
        .await?;
    tell("in a savepoint", inner.execute("select 1/0", &[]).await);
    tell("aborted", inner.execute("select 1", &[]).await);
    inner.rollback().await?;
    outer.commit().await?;
    let ids = client
        .query_one("select array_agg(id order by id) from items", &[])
        .await?;
    tell("committed", Ok(ids.get::<_, Vec<i32>>(0)));
    let read_only = client.build_transaction().read_only(true).start().await?;
    tell(
        "read only",
        read_only.execute("delete from items", &[]).await,
    );
    drop(read_only);
    let reading = client.transaction().await?;
    let portal = reading
        .bind("select g from generate_series(1, 1000) g order by g", &[])
        .await?;
    let mut portions = Vec::new();
    for limit in [1, 10, 500, 0] {
        let rows = reading.query_portal(&portal, limit).await?;
        portions.push((rows.len(), rows.last().map(|row| row.get::<_, i32>(0))));
    }
    tell("portal", Ok(portions));
    reading.commit().await
}

async fn copying(client: &Client) -> Result<(), Error> {
    let sink = client
        .copy_in("copy items (id, name) from stdin (format csv)")
        .await?;
    pin_mut!(sink);
    for i in 0..3000 {
        sink.send(Bytes::from(format!("{},\"row, {i}\"\n", 1000 + i)))
            .await?;
    }
    tell("copy in", sink.finish().await);
    let types = [Type::INT4, Type::TEXT, Type::FLOAT8, Type::TEXT_ARRAY];
    let sink = client
        .copy_in("copy items (id, name, price, tags) from stdin binary")
        .await?;
    let writer = tokio_postgres::binary_copy::BinaryCopyInWriter::new(sink, &types);
    pin_mut!(writer);
    for i in 0..2000i32 {
        let tags = vec!["x".to_string(), i.to_string()];
        writer
            .as_mut()
            .write(&[
                &(5000 + i),
                &format!("binary {i}"),
                &(f64::from(i) / 4.0),
                &tags,
            ])
            .await?;
    }
    tell("copy in binary", writer.finish().await);
    let row = client
        .query_one(
            "select count(*), sum(price), max(tags[2]) from items where id >= 1000",
            &[],
        )
        .await?;
    tell(
        "copied",
        Ok((
            row.get::<_, i64>(0),
            row.get::<_, f64>(1),
            row.get::<_, String>(2),
        )),
    );
    let out = client
        .copy_out("copy (select id, name from items where id < 1002 order by id) to stdout")
        .await?;
    let text: Vec<Bytes> = out.try_collect().await?;
    tell(
        "copy out",
        Ok(String::from_utf8_lossy(&text.concat()).to_string()),
    );
    let out = client.copy_out("copy (select id, price, tags from items where id >= 5000 order by id) to stdout binary").await?;
    let rows = tokio_postgres::binary_copy::BinaryCopyOutStream::new(
        out,
        &[Type::INT4, Type::FLOAT8, Type::TEXT_ARRAY],
    );
    pin_mut!(rows);
    let (mut count, mut sum) = (0, 0.0);
    while let Some(row) = rows.next().await {
        count += 1;
        sum += row?.get::<f64>(1);
    }
    tell("copy out binary", Ok((count, sum)));
    let sink = client.copy_in("copy items (id) from stdin").await?;
    pin_mut!(sink);
    sink.send(Bytes::from("1\nx\n")).await?;
    tell("copy of a wrong value", sink.finish().await);
    Ok(())
}

async fn streaming(client: &Client) -> Result<(), Error> {
    let none: [&str; 0] = [];
    let rows = client
        .query_raw(
            "select g, repeat('x', 100) from generate_series(1, 100000) g",
            none,
        )
        .await?;
    pin_mut!(rows);
    let (mut count, mut sum) = (0, 0i64);
    while let Some(row) = rows.try_next().await? {
        count += 1;
        sum += i64::from(row.get::<_, i32>(0));
    }
    tell("streamed", Ok((count, sum)));
    Ok(())
}

async fn failures(client: &Client) {
    for sql in [
        "select nosuch from items",
        "select * from nosuch",
        "selct 1",
        "select 'x'::int4",
        "insert into items (id) values (99999999999)",
        "select nofunction(1)",
    ] {
        tell(sql, client.execute(sql, &[]).await);
    }
}

async fn cancelling(client: &Client) -> Result<(), Error> {
    // A connection of its own: a request that comes late stops whatever its session runs next.
    let target = connect().await;
    let token = target.cancel_token();
    // Not cancelled while it is prepared, which would be over before the request arrives.
    let long = target.prepare(LONG).await?;
    let watcher = connect().await;
    let pid: i32 = target
        .query_one("select pg_backend_pid()", &[])
        .await?
        .get(0);
    // A request that arrives between two messages of the statement stops nothing, so it is made until one does.
    let stop = async {
        loop {
            let row = watcher
                .query_one(
                    "select count(*) from pg_stat_activity where state = 'active' and pid = $1",
                    &[&pid],
                )
                .await?;
            if row.get::<_, i64>(0) > 0 {
                token.cancel_query(NoTls).await?;
            }
        }
    };
    let run = target.execute(&long, &[]);
    pin_mut!(run, stop);
    match future::select(run, stop).await {
        future::Either::Left((ended, _)) => tell("cancelled", ended),
        future::Either::Right((failed, _)) => tell::<u64>("cancelled", failed),
    }
    client
        .batch_execute("set statement_timeout = '200ms'")
        .await?;
    tell("statement timeout", client.execute(LONG, &[]).await);
    client.batch_execute("reset statement_timeout").await?;
    let dropped =
        tokio::time::timeout(Duration::from_millis(100), watcher.execute(LONG, &[])).await;
    tell("given up", Ok(dropped.is_err()));
    watcher.cancel_token().cancel_query(NoTls).await?;
    tell(
        "goes on",
        watcher
            .query_one("select 'alive'", &[])
            .await
            .map(|row| row.get::<_, String>(0)),
    );
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let mut client = connect().await;
    values(&client).await;
    tables(&client).await;
    statements(&client).await;
    pipelines(&client).await;
    transactions(&mut client).await?;
    copying(&client).await?;
    streaming(&client).await?;
    failures(&client).await;
    cancelling(&client).await?;
    client.batch_execute("drop table items").await
}
