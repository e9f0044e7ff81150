package org.longrope.driver.inspect;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.report.table.Table;
import org.longrope.driver.store.files.FileLocation;
import org.longrope.driver.store.files.StoredFile;
import org.longrope.eval.BadInputException;
import org.longrope.eval.StrictJson;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.family.DecoderSpec;
import org.longrope.eval.family.DecoderSpecReader;
import org.longrope.eval.family.TensorNames;

/**
 * Model to describe. Its weights are checked by their names and shapes where they are on this host;
 * without them the description comes from config.json alone.
 *
 * @param location as the user named it
 * @param stored type of the stored weights; null if they were not read
 * @param note sentence on why the weights were not read; null if they were
 */
public record InspectedModel(
    FileLocation location, DecoderSpec spec, @Nullable String stored, @Nullable String note) {
  private static final String CONFIG = "config.json";

  /**
   * Opens a model. Nothing is copied from a remote file system but config.json.
   *
   * @throws BadInputException if config.json is missing, or the model is not supported
   */
  public static InspectedModel open(FileLocation location, Configuration hadoop) {
    StoredFile file = location.resolve(CONFIG).on(hadoop);
    if (!file.isFile()) {
      throw BadInputException.of(
          "No %s in %s: expected the directory of a Hugging Face checkpoint, or its %s alone; check"
              + " the path.",
          CONFIG, location, CONFIG);
    }
    DecoderSpec spec =
        DecoderSpecReader.read(
            StrictJson.parseObject(bytes(file), file.toString()),
            CONFIG + " in " + location,
            TensorNames.UNKNOWN);
    if (location.isRemote()) {
      return new InspectedModel(
          location,
          spec,
          null,
          "The weights are on another file system and were not read; a command that computes with"
              + " the model copies and checks them.");
    }
    try {
      Checkpoint checkpoint = Checkpoint.open(location.local());
      return new InspectedModel(location, checkpoint.config(), checkpoint.dtype().name(), null);
    } catch (BadInputException e) {
      return new InspectedModel(
          location, spec, null, "The weights cannot be used. " + e.getMessage());
    }
  }

  private static byte[] bytes(StoredFile file) {
    try {
      return file.readBytes();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + file, e);
    }
  }

  /** Returns the description with a row for each property. */
  public Table toTable() {
    return new SpecTable(spec, stored).table();
  }

  /** Returns the description for a program. */
  public ObjectNode toJson() {
    ObjectNode json = new SpecJson(spec).json();
    json.put("model", location.toString());
    json.put("stored_type", stored);
    json.put("weights_note", note);
    spec.notes().forEach(json.putArray("notes")::add);
    return json;
  }
}
