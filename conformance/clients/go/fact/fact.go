// Package fact prints what the probes of this folder find, one line `name=value`.
package fact

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

// Tell prints a value, or the error that came instead.
func Tell(name string, value any, err error) {
	if err != nil {
		fmt.Printf("%s=error %s\n", name, strings.ReplaceAll(err.Error(), "\n", " "))
		return
	}
	text, err := json.Marshal(value)
	if err != nil {
		text = []byte(fmt.Sprintf("%v", value))
	}
	fmt.Printf("%s=%s\n", name, text)
}

// Must ends the probe: what it was asked to do first already failed.
func Must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// Value is a type and a value of it as PostgreSQL prints it.
type Value struct{ Type, Text string }

// Values has every scalar type and some arrays.
var Values = []Value{
	{"bool", "t"}, {"int2", "-32768"}, {"int4", "2147483647"}, {"int8", "-9223372036854775808"},
	{"float4", "0.1"}, {"float8", "1e+300"}, {"numeric", "12345678901234567890.123456789"},
	{"numeric(10,2)", "-0.50"}, {"text", "O'Reilly \\ é\U0001F600"}, {"varchar(5)", "abc"}, {"char(3)", "x  "},
	{"bytea", "\\x00ff10"}, {"date", "2024-02-29"}, {"timestamp", "2024-02-29 23:59:59.123456"},
	{"timestamptz", "2024-02-29 23:59:59.5+00"}, {"time", "23:59:59.123456"},
	{"interval", "1 year 2 mons 3 days 04:05:06"}, {"uuid", "7f0d5c1e-0000-4000-8000-000000000001"},
	{"json", `{"b": 1,  "a": [null]}`}, {"jsonb", `{"a": [null], "b": 1}`}, {"int4[]", "{1,NULL,-3}"},
	{"int8[]", "{9007199254740993}"}, {"text[]", `{a,"b c","","NULL",NULL,"\""}`},
	{"float8[]", "{1.5,-Infinity}"}, {"bool[]", "{t,f}"}, {"date[]", "{2024-02-29}"},
	{"numeric[]", "{1.50,NULL}"}, {"uuid[]", "{7f0d5c1e-0000-4000-8000-000000000001}"},
}
