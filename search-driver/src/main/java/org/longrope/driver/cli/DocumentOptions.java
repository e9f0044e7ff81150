package org.longrope.driver.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.measure.perplexity.Documents;
import org.longrope.driver.recipe.ArtifactCatalog;
import org.longrope.driver.store.files.FileLocation;
import org.longrope.eval.perplexity.Protocol;
import picocli.CommandLine.Option;

/** Options that say what is read; one of them. */
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
   * Reads what was named.
   *
   * @param model local directory of the checkpoint
   */
  Documents read(Path model, Configuration hadoop, BosOption bos) {
    if (data != null) {
      bos.requireAbsent("the partition says whether its documents begin with BOS (prepare --bos)");
      return Documents.ofPartition(data, model, hadoop);
    }
    if (tokenIds != null) {
      bos.requireAbsent("ids are used as they are");
      return Documents.ofTokenIds(tokenIds.on(hadoop));
    }
    return Documents.ofTexts(texts.stream().map(text -> text.on(hadoop)).toList(), model, bos::of);
  }

  /** Windows of all documents, as far as they are there to be counted; else one each. */
  double windows(Protocol protocol, ArtifactCatalog known) {
    if (data == null) {
      return tokenIds != null ? 1 : texts.size();
    }
    return known
        .partition(data)
        .map(
            partition ->
                partition.documents().stream()
                    .mapToDouble(document -> windows(protocol, document.tokenCount()))
                    .sum())
        .orElse(1.0);
  }

  private static double windows(Protocol protocol, int tokens) {
    return protocol instanceof Protocol.Sliding sliding
        ? 1 + Math.ceil(Math.max(0.0, tokens - sliding.length()) / sliding.stride())
        : 1;
  }
}
