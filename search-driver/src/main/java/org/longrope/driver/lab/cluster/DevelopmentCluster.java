package org.longrope.driver.lab.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.hadoop.fs.FileUtil;
import org.longrope.eval.BadInputException;

/**
 * Spark standalone master and its workers on 127.0.0.1, from the jars on this process's class path.
 * All its files are in one folder, which only its owner may read; every process and application
 * must know the secret in it.
 */
public final class DevelopmentCluster {
  private final ClusterFiles files;

  /**
   * Names a cluster.
   *
   * @param directory of the cluster; need not exist
   */
  public DevelopmentCluster(Path directory) {
    files = new ClusterFiles(directory);
  }

  /**
   * Result of a start.
   *
   * @param status afterwards
   * @param started roles of the started processes
   */
  public record Started(ClusterStatus status, List<String> started) {
    public Started {
      started = List.copyOf(started);
    }
  }

  /** Returns the folder. */
  public Path directory() {
    return files.directory();
  }

  /**
   * Starts the missing processes, and returns when every worker is registered with the master.
   * Surplus workers keep running.
   *
   * @throws BadInputException if the request does not fit the host or the running cluster, or the
   *     folder cannot be written
   * @throws IllegalStateException if a process ends or does not answer in time
   */
  public Started start(ClusterRequest request) {
    // What cannot be is refused before a folder is made.
    ClusterShape wanted = shape(request);
    wanted.gpus().requireOnHost(wanted.workers());
    files.create();
    return locked(() -> new ClusterStart(files, shape(request)).run());
  }

  /** Returns the shape to run: the requested values in place of the present ones. */
  private ClusterShape shape(ClusterRequest request) {
    Optional<ClusterState> state = ClusterState.read(files.state());
    ClusterShape present = state.map(ClusterState::shape).orElse(ClusterShape.DEFAULT);
    ClusterShape wanted = request.over(present);
    wanted.check();
    boolean alive = state.map(ClusterState::anyAlive).orElse(false);
    if (alive && !wanted.equals(present.withWorkers(wanted.workers()))) {
      throw BadInputException.of(
          "The cluster in %s runs with --cores-per-worker %d --gpus-per-worker %s: expected the"
              + " same; stop it first to change them.",
          files.directory(), present.coresPerWorker(), present.gpus());
    }
    return alive ? wanted.withWorkers(Math.max(wanted.workers(), present.workers())) : wanted;
  }

  /** Returns the status; empty if nothing was started, or it was stopped. */
  public Optional<ClusterStatus> status() {
    return ClusterState.read(files.state()).map(state -> ClusterStatus.of(state, files));
  }

  /**
   * Ends the workers with their executors, and then the master, and no other process.
   *
   * @return how many processes were ended
   * @throws IllegalStateException if one does not end
   */
  public int stop() {
    if (ClusterState.read(files.state()).isEmpty()) {
      return 0;
    }
    return locked(
        () -> {
          int ended =
              ClusterState.read(files.state())
                  .map(state -> ProcessEnding.endAll(state.processes()))
                  .orElse(0);
          try {
            Files.deleteIfExists(files.state());
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
          // The secret is not kept for a cluster that is no more.
          FileUtil.fullyDelete(files.conf().toFile());
          return ended;
        });
  }

  /** Runs one start or stop at a time. */
  private <T> T locked(Supplier<T> action) {
    try (FileChannel channel =
            FileChannel.open(files.lock(), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = tryLock(channel)) {
      return action.get();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private FileLock tryLock(FileChannel channel) throws IOException {
    FileLock lock;
    try {
      lock = channel.tryLock();
    } catch (OverlappingFileLockException e) {
      lock = null;
    }
    if (lock == null) {
      throw BadInputException.of(
          "Another 'cluster start' or 'cluster stop' is at work in %s: wait for its end.",
          files.directory());
    }
    return lock;
  }
}
