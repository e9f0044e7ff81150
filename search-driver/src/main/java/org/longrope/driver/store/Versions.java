package org.longrope.driver.store;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import java.util.TreeSet;

/** Versions of everything that a number depends on. */
public final class Versions {
  private Versions() {}

  /** Returns the versions by name: longrope, spark, djl, libtorch, java. */
  public static ObjectNode toJson() {
    Properties properties = new Properties();
    try (InputStream stream = Versions.class.getResourceAsStream("versions.properties")) {
      if (stream == null) {
        throw new IllegalStateException("versions.properties is not on the class path");
      }
      properties.load(stream);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    new TreeSet<>(properties.stringPropertyNames())
        .forEach(name -> json.put(name, properties.getProperty(name)));
    json.put("java", System.getProperty("java.version"));
    return json;
  }
}
