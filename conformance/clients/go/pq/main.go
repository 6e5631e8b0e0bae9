// lib/pq behind database/sql: text values, prepared statements, COPY, contexts, listening.
package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/lib/pq"
	"sluice/conformance/clients/go/fact"
)

var ctx = context.Background()

func main() {
	for _, options := range []string{"", "binary_parameters=yes"} {
		db, err := sql.Open("postgres", options)
		fact.Must(err)
		db.SetMaxOpenConns(2)
		values(db, options)
		if options == "" {
			use(db)
		}
		fact.Must(db.Close())
	}
	listening()
}

func values(db *sql.DB, options string) {
	for _, value := range fact.Values {
		var read, null any
		err := db.QueryRow(fmt.Sprintf("select $1::%[1]s, $2::%[1]s", value.Type), value.Text, nil).Scan(&read, &null)
		if bytes, ok := read.([]byte); ok {
			read = string(bytes)
		}
		fact.Tell(strings.TrimSpace("value "+value.Type+" "+options), fmt.Sprintf("%T %v %v", read, read, null), err)
	}
	var names pq.StringArray
	var numbers pq.Int64Array
	err := db.QueryRow("select $1::text[], $2::int8[]", pq.Array([]string{"a", "b c", `"`}), pq.Array([]int64{1, -2})).Scan(&names, &numbers)
	fact.Tell("arrays "+options, []any{names, numbers}, err)
	var bytes []byte
	var when time.Time
	err = db.QueryRow("select $1::bytea, $2::timestamptz", []byte{0, 255}, time.Date(2024, 2, 29, 12, 0, 0, 5000, time.UTC)).Scan(&bytes, &when)
	fact.Tell("bytes and time "+options, []any{bytes, when.UTC()}, err)
}

func use(db *sql.DB) {
	_, err := db.Exec("create table items (id int4, name text, price numeric(10,2))")
	fact.Tell("create", nil, err)
	result, err := db.Exec("insert into items values ($1, $2, $3), ($4, $5, $6)", 1, "one", 1.5, 2, nil, nil)
	fact.Must(err)
	affected, err := result.RowsAffected()
	fact.Tell("insert", affected, err)
	var id int
	err = db.QueryRow("insert into items values (3, 'three') returning id").Scan(&id)
	fact.Tell("returning", id, err)

	statement, err := db.Prepare("select name from items where id = $1")
	fact.Must(err)
	for i := 1; i < 5; i++ {
		var name sql.NullString
		err := statement.QueryRow(i).Scan(&name)
		fact.Tell(fmt.Sprintf("prepared %d", i), name, err)
	}
	fact.Must(statement.Close())

	rows, err := db.Query("select id, name, price from items where id < 3 order by id")
	fact.Must(err)
	types, err := rows.ColumnTypes()
	fact.Must(err)
	for _, column := range types {
		precision, scale, decimal := column.DecimalSize()
		length, variable := column.Length()
		fact.Tell("column "+column.Name(), []any{column.DatabaseTypeName(), column.ScanType().String(), precision, scale, decimal, length, variable}, nil)
	}
	fact.Must(rows.Close())
	rows, err = db.Query("select 1 as a; select 'x' as b, 2 as c")
	fact.Must(err)
	sets := 0
	for more := true; more; more = rows.NextResultSet() {
		for rows.Next() {
			sets++
		}
	}
	fact.Tell("several results", sets, rows.Err())
	fact.Must(rows.Close())

	tx, err := db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelSerializable})
	fact.Must(err)
	load, err := tx.Prepare(pq.CopyIn("items", "id", "name", "price"))
	fact.Must(err)
	for i := 0; i < 3000; i++ {
		_, err = load.Exec(1000+i, fmt.Sprintf("row\t%d\\", i), fmt.Sprintf("%d.25", i))
		fact.Must(err)
	}
	result, err = load.Exec()
	fact.Must(err)
	affected, err = result.RowsAffected()
	fact.Tell("copy in", affected, err)
	fact.Must(load.Close())
	fact.Tell("commit", nil, tx.Commit())
	var sum, last string
	err = db.QueryRow("select sum(price)::text, max(name) from items where id >= 1000").Scan(&sum, &last)
	fact.Tell("copied", []string{sum, last}, err)

	tx, err = db.Begin()
	fact.Must(err)
	_, err = tx.Exec("savepoint s")
	fact.Must(err)
	_, err = tx.Exec("select 1/0")
	tell("in a block", err)
	_, err = tx.Exec("select 1")
	tell("after it", err)
	_, err = tx.Exec("rollback to s; delete from items where id = 1")
	fact.Tell("goes on", nil, err)
	fact.Tell("rollback", nil, tx.Rollback())
	err = db.QueryRow("select count(*) from items where id = 1").Scan(&id)
	fact.Tell("still there", id, err)

	for _, text := range []string{"select nosuch from items", "select * from nosuch", "select 'x'::int", "insert into items values (1, 2, 3, 4)"} {
		_, err = db.Exec(text)
		tell(text, err)
	}
	short, stop := context.WithTimeout(ctx, 300*time.Millisecond)
	defer stop()
	_, err = db.ExecContext(short, "select sum(sqrt(a.i * b.i)) from generate_series(1, 100000) a(i), generate_series(1, 100000) b(i)")
	fact.Tell("timed out", err != nil, nil)
	sums, count := 0, 0
	rows, err = db.Query("select g from generate_series(1, 50000) g")
	fact.Must(err)
	for rows.Next() {
		fact.Must(rows.Scan(&id))
		sums += id
		count++
	}
	fact.Tell("rows", []int{count, sums}, rows.Err())
	_, err = db.Exec("drop table items")
	fact.Tell("drop", nil, err)
}

func listening() {
	listener := pq.NewListener("", 10*time.Millisecond, time.Second, nil)
	fact.Tell("listen", nil, listener.Listen("news"))
	fact.Tell("ping", nil, listener.Ping())
	fact.Tell("unlisten", nil, listener.UnlistenAll())
	fact.Must(listener.Close())
}

func tell(name string, err error) {
	var failed *pq.Error
	if !errors.As(err, &failed) {
		fact.Tell(name, nil, err)
		return
	}
	fact.Tell(name, []any{failed.Severity, failed.Code, failed.Code.Name(), failed.Message, failed.Position}, nil)
}
