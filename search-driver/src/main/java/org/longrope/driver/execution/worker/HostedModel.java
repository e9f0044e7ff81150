package org.longrope.driver.execution.worker;

import ai.djl.Device;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.BadInputException;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.decoder.AttentionWindow;
import org.longrope.eval.decoder.Libtorch;
import org.longrope.eval.decoder.ResidentModel;
import org.longrope.eval.decoder.StopSignal;
import org.longrope.eval.decoder.StoppedException;
import org.longrope.eval.tokenizer.DocumentTokenizer;

/**
 * A resident model with what lies beside it, which is closed only when nobody uses it. Safe for use
 * by several threads.
 */
public final class HostedModel implements AutoCloseable {
  private final ResidentModel model;
  private final Path directory;
  private @Nullable DocumentTokenizer tokenizer;

  /** Shared by users: a model that is closed under one of them takes the process along. */
  private final ReadWriteLock use = new ReentrantReadWriteLock();

  private volatile boolean closed;

  private HostedModel(ResidentModel model, Path directory) {
    this.model = model;
    this.directory = directory;
  }

  /**
   * Loads an opened checkpoint, onto whatever libtorch finds.
   *
   * @param longestWindow in tokens, that the model will be asked for
   * @throws BadInputException if it does not fit
   */
  public static HostedModel load(Checkpoint checkpoint, AttentionWindow window, int longestWindow) {
    return new HostedModel(
        ResidentModel.load(checkpoint, window, longestWindow), checkpoint.directory());
  }

  /**
   * Loads what the driver has named.
   *
   * @param devices the CPU, or the GPUs that the model may use
   * @throws BadInputException if it is another model here, or does not fit
   */
  static HostedModel start(ModelSpec setup, List<Device> devices) {
    Libtorch.useThreads(setup.threads());
    ExecutorDevices.use(devices, setup.threads());
    Checkpoint checkpoint =
        ModelCache.ofHost().open(setup.model(), setup.modelHash(), setup.hadoop().configuration());
    requireHash(setup.model(), setup.modelHash(), checkpoint.sha256());
    AttentionWindow window = AttentionWindow.parse(setup.attentionWindow());
    return new HostedModel(
        ResidentModel.load(checkpoint, window, setup.longestWindow(), devices),
        checkpoint.directory());
  }

  /**
   * @throws BadInputException if something is not what the driver has
   */
  static void requireHash(String what, String expected, String found) {
    if (!found.equals(expected)) {
      throw BadInputException.of(
          "%s has other content here (%s…) than on the driver (%s…): expected the same files on"
              + " every host.",
          what, found.substring(0, 12), expected.substring(0, 12));
    }
  }

  public ResidentModel model() {
    return model;
  }

  /**
   * The model's tokenizer, opened at its first use; not to be closed by the caller.
   *
   * @param hash that it must have
   * @throws BadInputException if it is another one, or there is none
   */
  public synchronized DocumentTokenizer tokenizer(String hash) {
    if (tokenizer == null) {
      tokenizer = DocumentTokenizer.open(directory);
    }
    requireHash("The tokenizer of " + directory, hash, tokenizer.hash());
    return tokenizer;
  }

  /**
   * Works with the model, which stays open as long.
   *
   * @param stop asked now and then whether the work is still wanted
   * @param work given the signal that it is to heed: closing stops it too
   * @throws StoppedException when stopped
   * @throws ExecutorFault if the model is or was closed
   */
  public <T> T use(StopSignal stop, Function<StopSignal, T> work) {
    use.readLock().lock();
    try {
      if (closed) {
        throw ended(null);
      }
      return work.apply(stop.or(() -> closed));
    } catch (StoppedException e) {
      throw closed ? ended(e) : e;
    } finally {
      use.readLock().unlock();
    }
  }

  private static ExecutorFault ended(@Nullable Throwable cause) {
    return new ExecutorFault("its model was closed", cause);
  }

  /** Stops what is being done and waits until the device is done with it. */
  @Override
  public void close() {
    closed = true;
    use.writeLock().lock();
    try {
      model.close();
      closeTokenizer();
    } finally {
      use.writeLock().unlock();
    }
  }

  private synchronized void closeTokenizer() {
    if (tokenizer != null) {
      tokenizer.close();
      tokenizer = null;
    }
  }
}
