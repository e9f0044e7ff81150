package org.longrope.datasets;

import java.util.List;

/**
 * The types of this module that cross the wire; Kryo must know them all by name, and Java must be
 * able to serialise them where a cluster is told to use its own serialisation.
 */
public final class WireTypes {
  private WireTypes() {}

  /** Records, an enum and arrays; what is a record needs a serializer for records. */
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
