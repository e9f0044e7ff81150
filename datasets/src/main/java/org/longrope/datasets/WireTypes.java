package org.longrope.datasets;

import java.util.List;

/**
 * Types of this module that Spark sends between processes. All of them must be registered with
 * Kryo, and serialisable by Java for clusters that use Java's serialisation.
 */
public final class WireTypes {
  private WireTypes() {}

  /** Returns all types: records, an enum and arrays. A record needs a serializer for records. */
  public static List<Class<?>> all() {
    return List.of(
        InputFile.class,
        TaskResult.class,
        SourceFormat.class,
        StagedDocument.class,
        StagedDocument[].class,
        StagedShare.class,
        TokenisedDocument.class,
        TokenizerFiles.class,
        WritePlan.class);
  }
}
