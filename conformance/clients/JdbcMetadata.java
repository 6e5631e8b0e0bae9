// Every method of DatabaseMetaData, and what else of pgjdbc applications lean on: batches in one statement, COPY, cursors, arrays. Prints
// one line a fact; jdbc-metadata.test.ts compares them with PostgreSQL's.

import java.io.StringReader;
import java.io.StringWriter;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.sql.*;
import java.util.*;
import java.util.stream.*;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;

public class JdbcMetadata {
  public static void main(String[] args) throws Exception {
    String url =
        "jdbc:postgresql://" + System.getenv("PGHOST") + ":" + System.getenv("PGPORT") + "/" + System.getenv("PGDATABASE");
    Properties properties = new Properties();
    properties.setProperty("user", System.getenv("PGUSER"));
    properties.setProperty("password", System.getenv("PGPASSWORD"));
    properties.setProperty("sslmode", System.getenv("PGSSLMODE"));
    if (System.getenv("PGSSLROOTCERT") != null)
      properties.setProperty("sslrootcert", System.getenv("PGSSLROOTCERT"));
    properties.setProperty("reWriteBatchedInserts", "true");
    properties.setProperty("prepareThreshold", "1");
    try (Connection connection = DriverManager.getConnection(url, properties)) {
      tables(connection);
      constants(connection.getMetaData());
      catalogs(connection.getMetaData());
      batches(connection);
      results(connection);
      copies(connection);
      try (Statement statement = connection.createStatement()) {
        statement.execute("drop view shelf_view");
        statement.execute("drop table book");
        statement.execute("drop table shelf");
      }
    }
  }

  static void print(String name, Object value) {
    System.out.println(name + "=" + value);
  }

  static void tables(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("create table shelf (id int primary key, label varchar(20) not null, width numeric(8,2))");
      statement.execute(
          "create table book (id bigint, shelf int references shelf (id), title text default 'x', made timestamptz, tags text[], cover bytea, key uuid, price double precision, primary key (id))");
      statement.execute("create view shelf_view as select id, label from shelf where id > 0");
      statement.execute("comment on table book is 'all books'");
      statement.execute("comment on column book.title is 'as printed'");
    }
  }

  /** Methods without arguments: what the server and the driver can do. The catalog knows words and types newer than 15's. */
  static void constants(DatabaseMetaData metadata) throws Exception {
    Set<String> own =
        Set.of(
            "getConnection", "getURL", "getDatabaseProductVersion", "getDatabaseMinorVersion", "getUserName", "getSQLKeywords", "getTypeInfo");
    List<Method> methods =
        Arrays.stream(DatabaseMetaData.class.getMethods())
            .filter(it -> it.getParameterCount() == 0 && !own.contains(it.getName()))
            .sorted(Comparator.comparing(Method::getName))
            .collect(Collectors.toList());
    for (Method method : methods) {
      try {
        Object value = method.invoke(metadata);
        print(method.getName(), value instanceof ResultSet ? rows((ResultSet) value) : value);
      } catch (InvocationTargetException error) {
        print(method.getName(), error.getCause());
      }
    }
    print("methods", methods.size());
    print("keywords", metadata.getSQLKeywords().startsWith("abort,a"));
    Set<String> types =
        Set.of("bool", "int2", "int4", "int8", "numeric", "float4", "float8", "text", "varchar", "bpchar", "bytea", "date", "timestamp",
            "timestamptz", "time", "interval", "uuid", "json", "jsonb", "_int4", "_text");
    try (ResultSet rows = metadata.getTypeInfo()) {
      while (rows.next()) {
        if (!types.contains(rows.getString(1))) continue;
        StringJoiner line = new StringJoiner("|");
        for (int i = 2; i <= rows.getMetaData().getColumnCount(); i++) line.add(rows.getString(i));
        print("type " + rows.getString(1), line);
      }
    }
  }

  static void catalogs(DatabaseMetaData metadata) throws Exception {
    show("getSchemas", () -> metadata.getSchemas("main", "publ%"));
    show("getTables", () -> metadata.getTables("main", "public", "%", null));
    show("getTables of a kind", () -> metadata.getTables(null, null, "shelf%", new String[] {"VIEW"}));
    show("getColumns", () -> metadata.getColumns(null, "public", "%", "%"));
    show("getPrimaryKeys", () -> metadata.getPrimaryKeys(null, "public", "book"));
    show("getImportedKeys", () -> metadata.getImportedKeys(null, "public", "book"));
    show("getExportedKeys", () -> metadata.getExportedKeys(null, "public", "shelf"));
    show("getCrossReference", () -> metadata.getCrossReference(null, "public", "shelf", null, "public", "book"));
    show("getIndexInfo", () -> metadata.getIndexInfo(null, "public", "book", false, false));
    show("getBestRowIdentifier", () -> metadata.getBestRowIdentifier(null, "public", "book", DatabaseMetaData.bestRowSession, true));
    show("getVersionColumns", () -> metadata.getVersionColumns(null, "public", "book"));
    show("getTablePrivileges", () -> metadata.getTablePrivileges(null, "public", "nosuch"));
    show("getColumnPrivileges", () -> metadata.getColumnPrivileges(null, "public", "nosuch", "%"));
    show("getProcedures", () -> metadata.getProcedures(null, "public", "%"));
    show("getProcedureColumns", () -> metadata.getProcedureColumns(null, "public", "%", "%"));
    show("getFunctions", () -> metadata.getFunctions(null, "public", "%"));
    show("getFunctions of the system", () -> metadata.getFunctions(null, "pg_catalog", "upper"));
    show("getFunctionColumns", () -> metadata.getFunctionColumns(null, "pg_catalog", "btrim", "%"));
    show("getUDTs", () -> metadata.getUDTs(null, "public", "%", null));
    show("getSuperTables", () -> metadata.getSuperTables(null, "public", "%"));
    show("getSuperTypes", () -> metadata.getSuperTypes(null, "public", "%"));
    show("getAttributes", () -> metadata.getAttributes(null, "public", "%", "%"));
    show("getPseudoColumns", () -> metadata.getPseudoColumns(null, "public", "%", "%"));
  }

  interface Asked {
    ResultSet ask() throws SQLException;
  }

  static void show(String name, Asked asked) {
    try {
      print(name, rows(asked.ask()));
    } catch (SQLException error) {
      print(name, error.getSQLState() + " " + error.getMessage().split("\n")[0]);
    }
  }

  /** Names of the columns, then the rows; oids and names of specific routines differ from server to server. */
  static String rows(ResultSet rows) throws SQLException {
    try (rows) {
      ResultSetMetaData columns = rows.getMetaData();
      StringBuilder text = new StringBuilder();
      for (int i = 1; i <= columns.getColumnCount(); i++)
        text.append(columns.getColumnLabel(i)).append(':').append(columns.getColumnTypeName(i)).append(' ');
      List<String> lines = new ArrayList<>();
      while (rows.next()) {
        StringJoiner line = new StringJoiner("|");
        for (int i = 1; i <= columns.getColumnCount(); i++) {
          String name = columns.getColumnLabel(i);
          line.add(name.equalsIgnoreCase("SPECIFIC_NAME") ? "-" : String.valueOf(rows.getObject(i)));
        }
        lines.add(line.toString());
      }
      if (lines.size() > 60) return text + " " + lines.size() + " rows";
      return text + " " + lines;
    }
  }

  static void batches(Connection connection) throws SQLException {
    try (PreparedStatement insert = connection.prepareStatement("insert into shelf (id, label, width) values (?, ?, ?)")) {
      for (int id = 1; id <= 300; id++) {
        insert.setInt(1, id);
        insert.setString(2, "shelf " + id);
        insert.setBigDecimal(3, new java.math.BigDecimal(id + ".50"));
        insert.addBatch();
      }
      int[] counts = insert.executeBatch();
      print("rewritten batch", counts.length + " " + Arrays.stream(counts).distinct().boxed().collect(Collectors.toList()));
    }
    try (Statement statement = connection.createStatement()) {
      statement.addBatch("update shelf set label = 'first' where id = 1");
      statement.addBatch("delete from shelf where id > 250");
      statement.addBatch("insert into shelf values (1000, 'last', null)");
      print("batch", Arrays.toString(statement.executeBatch()));
      statement.addBatch("insert into shelf values (1001, 'gone', null)");
      statement.addBatch("select 1/0");
      try {
        statement.executeBatch();
      } catch (BatchUpdateException error) {
        print("broken batch", error.getSQLState() + " " + Arrays.toString(error.getUpdateCounts()));
      }
    }
    try (PreparedStatement insert = connection.prepareStatement("insert into shelf values (2000, 'keyed', 1)", new String[] {"id", "label"})) {
      insert.executeUpdate();
      try (ResultSet keys = insert.getGeneratedKeys()) {
        keys.next();
        print("generated keys", keys.getInt(1) + " " + keys.getString(2));
      }
    }
  }

  static void results(Connection connection) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement("select id, label, width, array[id, 2] as list, ?::text as given from shelf where id = ?")) {
      statement.setString(1, "x");
      statement.setInt(2, 1);
      ParameterMetaData parameters = statement.getParameterMetaData();
      print("parameters", parameters.getParameterTypeName(1) + " " + parameters.getParameterTypeName(2));
      ResultSetMetaData columns = statement.getMetaData();
      for (int i = 1; i <= columns.getColumnCount(); i++)
        print("column " + i, columns.getColumnName(i) + " " + columns.getColumnTypeName(i) + " " + columns.getPrecision(i) + " " + columns.getScale(i) + " "
            + columns.isNullable(i) + " " + columns.isAutoIncrement(i) + " " + columns.getTableName(i) + " " + columns.getSchemaName(i) + " " + columns.getColumnClassName(i));
      for (int round = 0; round < 3; round++)
        try (ResultSet rows = statement.executeQuery()) {
          rows.next();
          print("row " + round, rows.getInt(1) + " " + rows.getString(2) + " " + rows.getBigDecimal(3) + " " + rows.getArray(4) + " " + rows.getString(5));
        }
    }
    try (Statement statement = connection.createStatement(ResultSet.TYPE_SCROLL_INSENSITIVE, ResultSet.CONCUR_UPDATABLE);
        ResultSet rows = statement.executeQuery("select id, label, width from shelf order by id")) {
      rows.last();
      print("scrolled", rows.getRow() + " " + rows.getInt(1));
      rows.absolute(2);
      rows.updateString("label", "updated");
      rows.updateRow();
      rows.refreshRow();
      print("updated", rows.getString("label"));
    }
    connection.setAutoCommit(false);
    Savepoint savepoint = connection.setSavepoint("here");
    try (Statement statement = connection.createStatement()) {
      statement.executeUpdate("delete from shelf");
      connection.rollback(savepoint);
      statement.setFetchSize(7);
      int count = 0;
      try (ResultSet rows = statement.executeQuery("select * from shelf")) {
        while (rows.next()) count++;
      }
      print("fetched by sevens", count);
      statement.setMaxRows(5);
      try (ResultSet rows = statement.executeQuery("select * from shelf")) {
        count = 0;
        while (rows.next()) count++;
      }
      print("at most five", count);
    }
    connection.commit();
    connection.setAutoCommit(true);
    connection.setReadOnly(true);
    try (Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.executeUpdate("delete from shelf");
    } catch (SQLException error) {
      print("read only", error.getSQLState());
    }
    connection.rollback();
    connection.setAutoCommit(true);
    connection.setReadOnly(false);
    for (int level : new int[] {Connection.TRANSACTION_READ_COMMITTED, Connection.TRANSACTION_REPEATABLE_READ, Connection.TRANSACTION_SERIALIZABLE}) {
      connection.setTransactionIsolation(level);
      print("isolation " + level, connection.getTransactionIsolation());
    }
    print("schema", connection.getSchema() + " " + connection.getCatalog());
    connection.setSchema("pg_catalog");
    print("other schema", connection.getSchema());
    connection.setSchema("public");
  }

  static void copies(Connection connection) throws Exception {
    CopyManager copy = connection.unwrap(PGConnection.class).getCopyAPI();
    StringBuilder text = new StringBuilder();
    for (int id = 5000; id < 8000; id++) text.append(id).append(",\"label, ").append(id).append("\",1.25\n");
    print("copy in", copy.copyIn("copy shelf from stdin (format csv)", new StringReader(text.toString())));
    StringWriter out = new StringWriter();
    print("copy out", copy.copyOut("copy (select * from shelf where id between 5000 and 5002 order by id) to stdout (format csv, header)", out));
    print("copied out", out.toString().replace("\n", "/"));
    try {
      copy.copyIn("copy shelf from stdin (format csv)", new StringReader("x,y,z\n"));
    } catch (SQLException error) {
      print("copy of a wrong value", error.getSQLState() + " " + error.getMessage().replace("\n", "/"));
    }
  }
}
