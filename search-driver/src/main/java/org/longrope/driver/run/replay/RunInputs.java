package org.longrope.driver.run.replay;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.longrope.datasets.EvaluationPartition;
import org.longrope.driver.run.problem.Extension;
import org.longrope.driver.run.problem.Objective;
import org.longrope.driver.run.settings.SearchSettings;
import org.longrope.eval.BadInputException;
import org.longrope.eval.Json;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.family.QueryFolding;
import org.longrope.eval.passkey.PasskeyPrompts;
import org.longrope.eval.perplexity.Protocol;
import org.longrope.eval.rope.QueryScales;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;
import org.longrope.eval.rope.RopeGeometry;
import org.longrope.eval.rope.RopeScaling;
import org.longrope.eval.rope.YarnBetas;
import org.longrope.eval.tokenizer.DocumentTokenizer;
import org.longrope.search.QueryScaleChoice;

/**
 * Inputs of a search: a model and documents, known by their hashes.
 *
 * @param modelHash of the checkpoint
 * @param tokenizerHash of the model's tokenizer, for the objective needle; else null
 * @param dataHash of the partition's content
 * @param rope the rotation that the model was trained with at first
 * @param extension how it was extended before; null for an original model
 * @param queryScales the scales of 1 from which a search of them begins; none without one
 * @param documents ids that candidates are scored on
 * @param heldOut ids that only the summary looks at
 */
public record RunInputs(
    String modelHash,
    @Nullable String tokenizerHash,
    String dataHash,
    RopeGeometry rope,
    @Nullable Extension extension,
    boolean attentionFactorMatters,
    QueryScales queryScales,
    @Nullable String windowSource,
    List<String> documents,
    List<String> heldOut) {
  public RunInputs {
    documents = List.copyOf(documents);
    heldOut = List.copyOf(heldOut);
  }

  /**
   * Draws the documents.
   *
   * @throws BadInputException if model and partition do not fit each other or the settings
   */
  public static RunInputs of(
      SearchSettings settings, Checkpoint checkpoint, EvaluationPartition partition) {
    Path model = checkpoint.directory();
    RopeGeometry published = settings.rope(checkpoint.config());
    Extension extension = Extension.of(checkpoint, published);
    RopeGeometry rope = extension == null ? published : published.withoutScaling();
    int reached = extension == null ? rope.originalWindow() : extension.length();
    settings.requireTarget(rope.originalWindow(), reached, extension != null);
    if (DocumentTokenizer.isIn(model)) {
      partition.requireTokenizer(DocumentTokenizer.hash(model), settings.model());
    } else if (settings.objective() == Objective.NEEDLE) {
      throw BadInputException.of(
          "No tokenizer.json in %s: expected the model's beside it, because --objective needle"
              + " writes its keys with it; put it there.",
          settings.model());
    }
    settings.starts().forEach(start -> start.set().requirePairs(rope.pairs(), start.file()));
    List<String> eligible = settings.requireDocuments(partition);
    // The JDK documents the algorithms of Collections.shuffle and Random: the draw never changes.
    Collections.shuffle(eligible, new Random(settings.search().seed()));
    int held = Math.min(settings.heldOutDocuments(), eligible.size() - settings.documents());
    requireVocabulary(
        partition,
        eligible.subList(0, settings.documents() + held),
        checkpoint.config().vocabularySize());
    boolean needle = settings.objective() == Objective.NEEDLE;
    RunInputs subject =
        new RunInputs(
            checkpoint.sha256(),
            needle ? DocumentTokenizer.hash(model) : null,
            partition.manifest().contentHash(),
            rope,
            extension,
            checkpoint.config().attentionFactorMatters(),
            queryScales(settings, checkpoint),
            settings.windowSource(checkpoint.config()),
            eligible.subList(0, settings.documents()),
            eligible.subList(settings.documents(), settings.documents() + held));
    if (needle) {
      subject.requireKeys(settings, checkpoint, partition);
    }
    return subject;
  }

  /**
   * Returns the scales of 1 that a search begins with.
   *
   * @throws BadInputException if the model's weights cannot take query scales up
   */
  private static QueryScales queryScales(SearchSettings settings, Checkpoint checkpoint) {
    QueryScaleChoice choice = settings.search().queryScales();
    if (choice == QueryScaleChoice.NONE) {
      return QueryScales.NONE;
    }
    QueryScales finest = QueryFolding.of(checkpoint.config()).finest();
    return choice == QueryScaleChoice.PAIR ? QueryScales.ones(1, 1, finest.pairs()) : finest;
  }

  /** Returns the rescaling of the model as it is. */
  Rescaling unrescaled() {
    return extension == null
        ? new Rescaling(RescaleFactors.uniform(rope.pairs(), 1), 0, 1)
        : new Rescaling(extension.factors(), 0, extension.attentionFactor());
  }

  /** Returns all documents, those of the search first. */
  List<String> all() {
    return Stream.concat(documents.stream(), heldOut.stream()).toList();
  }

  /** Checks that the key of every document can be asked for. */
  private void requireKeys(
      SearchSettings settings, Checkpoint checkpoint, EvaluationPartition partition) {
    try (DocumentTokenizer tokenizer = DocumentTokenizer.open(checkpoint.directory())) {
      PasskeyPrompts prompts = new PasskeyPrompts(tokenizer, partition.bosTokenId(tokenizer));
      int vocabulary = checkpoint.config().vocabularySize();
      for (Protocol protocol : new EvaluationPlan(settings, this).protocols()) {
        if (protocol instanceof Protocol.Needle asked) {
          prompts.requireInDocument(asked.length(), asked.key(), vocabulary);
        }
      }
    }
  }

  /** Checks the ids, which may be those of another model. */
  private static void requireVocabulary(
      EvaluationPartition partition, List<String> documents, int vocabulary) {
    for (String document : documents) {
      for (int id : partition.tokens(document)) {
        if (id < 0 || id >= vocabulary) {
          throw BadInputException.of(
              "Document %s has id %d: expected 0 to %d, the model's vocabulary; prepare the data"
                  + " with this model's tokenizer.",
              document, id, vocabulary - 1);
        }
      }
    }
  }

  /** Fields of the inputs in run.json and in results. */
  record Stored(
      @JsonProperty("model_sha256") String model,
      @JsonProperty("tokenizer_sha256") @Nullable String tokenizer,
      @JsonProperty("partition_sha256") String partition,
      int rotaryDimension,
      double ropeTheta,
      int originalWindow,
      @Nullable JsonNode ropeScaling,
      @Nullable JsonNode extension,
      @Nullable Boolean attentionFactorMatters,
      @Nullable List<Integer> queryScaleShape,
      @JsonProperty("original_window_source") @Nullable String windowSource,
      List<String> documents,
      List<String> heldOutDocuments) {
    private QueryScales queryScales() {
      if (queryScaleShape == null) {
        return QueryScales.NONE;
      }
      if (queryScaleShape.size() != 2) {
        throw new IllegalArgumentException("query_scale_shape is " + queryScaleShape);
      }
      return QueryScales.ones(queryScaleShape.get(0), queryScaleShape.get(1), rotaryDimension / 2);
    }
  }

  Stored stored() {
    return new Stored(
        modelHash,
        tokenizerHash,
        dataHash,
        rope.rotaryDimension(),
        rope.base(),
        rope.originalWindow(),
        rope.scaling().equals(RopeScaling.NONE) ? null : ScalingJson.write(rope.scaling()),
        extension == null ? null : extension.toJson(),
        attentionFactorMatters ? null : (Boolean) false,
        queryScales.isNone() ? null : List.of(queryScales.layers(), queryScales.heads()),
        windowSource,
        documents,
        heldOut);
  }

  /** Returns the fields of the inputs as results name them. */
  public ObjectNode toJson() {
    return Json.tree(stored());
  }

  /** Returns the inputs with the betas of YaRN that the settings give. */
  RunInputs with(YarnBetas betas) {
    return with(rope.withYarnBetas(betas), windowSource);
  }

  /** Returns the inputs with the name of what decided the window, which older runs do not have. */
  public RunInputs withWindowSource(@Nullable String source) {
    return with(rope, source);
  }

  private RunInputs with(RopeGeometry otherRope, @Nullable String source) {
    return new RunInputs(
        modelHash,
        tokenizerHash,
        dataHash,
        otherRope,
        extension,
        attentionFactorMatters,
        queryScales,
        source,
        documents,
        heldOut);
  }

  static RunInputs of(Stored stored, String where) {
    try {
      return new RunInputs(
          stored.model(),
          stored.tokenizer(),
          stored.partition(),
          new RopeGeometry(
              stored.rotaryDimension(),
              stored.ropeTheta(),
              stored.originalWindow(),
              ScalingJson.read(stored.ropeScaling())),
          Extension.fromJson(
              stored.extension() == null ? MissingNode.getInstance() : stored.extension()),
          stored.attentionFactorMatters() == null || stored.attentionFactorMatters(),
          stored.queryScales(),
          stored.windowSource(),
          stored.documents(),
          stored.heldOutDocuments());
    } catch (IllegalArgumentException e) {
      throw new BadInputException(
          String.format("%s is damaged: %s; %s.", where, e.getMessage(), Json.RESTORE), e);
    }
  }
}
