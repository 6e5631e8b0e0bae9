// One Spark session with Delta: reads a JSON text with an SQL statement from each line, answers each with a line of JSON: columns and
// rows, or the error. Values are written as the manifest of the published tables writes them.

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.VariantVal;
import scala.jdk.javaapi.CollectionConverters;

public final class SparkSql {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final DateTimeFormatter CLOCK =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS");

  public static void main(String[] args) throws Exception {
    PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    System.setOut(System.err);
    SparkSession.Builder builder = SparkSession.builder().master("local[2]");
    for (String setting : args) builder.config(setting.split("=", 2)[0], setting.split("=", 2)[1]);
    try (SparkSession spark = builder.getOrCreate()) {
      answers.println("ready " + spark.version());
      BufferedReader in =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      for (String line = in.readLine(); line != null; line = in.readLine())
        answers.println(JSON.writeValueAsString(answer(spark, JSON.readValue(line, String.class))));
    }
  }

  private static ObjectNode answer(SparkSession spark, String sql) {
    ObjectNode answer = NODES.objectNode();
    try {
      Dataset<Row> found = spark.sql(sql);
      StructType schema = found.schema();
      ArrayNode columns = answer.putArray("columns");
      Arrays.stream(schema.fields())
          .forEach(
              field ->
                  columns
                      .addObject()
                      .put("name", field.name())
                      .put("type", typeName(field.dataType())));
      ArrayNode rows = answer.putArray("rows");
      for (Row row : found.collectAsList()) rows.add(struct(row));
    } catch (Throwable error) {
      answer.put("error", String.valueOf(error.getMessage()));
    }
    return answer;
  }

  /** Delta's name of a type. */
  private static String typeName(DataType type) {
    if (type instanceof ArrayType array) return "array<" + typeName(array.elementType()) + ">";
    if (type instanceof MapType map)
      return "map<" + typeName(map.keyType()) + "," + typeName(map.valueType()) + ">";
    if (type instanceof StructType struct)
      return Arrays.stream(struct.fields())
          .map(field -> field.name() + ":" + typeName(field.dataType()))
          .collect(Collectors.joining(",", "struct<", ">"));
    return type.typeName();
  }

  private static ObjectNode struct(Row row) {
    ObjectNode node = NODES.objectNode();
    String[] names = row.schema().fieldNames();
    for (int i = 0; i < names.length; i++) node.set(names[i], value(row.get(i)));
    return node;
  }

  private static JsonNode value(Object value) {
    if (value == null) return NODES.nullNode();
    if (value instanceof Row row) return struct(row);
    if (value instanceof byte[] bytes) return NODES.textNode(HexFormat.of().formatHex(bytes));
    if (value instanceof BigDecimal decimal) return NODES.textNode(decimal.toPlainString());
    if (value instanceof LocalDateTime clock) return NODES.textNode(CLOCK.format(clock));
    if (value instanceof VariantVal variant) return variant(variant);
    if (value instanceof scala.collection.Seq<?> items) {
      ArrayNode list = NODES.arrayNode();
      for (Object item : CollectionConverters.asJava(items)) list.add(value(item));
      return list;
    }
    if (value instanceof scala.collection.Map<?, ?> map) {
      List<ArrayNode> pairs =
          CollectionConverters.asJava(map).entrySet().stream()
              .map(entry -> NODES.arrayNode().add(value(entry.getKey())).add(value(entry.getValue())))
              .sorted(Comparator.comparing(pair -> pair.get(0).toString()))
              .toList();
      return NODES.arrayNode().addAll(pairs);
    }
    return NODES.textNode(value.toString());
  }

  private static ObjectNode variant(VariantVal variant) {
    try {
      ObjectNode node = NODES.objectNode();
      node.set("variant", JSON.readTree(variant.toJson(ZoneOffset.UTC)));
      return node;
    } catch (java.io.IOException error) {
      throw new java.io.UncheckedIOException(error);
    }
  }
}
