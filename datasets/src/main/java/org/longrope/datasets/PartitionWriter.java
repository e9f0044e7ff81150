package org.longrope.datasets;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.longrope.eval.BadInputException;
import org.longrope.eval.Sha256;
import scala.Tuple2;

/**
 * Writer of chosen documents in stored order: parts first, the manifest last, all below a temporary
 * name beside the output. One rename makes the output of it.
 */
final class PartitionWriter {
  private final JavaSparkContext context;
  private final Broadcast<SerializableConfiguration> configuration;

  PartitionWriter(JavaSparkContext context, Broadcast<SerializableConfiguration> configuration) {
    this.context = context;
    this.configuration = configuration;
  }

  /**
   * Writes the documents that the plan chooses.
   *
   * @param content begun hash, to which the hashes of the documents are added in stored order
   * @param manifest is made last, from the content hash
   * @throws BadInputException if the file system rejects it
   */
  Manifest write(
      Path output,
      JavaRDD<TaskResult<TokenisedDocument>> tokenised,
      WritePlan plan,
      Sha256 content,
      Function<String, Manifest> manifest) {
    Path temporary = output.suffix(".tmp-" + UUID.randomUUID());
    try {
      FileSystem fileSystem = output.getFileSystem(context.hadoopConfiguration());
      try {
        for (String[] hashes : writeParts(temporary, tokenised, plan)) {
          for (String hash : hashes) {
            content.add(hash);
          }
        }
        Manifest written = manifest.apply(content.hex());
        try (OutputStream stream = fileSystem.create(new Path(temporary, Manifest.FILE), false)) {
          stream.write(written.print().getBytes(StandardCharsets.UTF_8));
        }
        // An empty directory would take the renamed one in, below itself.
        fileSystem.delete(output, false);
        if (!fileSystem.rename(temporary, output)) {
          throw new IOException("cannot rename " + temporary);
        }
        return written;
      } finally {
        fileSystem.delete(temporary, true);
      }
    } catch (IOException e) {
      throw new BadInputException(
          String.format(
              "Cannot write %s (%s): check the space and the rights there.",
              output, TaskResult.reason(e)),
          e);
    }
  }

  /** Writes the part files; the documents' hashes come back by part. */
  private List<String[]> writeParts(
      Path directory, JavaRDD<TaskResult<TokenisedDocument>> tokenised, WritePlan plan) {
    Broadcast<WritePlan> sent = context.broadcast(plan);
    Broadcast<SerializableConfiguration> executorConfiguration = configuration;
    String location = directory.toString();
    JavaRDD<TaskResult<String[]>> tasks =
        tokenised
            .mapToPair(
                outcome -> {
                  TokenisedDocument document = outcome.orThrow();
                  return new Tuple2<>(sent.value().position(document), document);
                })
            .filter(placed -> placed._1() >= 0)
            .repartitionAndSortWithinPartitions(new WritePlan.ByPart(plan))
            .mapPartitions(
                placed ->
                    List.of(
                            TaskResult.attempt(
                                "Cannot write to " + location,
                                () ->
                                    writePart(
                                        new Path(location),
                                        placed,
                                        sent.value(),
                                        executorConfiguration.value().value())))
                        .iterator());
    return SparkTasks.run(context, "Write partition", tasks, hashes -> {});
  }

  private static String[] writePart(
      Path directory,
      Iterator<Tuple2<Integer, TokenisedDocument>> placed,
      WritePlan plan,
      Configuration hadoop)
      throws IOException {
    TaskContext task = TaskContext.get();
    Path file = new Path(directory, WritePlan.fileName(task.partitionId()));
    // A second attempt at this task must not meet the first one's file half written.
    Path attempt = file.suffix(".attempt-" + task.taskAttemptId());
    List<String> hashes = new ArrayList<>();
    try (PartFile.Writer writer = new PartFile.Writer(attempt, hadoop)) {
      while (placed.hasNext()) {
        Tuple2<Integer, TokenisedDocument> next = placed.next();
        int position = next._1();
        TokenisedDocument document = next._2();
        hashes.add(writer.add(position, plan.ids()[position], document.title(), document.tokens()));
      }
    }
    FileSystem fileSystem = file.getFileSystem(hadoop);
    fileSystem.delete(file, false);
    if (!fileSystem.rename(attempt, file)) {
      throw new IOException("cannot rename " + attempt);
    }
    return hashes.toArray(new String[0]);
  }
}
