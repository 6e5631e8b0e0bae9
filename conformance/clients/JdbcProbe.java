// Uses pgjdbc as applications do and prints one line a fact; jdbc.test.ts says what they must be.

import java.math.BigDecimal;
import java.sql.*;
import java.time.*;
import java.util.*;

public class JdbcProbe {
  public static void main(String[] args) throws Exception {
    Properties properties = new Properties();
    properties.setProperty("user", "admin");
    properties.setProperty("password", System.getenv("SLUICE_TOKEN"));
    // 1: the server-prepared, binary path from the first execution on.
    properties.setProperty("prepareThreshold", args[1]);
    try (Connection connection = DriverManager.getConnection(args[0], properties)) {
      parameters(connection, args[0].endsWith("preferQueryMode=simple"));
      nulls(connection);
      batches(connection);
      fetchSize(connection);
      transactions(connection);
      errors(connection);
      cancel(connection);
      metadata(connection);
    }
  }

  static void print(String name, Object value) {
    System.out.println(name + "=" + value);
  }

  static void parameters(Connection connection, boolean simple) throws SQLException {
    String sql =
        "select ?::bool, ?::int2, ?::int4, ?::int8, ?::float4, ?::float8, ?::numeric, ?::text, ?::bytea, ?::date, ?::timestamp, ?::timestamptz, ?::uuid";
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int round = 0; round < 3; round++) {
        statement.setBoolean(1, true);
        statement.setShort(2, (short) -2);
        statement.setInt(3, 42);
        statement.setLong(4, Long.MIN_VALUE);
        statement.setFloat(5, 0.5f);
        statement.setDouble(6, 0.1);
        statement.setBigDecimal(7, new BigDecimal("12345678901234567890.50"));
        statement.setString(8, "O'Reilly é");
        // In simple mode the driver cannot write bytes into the text it sends.
        if (simple) statement.setString(9, "\\x00ff5c");
        else statement.setBytes(9, new byte[] {0, -1, 92});
        statement.setObject(10, LocalDate.of(2024, 2, 29));
        statement.setObject(11, LocalDateTime.of(2024, 2, 29, 23, 59, 59, 123456000));
        statement.setObject(12, OffsetDateTime.of(2024, 2, 29, 12, 0, 0, 0, ZoneOffset.UTC));
        statement.setObject(13, UUID.fromString("7f0d5c1e-0000-4000-8000-000000000001"));
        try (ResultSet rows = statement.executeQuery()) {
          rows.next();
          print(
              "parameters" + round,
              rows.getBoolean(1) + " " + rows.getShort(2) + " " + rows.getInt(3) + " "
                  + rows.getLong(4) + " " + rows.getFloat(5) + " " + rows.getDouble(6) + " "
                  + rows.getBigDecimal(7) + " " + rows.getString(8) + " "
                  + Arrays.toString(rows.getBytes(9)) + " " + rows.getObject(10, LocalDate.class) + " "
                  + rows.getObject(11, LocalDateTime.class) + " "
                  + rows.getObject(12, OffsetDateTime.class).toInstant() + " " + rows.getObject(13));
        }
      }
    }
  }

  static void nulls(Connection connection) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement("select ?::int4, ?::text, ''")) {
      statement.setNull(1, Types.INTEGER);
      statement.setNull(2, Types.VARCHAR);
      try (ResultSet rows = statement.executeQuery()) {
        rows.next();
        rows.getInt(1);
        print("nulls", rows.wasNull() + " " + rows.getString(2) + " [" + rows.getString(3) + "]");
      }
    }
  }

  static void batches(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("drop table if exists batched");
      statement.execute("create table batched (id int, name text)");
    }
    connection.setAutoCommit(false);
    try (PreparedStatement statement = connection.prepareStatement("insert into batched values (?, ?)")) {
      for (int id = 0; id < 20; id++) {
        statement.setInt(1, id);
        statement.setString(2, "n" + id);
        statement.addBatch();
      }
      print("batch", Arrays.stream(statement.executeBatch()).sum());
    }
    connection.commit();
    connection.setAutoCommit(true);
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("select count(*), sum(id) from batched")) {
      rows.next();
      print("batched", rows.getLong(1) + " " + rows.getLong(2));
    }
  }

  static void fetchSize(Connection connection) throws SQLException {
    connection.setAutoCommit(false);
    String values = "(values (0),(1),(2),(3),(4),(5),(6),(7),(8),(9))";
    String sql =
        "select a.v + b.v * 10 + c.v * 100 + d.v * 1000 + e.v * 10000 as g from "
            + values + " a(v), " + values + " b(v), " + values + " c(v), " + values + " d(v), " + values + " e(v)";
    try (Statement statement = connection.createStatement()) {
      statement.setFetchSize(777);
      long count = 0;
      long sum = 0;
      try (ResultSet rows = statement.executeQuery(sql)) {
        while (rows.next()) {
          count++;
          sum += rows.getLong(1);
        }
      }
      print("fetched", count + " " + sum);
    }
    connection.commit();
    connection.setAutoCommit(true);
  }

  static void transactions(Connection connection) throws SQLException {
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.execute("insert into batched values (100, 'gone')");
      connection.rollback();
      try {
        statement.execute("select 1/0");
      } catch (SQLException error) {
        print("failed", error.getSQLState());
      }
      try {
        statement.execute("select 1");
      } catch (SQLException error) {
        print("aborted", error.getSQLState());
      }
      connection.rollback();
    }
    connection.setAutoCommit(true);
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("select count(*) from batched")) {
      rows.next();
      print("rolledback", rows.getLong(1));
    }
  }

  static void errors(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("select nosuch from batched");
    } catch (SQLException error) {
      print("error", error.getSQLState() + " " + error.getMessage().replace("\n", " "));
    }
    print("valid", connection.isValid(5));
  }

  static void cancel(Connection connection) throws Exception {
    String values = "(values (0),(1),(2),(3),(4),(5),(6),(7),(8),(9))";
    StringBuilder sql = new StringBuilder("select count(*) from ");
    for (int i = 0; i < 15; i++) sql.append(i == 0 ? "" : ", ").append(values).append(" t").append(i).append("(v)");
    sql.append(" where t0.v + t1.v + t2.v + t3.v + t4.v + t5.v + t6.v + t7.v + t8.v + t9.v + t10.v + t11.v + t12.v + t13.v + t14.v = 7");
    try (Statement statement = connection.createStatement()) {
      statement.setQueryTimeout(1);
      statement.execute(sql.toString());
      print("cancel", "it ended by itself");
    } catch (SQLException error) {
      print("cancel", error.getSQLState());
    }
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("select 'alive'")) {
      rows.next();
      print("after", rows.getString(1));
    }
  }

  static void metadata(Connection connection) throws SQLException {
    DatabaseMetaData metadata = connection.getMetaData();
    print("product", metadata.getDatabaseProductName() + " " + metadata.getDatabaseMajorVersion());
    try (ResultSet rows = metadata.getTables(null, "public", "batched", new String[] {"TABLE"})) {
      while (rows.next()) print("table", rows.getString("TABLE_SCHEM") + "." + rows.getString("TABLE_NAME"));
    }
    try (ResultSet rows = metadata.getColumns(null, "public", "batched", null)) {
      while (rows.next()) print("column", rows.getString("COLUMN_NAME") + " " + rows.getString("TYPE_NAME"));
    }
  }
}
