package org.longrope.datasets;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.SerializableConfiguration;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.BadInputException;
import org.longrope.eval.Sha256;

/**
 * Preparation of documents as an evaluation partition.
 *
 * <p>Three Spark jobs: the inputs' bytes are hashed, which shows whether there is anything to do;
 * documents are tokenised and kept on the executors' disks while the driver collects their ids and
 * lengths and chooses; the chosen are brought together in stored order and written. The directory
 * appears under its name only when it is whole. No job runs where the listing of the inputs shows
 * that they are unchanged.
 */
public final class Preparation {
  private static final int TASKS_PER_CORE = 16;

  private final JavaSparkContext context;
  private final PrepareRequest request;
  private final ProgressListener listener;
  private final Broadcast<SerializableConfiguration> configuration;
  private final Configuration hadoop;

  private Preparation(JavaSparkContext context, PrepareRequest request, ProgressListener listener) {
    this.context = context;
    this.request = request;
    this.listener = listener;
    hadoop = context.hadoopConfiguration();
    configuration = context.broadcast(new SerializableConfiguration(hadoop));
  }

  /**
   * Returns the result of a preparation that has nothing to do, without Spark and without reading
   * the inputs: the partition exists, and paths, lengths and modification times of its inputs are
   * those that it was prepared from. Empty where {@link #run} must decide by the inputs' bytes.
   *
   * @throws BadInputException if an input, the tokenizer or the output cannot be used
   */
  public static Optional<PrepareResult> unchanged(PrepareRequest request, Configuration hadoop) {
    OutputDirectory output = OutputDirectory.of(request, hadoop);
    Manifest existing = output.existing();
    if (existing == null) {
      return Optional.empty();
    }
    long listedAtMs = System.currentTimeMillis();
    List<InputFile> files = InputFiles.find(request, hadoop);
    return InputListing.fingerprint(
            request, files, tokenizerFiles(request, hadoop), listedAtMs, existing.inputHash())
        .filter(output::hasFingerprint)
        .map(fingerprint -> PrepareResult.nothingToDo(existing));
  }

  /**
   * Prepares a partition unless it exists already.
   *
   * @param context its Hadoop configuration resolves paths; if Kryo serializes, {@link WireTypes}
   *     must be registered
   * @throws BadInputException if an input, the tokenizer or the output cannot be used, or too few
   *     documents are left; nothing is left at the output then
   */
  public static PrepareResult run(
      JavaSparkContext context, PrepareRequest request, ProgressListener listener) {
    return run(context, request, listener, WritePlan.PART_TOKENS);
  }

  static PrepareResult run(
      JavaSparkContext context,
      PrepareRequest request,
      ProgressListener listener,
      long partTokens) {
    return new Preparation(context, request, listener).run(partTokens);
  }

  private PrepareResult run(long partTokens) {
    if (request.split() == null && request.effectiveSplit() != null) {
      listener.note("No split was named: reading " + request.effectiveSplit() + ".");
    }
    Optional<PrepareResult> unchanged = unchanged(request, hadoop);
    if (unchanged.isPresent()) {
      return unchanged.get();
    }
    OutputDirectory output = OutputDirectory.of(request, hadoop);
    Manifest existing = output.existing();
    long listedAtMs = System.currentTimeMillis();
    List<InputFile> files = InputFiles.find(request, hadoop);
    TokenizerFiles tokenizerFiles = tokenizerFiles(request, hadoop);
    SequenceOrigin origin =
        SequenceOrigin.of(tokenizerFiles == null ? null : tokenizerFiles.open(), request.bos());
    if (origin.note() != null) {
      listener.note(origin.note());
    }
    String inputHash = inputHash(files, origin);
    Optional<String> fingerprint =
        InputListing.fingerprint(request, files, tokenizerFiles, listedAtMs, inputHash);
    if (existing != null) {
      if (!existing.inputHash().equals(inputHash)) {
        throw BadInputException.of(
            "%s holds a partition of other input or other options: choose another output, or remove"
                + " it.",
            output.path());
      }
      fingerprint.ifPresent(output::recordFingerprint);
      return PrepareResult.nothingToDo(existing);
    }
    JavaRDD<TaskResult<TokenisedDocument>> tokenised = tokenised(files, tokenizerFiles);
    try {
      List<StagedShare> shares = stage(tokenised);
      long empty = shares.stream().mapToLong(StagedShare::empty).sum();
      long skipped = shares.stream().mapToLong(StagedShare::skipped).sum();
      noteLeftOut(shares, empty, skipped);
      List<StagedDocument> staged =
          Selection.named(
              shares.stream().flatMap(share -> Arrays.stream(share.documents())).toList(), files);
      List<StagedDocument> longEnough =
          staged.stream().filter(d -> d.tokenCount() >= request.minTokens()).toList();
      WritePlan plan = WritePlan.of(choose(staged, longEnough), partTokens);
      Manifest manifest =
          new PartitionWriter(context, configuration)
              .write(
                  output.path(),
                  tokenised,
                  plan,
                  Manifest.contentHash(origin.formatVersion(), origin.bosTokenId()),
                  hash -> manifest(plan, inputHash, hash, origin));
      fingerprint.ifPresent(output::recordFingerprint);
      return new PrepareResult(
          manifest, false, staged.size(), staged.size() - longEnough.size(), empty, skipped);
    } finally {
      tokenised.unpersist(false);
    }
  }

  private static @Nullable TokenizerFiles tokenizerFiles(
      PrepareRequest request, Configuration hadoop) {
    String directory = request.tokenizer();
    return directory == null ? null : TokenizerFiles.read(directory, hadoop);
  }

  private void noteLeftOut(List<StagedShare> shares, long empty, long skipped) {
    if (empty > 0) {
      listener.note(String.format("Left out %,d empty documents.", empty));
    }
    if (skipped > 0) {
      String first =
          shares.stream().map(StagedShare::firstSkipped).filter(Objects::nonNull).findFirst().get();
      listener.note(
          String.format("Left out %,d bad rows (--skip-bad); the first: %s", skipped, first));
    }
  }

  private String inputHash(List<InputFile> files, SequenceOrigin origin) {
    Broadcast<SerializableConfiguration> executorConfiguration = configuration;
    JavaRDD<TaskResult<String>> tasks =
        context
            .parallelize(files, files.size())
            .map(
                file ->
                    TaskResult.attempt(
                        "Cannot read " + file.location(),
                        () -> hash(file, executorConfiguration.value().value())));
    int[] done = new int[1];
    List<String> hashes =
        SparkTasks.run(
            context, "Hash inputs", tasks, hash -> listener.read(++done[0], files.size()));
    Sha256 hash =
        new Sha256()
            .add(Integer.toString(Manifest.FIRST_FORMAT_VERSION))
            .add(request.format().word())
            .add(String.valueOf(request.effectiveSplit()))
            .add(Integer.toString(request.minTokens()))
            .add(String.valueOf(request.sample()))
            .add(Long.toString(request.seed()))
            .add(String.valueOf(origin.tokenizerHash()))
            .add(String.valueOf(origin.bosTokenId()));
    // Only settings that differ from the default are hashed, so that older partitions match.
    if (!request.reading().equals(ReadSettings.DEFAULT)) {
      hash.add(request.reading().toString());
    }
    for (InputFile file : files) {
      hash.add(file.label()).add(file.title()).add(hashes.get(file.index()));
    }
    return hash.hex();
  }

  private static String hash(InputFile file, Configuration hadoop) throws IOException {
    try (InputStream stream = file.path().getFileSystem(hadoop).open(file.path())) {
      return new Sha256().add(stream).hex();
    }
  }

  private JavaRDD<TaskResult<TokenisedDocument>> tokenised(
      List<InputFile> files, @Nullable TokenizerFiles tokenizer) {
    int cores = context.defaultParallelism();
    // Reading a file twice is cheap against tokenising it, so few large files are shared by rows.
    int shares = request.format().shareable() ? Math.max(1, 2 * cores / files.size()) : 1;
    List<InputFile> work = new ArrayList<>();
    for (InputFile file : files) {
      for (int share = 0; share < shares; share++) {
        work.add(file.share(share, shares));
      }
    }
    Broadcast<TokenizerFiles> sent = tokenizer == null ? null : context.broadcast(tokenizer);
    return context
        .parallelize(work, Math.min(work.size(), cores * TASKS_PER_CORE))
        .mapPartitions(new TokeniseTask(configuration, request.reading(), sent))
        .persist(StorageLevel.DISK_ONLY());
  }

  private List<StagedShare> stage(JavaRDD<TaskResult<TokenisedDocument>> tokenised) {
    int shares = tokenised.getNumPartitions();
    long[] done = new long[3];
    return SparkTasks.run(
        context,
        "Tokenise documents",
        tokenised.mapPartitions(documents -> List.of(StagedShare.of(documents)).iterator()),
        share -> {
          done[0] += share.documents().length;
          for (StagedDocument document : share.documents()) {
            done[1] += document.tokenCount();
          }
          listener.tokenised(done[0], done[1], (int) ++done[2], shares);
        });
  }

  private List<StagedDocument> choose(
      List<StagedDocument> staged, List<StagedDocument> longEnough) {
    Integer sample = request.sample();
    if (longEnough.isEmpty() || (sample != null && longEnough.size() < sample)) {
      throw BadInputException.of(
          "Expected %s documents of at least %d tokens, but the input has %d (of %d; the longest"
              + " has %d tokens): lower the minimum or the sample, or give more input.",
          sample == null ? "some" : sample,
          Math.max(1, request.minTokens()),
          longEnough.size(),
          staged.size(),
          staged.stream().mapToInt(StagedDocument::tokenCount).max().orElse(0));
    }
    return sample == null ? longEnough : Selection.sample(longEnough, sample, request.seed());
  }

  private Manifest manifest(
      WritePlan plan, String inputHash, String contentHash, SequenceOrigin origin) {
    return new Manifest(
        origin.formatVersion(),
        request.format().word(),
        request.inputs().stream().map(input -> new Path(input).getName()).toList(),
        request.effectiveSplit(),
        origin.tokenizerHash(),
        origin.bosTokenId(),
        plan.keys().length,
        plan.tokens(),
        request.minTokens(),
        request.sample(),
        request.seed(),
        inputHash,
        contentHash,
        plan.fileNames());
  }
}
