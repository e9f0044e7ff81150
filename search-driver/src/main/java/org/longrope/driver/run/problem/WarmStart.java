package org.longrope.driver.run.problem;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.OptionalDouble;
import org.apache.hadoop.conf.Configuration;
import org.longrope.driver.factors.FactorFile;
import org.longrope.driver.factors.FactorSet;
import org.longrope.driver.store.files.FileLocation;
import org.longrope.eval.BadInputException;
import org.longrope.eval.rope.QueryScales;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.RopeGeometry;

/**
 * Factors that a search begins with in addition to the methods: the result of another run, or
 * published factors.
 *
 * @param file that they were read from
 * @param set factors without their provenance
 * @param total whether the factors divide b^(−2i/d), as those of a config.json, and not the model's
 *     own frequencies
 */
public record WarmStart(String file, FactorSet set, boolean total) {
  private static final String TOTAL = "total";
  private static final String FILE = "file";
  private static final String FACTORS = "factors";

  /**
   * Reads a file of any form that {@link FactorFile} knows.
   *
   * @throws BadInputException if the file cannot be read, or is damaged
   */
  public static WarmStart read(String file, Configuration hadoop) {
    // No warning for factors that are not monotone: the candidate made of them is.
    FactorFile read = FactorFile.read(FileLocation.parse(file).on(hadoop), warning -> {});
    FactorFile.Named longest = read.sets().get(read.sets().size() - 1);
    return of(file, longest.set(), longest.total());
  }

  private static WarmStart of(String file, FactorSet read, boolean total) {
    return new WarmStart(
        file,
        new FactorSet(
            read.factors(),
            read.startTokens(),
            read.attentionFactor(),
            read.extensionRatio(),
            read.originalWindow(),
            null,
            null,
            null,
            read.queryScales()),
        total);
  }

  /** Returns factors of the same rotation that divide the frequencies which a model has. */
  WarmStart relativeTo(RopeGeometry rope) {
    return total ? of(file, set.relativeTo(rope), false) : this;
  }

  /** Returns the extension ratio of the factors; the greatest factor if the file has no ratio. */
  private double ownRatio() {
    Double stored = set.extensionRatio();
    return stored != null ? stored : Arrays.stream(set.factors().toArray()).max().orElse(1);
  }

  /**
   * Converts the factors to another extension: λ_i to the power ln s / ln s′, which maps 1 to 1 and
   * s′ to s.
   *
   * @param ratio s; up to 1 the factors stay unchanged
   */
  RescaleFactors at(double ratio) {
    double own = ownRatio();
    double power = own > 1 && ratio > 1 ? StrictMath.log(ratio) / StrictMath.log(own) : 1;
    return RescaleFactors.of(
        Arrays.stream(set.factors().toArray())
            .map(lambda -> StrictMath.pow(lambda, power))
            .toArray());
  }

  /** Returns the scales of the queries. */
  QueryScales queryScales() {
    return set.queryScales();
  }

  /** Returns n̂. */
  int startTokens() {
    Integer stored = set.startTokens();
    return stored == null ? 0 : stored;
  }

  /** Returns a, if the file has one for the same extension ratio. */
  OptionalDouble attentionFactor(double ratio) {
    Double stored = set.attentionFactor();
    Double own = set.extensionRatio();
    return stored != null && own != null && Math.abs(own / ratio - 1) < 1e-6
        ? OptionalDouble.of(stored)
        : OptionalDouble.empty();
  }

  public ObjectNode toJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put(FILE, file);
    json.put(FACTORS, FactorFile.print(set));
    if (total) {
      json.put(TOTAL, true);
    }
    return json;
  }

  /**
   * Reads what {@link #toJson} wrote.
   *
   * @param place name of the file that contains it, for messages
   */
  public static WarmStart fromJson(JsonNode json, String place) {
    String file = json.path(FILE).asText();
    return of(
        file,
        FactorFile.parse(file + " in " + place, json.path(FACTORS).asText(), warning -> {})
            .longest(),
        json.path(TOTAL).asBoolean());
  }
}
