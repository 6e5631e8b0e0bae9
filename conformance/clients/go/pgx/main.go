// pgx v5 as applications use it: binary values, batches, COPY, cancelling, transactions, listening.
package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"sluice/conformance/clients/go/fact"
)

var ctx = context.Background()

const long = "select sum(sqrt(a.i * b.i)) from generate_series(1, 100000) a(i), generate_series(1, 100000) b(i)"

func main() {
	conn, err := pgx.Connect(ctx, "")
	fact.Must(err)
	defer conn.Close(ctx)
	values(conn)
	natives(conn)
	modes(conn)
	tables(conn)
	batches(conn)
	transactions(conn)
	copying(conn)
	streaming(conn)
	failures(conn)
	cancelling(conn)
	listening(conn)
}

// values go by the binary format where pgx has one, and come back as it reads them.
func values(conn *pgx.Conn) {
	for _, value := range fact.Values {
		rows, err := conn.Query(ctx, fmt.Sprintf("select $1::text::%[1]s as v, null::%[1]s as n, '%[2]s'::%[1]s as l",
			value.Type, strings.ReplaceAll(value.Text, "'", "''")), value.Text)
		fact.Must(err)
		read, err := pgx.CollectOneRow(rows, pgx.RowToMap)
		fact.Tell("value "+value.Type, fmt.Sprintf("%v", read), err)
	}
}

func natives(conn *pgx.Conn) {
	when := time.Date(2024, 2, 29, 12, 0, 0, 123456000, time.UTC)
	amount := pgtype.Numeric{}
	fact.Must(amount.Scan("-12345.678"))
	given := []struct {
		kind  string
		value any
	}{
		{"bool", true}, {"int2", int16(-7)}, {"int4", int32(7)}, {"int8", int64(1) << 60}, {"float4", float32(0.5)},
		{"float8", 0.1}, {"numeric", amount}, {"text", "é'\\"}, {"bytea", []byte{0, 255}}, {"date", when},
		{"timestamp", when}, {"timestamptz", when}, {"time", pgtype.Time{Microseconds: 3600000001, Valid: true}},
		{"interval", pgtype.Interval{Months: 14, Days: 3, Microseconds: 5, Valid: true}},
		{"uuid", [16]byte{1, 2, 3}}, {"jsonb", map[string]any{"a": []int{1}}}, {"json", []string{"x"}},
		{"int4[]", []int32{1, -2}}, {"text[]", []string{"a", "", "b,c"}}, {"float8[]", []float64{1.5}},
		{"timestamptz[]", []time.Time{when}}, {"bool[]", []bool{true, false}}, {"bytea[]", [][]byte{{1}, {}}},
		{"int4[]", []int32{}}, {"int4", nil}, {"int4[]", [][]int32{{1, 2}, {3, 4}}},
	}
	for i, one := range given {
		rows, err := conn.Query(ctx, "select $1::"+one.kind+" as v", one.value)
		if err != nil {
			fact.Tell(fmt.Sprintf("native %d %s", i, one.kind), nil, err)
			continue
		}
		read, err := pgx.CollectOneRow(rows, pgx.RowTo[any])
		fact.Tell(fmt.Sprintf("native %d %s", i, one.kind), fmt.Sprintf("%T %v", read, read), err)
	}
}

// modes are the ways pgx sends a statement; by default it prepares and caches.
func modes(conn *pgx.Conn) {
	for _, mode := range []pgx.QueryExecMode{pgx.QueryExecModeSimpleProtocol, pgx.QueryExecModeExec,
		pgx.QueryExecModeDescribeExec, pgx.QueryExecModeCacheDescribe, pgx.QueryExecModeCacheStatement} {
		var sum int64
		var text *string
		err := conn.QueryRow(ctx, "select $1::int8 + $2::int4, $3::text where $4::bool", mode, int64(40), int32(2), nil, true).Scan(&sum, &text)
		fact.Tell("mode "+mode.String(), []any{sum, text}, err)
	}
}

func tables(conn *pgx.Conn) {
	tag, err := conn.Exec(ctx, "create table items (id int4, name text, price numeric(10,2), made timestamptz, tags text[], bytes bytea)")
	fact.Tell("create", tag.String(), err)
	tag, err = conn.Exec(ctx, "insert into items (id, name, price, tags) values ($1, $2, $3, $4), ($5, $6, $7, $8)",
		1, "one", "1.50", []string{"a"}, 2, nil, nil, nil)
	fact.Tell("insert", tag.String(), err)
	rows, err := conn.Query(ctx, "update items set name = coalesce(name, $1) || '!' where id < $2 returning id, name, price", "none", 10)
	fact.Must(err)
	updated, err := pgx.CollectRows(rows, pgx.RowToMap)
	fact.Tell("update returning", fmt.Sprintf("%d", len(updated)), err)
	tag, err = conn.Exec(ctx, "delete from items where id = any($1)", []int32{2, 3})
	fact.Tell("delete", tag.String(), err)
}

func batches(conn *pgx.Conn) {
	batch := &pgx.Batch{}
	for i := 0; i < 10; i++ {
		batch.Queue("select $1::int * 2", i)
	}
	batch.Queue("insert into items (id, name) values ($1, $2)", 5, "batched")
	batch.Queue("select count(*)::int from items")
	results := conn.SendBatch(ctx, batch)
	sum := 0
	for i := 0; i < 10; i++ {
		var n int
		if err := results.QueryRow().Scan(&n); err != nil {
			fact.Tell("batched", nil, err)
		}
		sum += n
	}
	tag, err := results.Exec()
	fact.Tell("batched insert", tag.String(), err)
	var count int
	err = results.QueryRow().Scan(&count)
	fact.Tell("batch", []int{sum, count}, err)
	fact.Tell("batch closed", nil, results.Close())

	broken := &pgx.Batch{}
	broken.Queue("insert into items (id) values (77)")
	broken.Queue("select 1/0")
	broken.Queue("select 2")
	fact.Tell("broken batch", nil, conn.SendBatch(ctx, broken).Close())
	err = conn.QueryRow(ctx, "select count(*)::int from items where id = 77").Scan(&count)
	fact.Tell("after broken batch", count, err)
}

func transactions(conn *pgx.Conn) {
	err := pgx.BeginTxFunc(ctx, conn, pgx.TxOptions{IsoLevel: pgx.RepeatableRead}, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "insert into items (id) values (6)"); err != nil {
			return err
		}
		inner := pgx.BeginFunc(ctx, tx, func(nested pgx.Tx) error {
			if _, err := nested.Exec(ctx, "insert into items (id) values (7)"); err != nil {
				return err
			}
			_, err := nested.Exec(ctx, "select 1/0")
			return err
		})
		fact.Tell("savepoint", nil, inner)
		return nil
	})
	fact.Tell("transaction", nil, err)
	var ids []int32
	err = conn.QueryRow(ctx, "select array_agg(id order by id) from items").Scan(&ids)
	fact.Tell("committed", ids, err)
	tx, err := conn.BeginTx(ctx, pgx.TxOptions{AccessMode: pgx.ReadOnly})
	fact.Must(err)
	_, err = tx.Exec(ctx, "delete from items")
	fact.Tell("read only", nil, err)
	fact.Tell("rolled back", nil, tx.Rollback(ctx))
}

func copying(conn *pgx.Conn) {
	when := time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)
	count, err := conn.CopyFrom(ctx, pgx.Identifier{"items"}, []string{"id", "name", "price", "made", "tags", "bytes"},
		pgx.CopyFromSlice(5000, func(i int) ([]any, error) {
			price := pgtype.Numeric{}
			err := price.Scan(fmt.Sprintf("%d.25", i))
			return []any{int32(1000 + i), fmt.Sprintf("row %d", i), price, when, []string{"x", "y"}, []byte{byte(i)}}, err
		}))
	fact.Tell("copy from", count, err)
	var sum string
	var tags int64
	err = conn.QueryRow(ctx, "select sum(price)::text, count(*) filter (where tags = '{x,y}' and made = '2024-02-29 12:00+00') from items where id >= 1000").Scan(&sum, &tags)
	fact.Tell("copied", []any{sum, tags}, err)
	var out strings.Builder
	tag, err := conn.PgConn().CopyTo(ctx, &out, "copy (select id, name from items where id < 1003 order by id) to stdout (format csv, header)")
	fact.Tell("copy to", []any{tag.String(), out.String()}, err)
	_, err = conn.CopyFrom(ctx, pgx.Identifier{"items"}, []string{"id", "name"}, pgx.CopyFromRows([][]any{{1, "a"}, {"x", "b"}}))
	fact.Tell("copy of a wrong value fails", err != nil, nil)
	_, err = conn.PgConn().CopyFrom(ctx, strings.NewReader("1,a\nx,b\n"), "copy items (id, name) from stdin (format csv)")
	tell("copy of a wrong text", err)
}

func streaming(conn *pgx.Conn) {
	rows, err := conn.Query(ctx, "select g, repeat('x', 100) from generate_series(1, 200000) g")
	fact.Must(err)
	sum, count := int64(0), 0
	for rows.Next() {
		var g int64
		var text string
		fact.Must(rows.Scan(&g, &text))
		sum += g
		count++
	}
	fact.Tell("streamed", []any{count, sum}, rows.Err())
	rows, err = conn.Query(ctx, "select g from generate_series(1, 100000) g")
	fact.Must(err)
	rows.Next()
	rows.Close()
	var alive int
	err = conn.QueryRow(ctx, "select 1").Scan(&alive)
	fact.Tell("closed early", alive, err)
	tx, err := conn.Begin(ctx)
	fact.Must(err)
	_, err = tx.Exec(ctx, "declare c scroll cursor for select g from generate_series(1, 100) g order by g")
	fact.Must(err)
	rows, err = tx.Query(ctx, "fetch forward 3 from c")
	fact.Must(err)
	some, err := pgx.CollectRows(rows, pgx.RowTo[int32])
	fact.Tell("cursor", some, err)
	fact.Must(tx.Rollback(ctx))
}

// tell shows the fields of PostgreSQL's error.
func tell(name string, err error) {
	var failed *pgconn.PgError
	if !errors.As(err, &failed) {
		fact.Tell(name, nil, err)
		return
	}
	fact.Tell(name, []any{failed.Severity, failed.Code, failed.Message, failed.Position, failed.Hint, failed.Where,
		failed.TableName, failed.ColumnName}, nil)
}

func failures(conn *pgx.Conn) {
	for _, sql := range []string{"select nosuch from items", "select * from nosuch", "selct 1", "select 1/0", "select 'x'::int",
		"insert into items (id) values (99999999999)", "select nofunction(1)"} {
		_, err := conn.Exec(ctx, sql)
		tell(sql, err)
	}
	_, err := conn.Exec(ctx, "select $1::int", "x")
	fact.Tell("a wrong argument fails", err != nil, nil)
}

func cancelling(conn *pgx.Conn) {
	other, err := pgx.Connect(ctx, "")
	fact.Must(err)
	short, stop := context.WithTimeout(ctx, 300*time.Millisecond)
	defer stop()
	_, err = other.Exec(short, long)
	fact.Tell("timed out", errors.Is(err, context.DeadlineExceeded), nil)
	fact.Tell("closed then", other.IsClosed(), nil)
	done := make(chan error)
	go func() {
		_, err := conn.Exec(ctx, long, pgx.QueryExecModeSimpleProtocol)
		done <- err
	}()
	watcher, err := pgx.Connect(ctx, "")
	fact.Must(err)
	for {
		var running int
		fact.Must(watcher.QueryRow(ctx, "select count(*)::int from pg_stat_activity where state = 'active' and pid = $1", conn.PgConn().PID()).Scan(&running))
		if running > 0 {
			break
		}
	}
	fact.Tell("cancel request", nil, conn.PgConn().CancelRequest(ctx))
	tell("cancelled", <-done)
	_, err = watcher.Exec(ctx, "set statement_timeout = '200ms'")
	fact.Must(err)
	_, err = watcher.Exec(ctx, long)
	tell("statement timeout", err)
	fact.Must(watcher.Close(ctx))
}

func listening(conn *pgx.Conn) {
	tag, err := conn.Exec(ctx, "listen news")
	fact.Tell("listen", tag.String(), err)
	_, err = conn.Exec(ctx, "unlisten *")
	fact.Tell("unlisten", nil, err)
	_, err = conn.Exec(ctx, "drop table items")
	fact.Tell("drop", nil, err)
}
