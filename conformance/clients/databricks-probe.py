"""What the official Python SDK makes of a gateway: each step prints one line. Run with DATABRICKS_HOST and DATABRICKS_TOKEN set."""

import json

import requests
from databricks.sdk import WorkspaceClient, errors
from databricks.sdk.service import catalog, iam, settings, sql

w = WorkspaceClient()


def told(label, value):
    print(f"{label}={value}", flush=True)


def refused(label, work):
    try:
        work()
        told(label, "accepted")
    except errors.DatabricksError as error:
        told(label, f"{type(error).__name__} {error.error_code}")


def rows(statement, **more):
    done = w.statement_execution.execute_statement(
        statement, warehouse_id=warehouse, wait_timeout="50s", **more
    )
    if done.status.state is not sql.StatementState.SUCCEEDED:
        return f"{done.status.state.value} {done.status.error.error_code.value}"
    return done.result.data_array


me = w.current_user.me()
told("me", f"{me.user_name} {me.active}")
warehouse = next(iter(w.warehouses.list())).id
told("warehouse", w.warehouses.get(warehouse).state.value)

# Statements
told("select", rows("select 1 as a, null as b, '' as c, 1.50::numeric(5,2) as d"))
told(
    "parameters",
    rows(
        "select :n + 1 as n, :s as s, :z as z",
        parameters=[
            sql.StatementParameterListItem(name="n", value="41", type="INT"),
            sql.StatementParameterListItem(name="s", value="'; drop table t --"),
            sql.StatementParameterListItem(name="z", type="DATE"),
        ],
    ),
)
typed = w.statement_execution.execute_statement(
    "select 1::bigint as a, date '2024-02-29' as b",
    warehouse_id=warehouse,
    wait_timeout="50s",
)
told("types", [(c.name, c.type_name.value) for c in typed.manifest.schema.columns])
told("failed", rows("select * from nothing_here"))
started = w.statement_execution.execute_statement(
    "select g from generate_series(1, 300000) g",
    warehouse_id=warehouse,
    wait_timeout="0s",
)
told("started", started.status.state.value)
while True:
    got = w.statement_execution.get_statement(started.statement_id)
    if got.status.state not in (sql.StatementState.PENDING, sql.StatementState.RUNNING):
        break
chunks, index = [], 0
while index is not None:
    part = w.statement_execution.get_statement_result_chunk_n(started.statement_id, index)
    chunks += part.data_array
    index = part.next_chunk_index
told("chunks", f"{len(chunks)} {chunks[0]} {chunks[-1]} {got.manifest.total_row_count}")


def linked(statement, form):
    """The bodies of all chunks, by the links the SDK gives, followed without its credential."""
    done = w.statement_execution.execute_statement(
        statement,
        warehouse_id=warehouse,
        wait_timeout="50s",
        disposition=sql.Disposition.EXTERNAL_LINKS,
        format=form,
    )
    part = done.result
    while part.external_links:
        link = part.external_links[0]
        answer = requests.get(link.external_link)
        answer.raise_for_status()
        yield answer.content
        if link.next_chunk_index is None:
            return
        part = w.statement_execution.get_statement_result_chunk_n(
            done.statement_id, link.next_chunk_index
        )


many = "select g, repeat('x', 60) as t from generate_series(1, 300000) g order by g"
parts = list(linked(many, sql.Format.CSV))
lines = b"".join(parts).decode().splitlines()
told("by links", f"{len(parts) > 1} {len(lines)} {lines[0]} {lines[1][:3]} {lines[-1][:8]}")
told("json by links", [json.loads(p) for p in linked("select 1 as a, null as b", sql.Format.JSON_ARRAY)])
told("arrow by links", [p[:4] for p in linked("select 1 as a", sql.Format.ARROW_STREAM)])
endless = w.statement_execution.execute_statement(
    "select count(*) from generate_series(1, 1000000) a, generate_series(1, 1000000) b where (a + b) % 7 = 3",
    warehouse_id=warehouse,
    wait_timeout="0s",
)
w.statement_execution.cancel_execution(endless.statement_id)
while True:
    got = w.statement_execution.get_statement(endless.statement_id)
    if got.status.state not in (sql.StatementState.PENDING, sql.StatementState.RUNNING):
        break
told("canceled", got.status.state.value)
refused("unknown statement", lambda: w.statement_execution.get_statement("01ef9de2-db21-16af-b4cb-9ccf302d746b"))
refused(
    "short wait",
    lambda: w.statement_execution.execute_statement("select 1", warehouse_id=warehouse, wait_timeout="4s"),
)

# Users and groups
ann = w.users.create(user_name="ann@example.org", display_name="Ann")
told("user", f"{ann.user_name} {ann.active} {ann.id.isdigit()}")
refused("second user", lambda: w.users.create(user_name="ANN@example.org"))
told("found", [u.user_name for u in w.users.list(filter='userName eq "ann@example.org"')])
readers = w.groups.create(
    display_name="readers", members=[iam.ComplexValue(value=ann.id)]
)
told("group", [(m.display, m.value == ann.id) for m in w.groups.get(readers.id).members])
w.groups.patch(
    readers.id,
    operations=[
        iam.Patch(op=iam.PatchOp.REMOVE, path=f'members[value eq "{ann.id}"]')
    ],
    schemas=[iam.PatchSchema.URN_IETF_PARAMS_SCIM_API_MESSAGES_2_0_PATCH_OP],
)
told("left", w.groups.get(readers.id).members)
w.groups.patch(
    readers.id,
    operations=[
        iam.Patch(op=iam.PatchOp.ADD, path="members", value=[{"value": ann.id}])
    ],
    schemas=[iam.PatchSchema.URN_IETF_PARAMS_SCIM_API_MESSAGES_2_0_PATCH_OP],
)
told("joined", [m.display for m in w.groups.get(readers.id).members])
told("groups", sorted(g.display_name for g in w.groups.list(attributes="displayName")))
robot = w.service_principals.create(display_name="robot", application_id="app-7")
told("service principal", f"{robot.application_id} {robot.display_name} {robot.active}")
told("service principals", [s.application_id for s in w.service_principals.list()])

# Tokens
made = w.tokens.create(comment="sdk", lifetime_seconds=3600)
told("token", [t.comment for t in w.tokens.list() if t.token_id == made.token_info.token_id])
robots = w.token_management.create_obo_token(
    application_id="app-7", comment="robot", lifetime_seconds=3600
)
theirs = WorkspaceClient(host=w.config.host, token=robots.token_value, auth_type="pat")
told("robot", theirs.current_user.me().user_name)
refused("robot lists users", lambda: list(theirs.users.list()))
told("managed", sorted(t.comment for t in w.token_management.list()))
told("one token", w.token_management.get(robots.token_info.token_id).token_info.owner_id is not None)
w.token_management.delete(robots.token_info.token_id)
refused("revoked", lambda: theirs.current_user.me())
w.tokens.delete(made.token_info.token_id)
refused("deleted twice", lambda: w.tokens.delete(made.token_info.token_id))
levels = w.token_management.get_permission_levels().permission_levels
told("token levels", [level.permission_level.value for level in levels])
told("token rights", w.token_management.get_permissions().object_type)

# Grants
rows("create schema sales")
rows("create table sales.orders (id int)")
told("inserted", rows("insert into sales.orders values (1), (2)"))
w.grants.update(
    securable_type="table",
    full_name="main.sales.orders",
    changes=[catalog.PermissionsChange(principal="readers", add=[catalog.Privilege.SELECT])],
)
w.grants.update(
    securable_type="schema",
    full_name="main.sales",
    changes=[catalog.PermissionsChange(principal="readers", add=[catalog.Privilege.USE_SCHEMA])],
)
got = w.grants.get(securable_type="table", full_name="main.sales.orders")
told("grants", [(a.principal, [p.value for p in a.privileges]) for a in got.privilege_assignments])
effective = w.grants.get_effective(
    securable_type="table", full_name="main.sales.orders", principal="readers"
)
told(
    "effective",
    [(a.principal, sorted(p.privilege.value for p in a.privileges)) for a in effective.privilege_assignments],
)
refused("no table", lambda: w.grants.get(securable_type="table", full_name="main.sales.nothing"))

# IP access lists and switches
listed = w.ip_access_lists.create(
    label="office", list_type=settings.ListType.BLOCK, ip_addresses=["203.0.113.0/24"]
)
told("ip list", [(i.label, i.list_type.value, i.address_count) for i in w.ip_access_lists.list()])
w.ip_access_lists.delete(listed.ip_access_list.list_id)
told("conf", w.workspace_conf.get_status(keys="enableIpAccessLists,maxTokenLifetimeDays"))

w.users.delete(ann.id)
refused("user gone", lambda: w.users.get(ann.id))
