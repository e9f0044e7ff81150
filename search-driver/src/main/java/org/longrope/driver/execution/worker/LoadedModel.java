package org.longrope.driver.execution.worker;

import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.BadInputException;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.decoder.AttentionWindow;
import org.longrope.eval.decoder.ResidentModel;
import org.longrope.eval.decoder.StopSignal;
import org.longrope.eval.decoder.StoppedException;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;
import org.longrope.eval.tokenizer.DocumentTokenizer;

/**
 * A resident model with its tokenizer. It can be closed while others use it: closing stops their
 * work and waits for its end. Safe for use by several threads.
 */
public final class LoadedModel implements AutoCloseable {
  private static final Pattern MEMORY = Pattern.compile("(?i)out of memory|can't allocate memory");

  private final ResidentModel model;
  private final Path directory;
  private final AtomicReference<Double> loadSeconds = new AtomicReference<>(0.0);
  private @Nullable DocumentTokenizer tokenizer;

  /** Held for reading by users: native code that loses its model ends the process. */
  private final ReadWriteLock use = new ReentrantReadWriteLock();

  private volatile boolean closed;
  private boolean freed;

  /**
   * Wraps a model.
   *
   * @param directory of the model's files, where its tokenizer is
   */
  LoadedModel(ResidentModel model, Path directory) {
    this.model = model;
    this.directory = directory;
  }

  /**
   * Loads an opened checkpoint, onto the GPUs that libtorch finds, else for the CPU.
   *
   * @param longestWindow that tasks will evaluate, in tokens
   * @throws BadInputException if it does not fit
   */
  public static LoadedModel load(Checkpoint checkpoint, AttentionWindow window, int longestWindow) {
    return new LoadedModel(
        ResidentModel.load(checkpoint, window, longestWindow), checkpoint.directory());
  }

  public ResidentModel model() {
    return model;
  }

  void loadedIn(double seconds) {
    loadSeconds.set(seconds);
  }

  /** Returns how long loading took, in seconds, at the first call, and 0 from then on. */
  public double takeLoadSeconds() {
    return loadSeconds.getAndSet(0.0);
  }

  /**
   * Returns the model's tokenizer, which is opened at its first use and closed with the model.
   *
   * @param hash that it must have
   * @throws BadInputException if it has another one, or the model has no tokenizer
   */
  public synchronized DocumentTokenizer tokenizer(String hash) {
    if (tokenizer == null) {
      tokenizer = DocumentTokenizer.open(directory);
    }
    RequiredHash.check("The tokenizer of " + directory, hash, tokenizer.hash());
    return tokenizer;
  }

  /**
   * Works with the model, which stays open until the work is done or stopped.
   *
   * @param stop tells whether the work is still wanted
   * @param work takes the signal that it must heed: closing the model raises it too
   * @throws StoppedException when stopped
   * @throws ExecutorFault if the model is or was closed
   */
  public <T> T use(StopSignal stop, Function<StopSignal, T> work) {
    use.readLock().lock();
    try {
      if (closed) {
        throw closedFault(null);
      }
      return work.apply(stop.or(() -> closed));
    } catch (StoppedException e) {
      throw closed ? closedFault(e) : e;
    } finally {
      use.readLock().unlock();
    }
  }

  private static ExecutorFault closedFault(@Nullable Throwable cause) {
    return new ExecutorFault("its model was closed", cause);
  }

  /**
   * Decides whose fault a failed forward pass is; for use within {@link #use}. Returns if it is the
   * rescaling's: all rescalings take the same memory, and a healthy device evaluates two tokens.
   *
   * @throws ExecutorFault if the device failed
   */
  public void requireHealth(RuntimeException failure) {
    String message = String.valueOf(failure.getMessage());
    String reason = message.strip().lines().findFirst().orElse("");
    if (MEMORY.matcher(message).find()) {
      throw new ExecutorFault("its memory is short: " + reason, failure);
    }
    try {
      int pairs = model.config().rope().pairs();
      model.nll(new int[] {0, 0}, 1, new Rescaling(RescaleFactors.uniform(pairs, 1), 0, 1));
    } catch (RuntimeException e) {
      throw new ExecutorFault("its device is lost: " + reason, e);
    }
  }

  /** Stops the work that uses the model, waits for its end and frees the memory. */
  @Override
  public void close() {
    closed = true;
    use.writeLock().lock();
    try {
      free();
    } finally {
      use.writeLock().unlock();
    }
  }

  /** Frees the memory unless the model is in use; returns whether it did. */
  boolean closeIfIdle() {
    if (!use.writeLock().tryLock()) {
      return false;
    }
    try {
      closed = true;
      free();
      return true;
    } finally {
      use.writeLock().unlock();
    }
  }

  private synchronized void free() {
    if (freed) {
      return;
    }
    freed = true;
    model.close();
    if (tokenizer != null) {
      tokenizer.close();
      tokenizer = null;
    }
  }
}
