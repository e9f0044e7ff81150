package org.longrope.driver.measure.perplexity;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.function.Function;
import org.apache.hadoop.conf.Configuration;
import org.longrope.datasets.EvaluationPartition;
import org.longrope.driver.store.files.StoredFile;
import org.longrope.eval.BadInputException;
import org.longrope.eval.Sha256;
import org.longrope.eval.tokenizer.DocumentTokenizer;

/**
 * Token sequences to measure, by document id.
 *
 * @param sequences BOS first where the tokenizer has one
 * @param provenance where they are from: hashes for the result
 */
public record Documents(Map<String, int[]> sequences, ObjectNode provenance) {

  /**
   * A partition's documents, checked against the model's tokenizer if it brings one.
   *
   * @param model local directory of the checkpoint
   */
  public static Documents ofPartition(String location, Path model, Configuration hadoop) {
    EvaluationPartition partition =
        EvaluationPartition.open(new org.apache.hadoop.fs.Path(location), hadoop);
    if (DocumentTokenizer.isIn(model)) {
      partition.requireTokenizer(DocumentTokenizer.hash(model), model.toString());
    }
    Map<String, int[]> sequences = new LinkedHashMap<>();
    partition.forEach(
        (document, tokens) -> sequences.put(document.id(), partition.withBos(tokens)));
    ObjectNode provenance = new JsonMapper().createObjectNode();
    provenance.put("data", location);
    provenance.put("partition_sha256", partition.manifest().contentHash());
    return new Documents(sequences, provenance);
  }

  /**
   * Text files, each tokenised whole by the model's tokenizer.
   *
   * @param model local directory of the checkpoint
   * @param bos the id that each text begins with, if it begins with one, by the tokenizer
   */
  public static Documents ofTexts(
      List<StoredFile> files, Path model, Function<DocumentTokenizer, OptionalInt> bos) {
    Map<String, int[]> sequences = new LinkedHashMap<>();
    ObjectNode provenance = new JsonMapper().createObjectNode();
    try (DocumentTokenizer tokenizer = DocumentTokenizer.open(model)) {
      provenance.put("tokenizer_sha256", tokenizer.hash());
      OptionalInt begin = bos.apply(tokenizer);
      for (StoredFile file : files) {
        int[] tokens = tokenizer.encode(text(file));
        sequences.put(file.toString(), withBos(tokens, begin));
      }
    }
    provenance.put("partition_sha256", hash(sequences));
    return new Documents(sequences, provenance);
  }

  /** One document of given ids, used as they are. */
  public static Documents ofTokenIds(StoredFile file) {
    JsonNode json;
    try (InputStream stream = file.open()) {
      json = new JsonMapper().readTree(stream);
    } catch (IOException e) {
      throw new BadInputException(
          String.format(
              "Cannot read %s: expected a JSON array of token ids; %s.", file, firstLine(e)),
          e);
    }
    List<Integer> ids = new ArrayList<>();
    for (JsonNode id : json) {
      if (!id.isIntegralNumber() || !id.canConvertToInt() || id.asInt() < 0) {
        throw BadInputException.of(
            "Entry %d of %s is %s: expected a token id, a whole number from 0.",
            ids.size(), file, id);
      }
      ids.add(id.asInt());
    }
    if (!json.isArray() || ids.size() < 2) {
      throw BadInputException.of(
          "%s has no list of tokens: expected a JSON array of 2 or more token ids.", file);
    }
    Map<String, int[]> sequences = new LinkedHashMap<>();
    sequences.put(file.toString(), ids.stream().mapToInt(Integer::intValue).toArray());
    ObjectNode provenance = new JsonMapper().createObjectNode();
    provenance.put("partition_sha256", hash(sequences));
    return new Documents(sequences, provenance);
  }

  /**
   * Returns the first documents that are long enough.
   *
   * @param count documents
   * @param length tokens that each has at least
   * @throws BadInputException if there are fewer
   */
  public Documents first(int count, int length) {
    Map<String, int[]> chosen = new LinkedHashMap<>();
    sequences.forEach(
        (id, tokens) -> {
          if (chosen.size() < count && tokens.length >= length) {
            chosen.put(id, tokens);
          }
        });
    if (chosen.size() < count) {
      throw BadInputException.of(
          "%s has %d documents of at least %d tokens: expected %d, the number of --documents;"
              + " prepare longer documents, or lower --documents or --length.",
          provenance.path("data").asText(), chosen.size(), length, count);
    }
    ObjectNode chosenFrom = provenance.deepCopy();
    chosenFrom.put("documents", count).put("min_tokens", length);
    return new Documents(chosen, chosenFrom);
  }

  /** Returns a text that differs for documents that differ. */
  public String identity() {
    String hash = provenance.path("partition_sha256").asText();
    return provenance.has("documents")
        ? String.format(
            "%s, first %s of %s tokens",
            hash, provenance.path("documents"), provenance.path("min_tokens"))
        : hash;
  }

  /** The sequence of a document that is here. */
  public int[] sequence(String id) {
    return Objects.requireNonNull(sequences.get(id));
  }

  private static String text(StoredFile file) {
    try {
      return file.readText();
    } catch (CharacterCodingException e) {
      throw new BadInputException(
          String.format("%s is not UTF-8 text: expected UTF-8; convert it.", file), e);
    } catch (IOException e) {
      throw new BadInputException(String.format("Cannot read %s: expected a text file.", file), e);
    }
  }

  private static int[] withBos(int[] tokens, OptionalInt bos) {
    if (bos.isEmpty()) {
      return tokens;
    }
    int[] sequence = new int[tokens.length + 1];
    sequence[0] = bos.getAsInt();
    System.arraycopy(tokens, 0, sequence, 1, tokens.length);
    return sequence;
  }

  private static String hash(Map<String, int[]> sequences) {
    Sha256 hash = new Sha256();
    sequences
        .values()
        .forEach(
            tokens -> {
              java.nio.ByteBuffer bytes = java.nio.ByteBuffer.allocate(4 * tokens.length + 4);
              bytes.putInt(tokens.length);
              bytes.asIntBuffer().put(tokens);
              hash.add(bytes.rewind());
            });
    return hash.hex();
  }

  private static String firstLine(IOException e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("unreadable");
  }
}
