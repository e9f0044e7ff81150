package org.longrope.driver.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.measure.perplexity.Documents;
import org.longrope.driver.recipe.ArtifactCatalog;
import org.longrope.driver.store.files.FileLocation;
import org.longrope.eval.BadInputException;
import org.longrope.eval.perplexity.Protocol;
import picocli.CommandLine.Option;

/** Options that name the documents, of which one is given. */
final class DocumentOptions {
  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Evaluation partition, as 'longrope prepare' writes it.")
  @Nullable String data;

  @Option(
      names = "--text",
      arity = "1..*",
      paramLabel = "FILE",
      description = "Text files, tokenised whole, in place of --data.")
  List<FileLocation> texts = new ArrayList<>();

  @Option(
      names = "--token-ids",
      paramLabel = "FILE",
      description = "JSON array of token ids in place of --data, used as they are.")
  @Nullable FileLocation tokenIds;

  /**
   * Reads the documents.
   *
   * @param model local directory of the checkpoint
   * @param count documents to take from the partition; null for all
   * @param length tokens that each of so many has at least
   * @throws BadInputException if they cannot be read, or an option does not fit them
   */
  Documents read(
      Path model, Configuration hadoop, BosOption bos, @Nullable Integer count, int length) {
    if (data != null) {
      bos.requireAbsent("the partition says whether its documents begin with BOS (prepare --bos)");
      Documents all = Documents.ofPartition(data, model, hadoop);
      return count == null ? all : all.first(requirePositive(count), length);
    }
    if (count != null) {
      throw BadInputException.of(
          "--documents is %d and no partition is read: expected it with --data; leave it out.",
          count);
    }
    if (tokenIds != null) {
      bos.requireAbsent("ids are used as they are");
      return Documents.ofTokenIds(tokenIds.on(hadoop));
    }
    return Documents.ofTexts(texts.stream().map(text -> text.on(hadoop)).toList(), model, bos::of);
  }

  private static int requirePositive(int count) {
    if (!(count >= 1)) {
      throw BadInputException.of("--documents is %d: expected 1 or more.", count);
    }
    return count;
  }

  /**
   * Returns the windows of all documents, as far as these exist already; else one a document.
   *
   * @param count documents to take from the partition; null for all
   */
  double windows(Protocol protocol, ArtifactCatalog known, @Nullable Integer count) {
    if (data == null) {
      return tokenIds != null ? 1 : texts.size();
    }
    return known
        .partition(data)
        .map(
            partition ->
                partition.documents().stream()
                    .filter(each -> count == null || each.tokenCount() >= protocol.length() - 1)
                    .limit(count == null ? Long.MAX_VALUE : count)
                    .mapToDouble(document -> windows(protocol, document.tokenCount()))
                    .sum())
        .orElse(count == null ? 1.0 : count);
  }

  private static double windows(Protocol protocol, int tokens) {
    return protocol instanceof Protocol.Sliding sliding
        ? 1 + Math.ceil(Math.max(0.0, tokens - sliding.length()) / sliding.stride())
        : 1;
  }
}
