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
import org.longrope.eval.rope.RescaleFactors;

/**
 * Factors that a search begins with beside the methods: what another run found, or what was
 * published.
 *
 * @param file where they were read
 * @param set what was read, without its provenance
 */
public record WarmStart(String file, FactorSet set) {
  private static final String FILE = "file";
  private static final String FACTORS = "factors";

  /**
   * Reads a file of any form that {@link FactorFile} knows.
   *
   * @throws BadInputException if it cannot be read, or is damaged
   */
  public static WarmStart read(String file, Configuration hadoop) {
    // What breaks monotonicity is mended where it becomes a candidate, and is nothing to warn of.
    return of(file, FactorFile.read(FileLocation.parse(file).on(hadoop), warning -> {}).longest());
  }

  private static WarmStart of(String file, FactorSet read) {
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
            null));
  }

  /** s that the factors are for; the greatest of them where the file does not say it. */
  private double ownRatio() {
    Double said = set.extensionRatio();
    return said != null ? said : Arrays.stream(set.factors().toArray()).max().orElse(1);
  }

  /**
   * The factors for another extension: λ_i to the power ln s / ln s′, which leaves 1 as it is and
   * takes s′ to s.
   *
   * @param ratio s; up to 1 they are left as they are
   */
  RescaleFactors at(double ratio) {
    double own = ownRatio();
    double power = own > 1 && ratio > 1 ? StrictMath.log(ratio) / StrictMath.log(own) : 1;
    return RescaleFactors.of(
        Arrays.stream(set.factors().toArray())
            .map(lambda -> StrictMath.pow(lambda, power))
            .toArray());
  }

  /** n̂. */
  int startTokens() {
    Integer said = set.startTokens();
    return said == null ? 0 : said;
  }

  /** a, if the file has one and is for the same extension. */
  OptionalDouble attentionFactor(double ratio) {
    Double said = set.attentionFactor();
    Double own = set.extensionRatio();
    return said != null && own != null && Math.abs(own / ratio - 1) < 1e-6
        ? OptionalDouble.of(said)
        : OptionalDouble.empty();
  }

  public ObjectNode toJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put(FILE, file);
    json.put(FACTORS, FactorFile.print(set));
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
            .longest());
  }
}
