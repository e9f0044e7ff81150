package org.longrope.driver.execution.worker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileUtil;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.store.files.FileLocation;
import org.longrope.eval.BadInputException;
import org.longrope.eval.Sha256;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.family.DecoderSpecReader;
import org.longrope.eval.family.TensorNames;

/**
 * Copies of remote models on this host, each copied once and known by its hash. Weights are mapped
 * into memory, which requires a local file. Local models are used in place.
 *
 * <pre>
 *   SHA256/           a complete model whose hash was verified
 *   SHA256-OTHERS/    the same weights with another tokenizer
 *   sources/          by fingerprint of a listing: the name of the directory copied from it
 *   LOCATION.lock     held while the model of a location is copied
 *   LOCATION.part/    the unfinished copy
 *   SHA256.lock       held while a directory of that name is created or a damaged one removed
 * </pre>
 *
 * <p>A copy is hashed once each time a process opens it, and the returned {@link Checkpoint} keeps
 * that hash: an existing copy when it is opened, a new one when it is complete and not yet renamed.
 * Nothing else reads all weights, except that a copy found damaged is hashed again under the lock
 * before it is removed, because another process may have replaced it meanwhile. The files of the
 * remote file system are read once, by the copy.
 *
 * <p>Safe for use by several threads and processes: they wait for one another and copy once.
 */
public final class ModelCache {
  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");
  private static final Pattern MODEL = Pattern.compile("[0-9a-f]{64}(-[0-9a-f]{16})?");

  private final Path directory;

  /**
   * Creates a cache.
   *
   * @param directory where copies are kept; created with the first one
   */
  public ModelCache(Path directory) {
    this.directory = directory.toAbsolutePath().normalize();
  }

  /**
   * Returns the cache that all processes of this user share on this host: the system property
   * {@code longrope.cache}, else the environment variable LONGROPE_CACHE, else {@code
   * .cache/longrope/models} in the home directory, else, if the home directory is not writable, a
   * directory of the user among the temporary files.
   */
  public static ModelCache ofHost() {
    return new ModelCache(ModelCacheLocation.ofHost());
  }

  /**
   * Opens a model. A remote one is copied first, unless a complete copy exists.
   *
   * @param location a local directory or a Hadoop path
   * @param sha256 of the model if it is known: a copy with that hash is used without contacting the
   *     remote file system. A local directory may have another hash, which the caller verifies
   * @throws BadInputException if the location holds no usable model, or another one, or it cannot
   *     be copied; no copy of it is left then
   */
  public Checkpoint open(String location, @Nullable String sha256, Configuration hadoop) {
    if (sha256 != null && !SHA256.matcher(sha256).matches()) {
      throw new IllegalArgumentException("'" + sha256 + "' is no SHA-256");
    }
    FileLocation parsed = FileLocation.parse(location);
    if (!parsed.isRemote()) {
      return local(parsed.local());
    }
    RemoteModel remote = sha256 == null ? RemoteModel.list(location, hadoop) : null;
    Path copy = existing(remote, sha256);
    Checkpoint checkpoint = copy == null ? null : whole(copy);
    return checkpoint == null
        ? copied(
            location, remote == null ? RemoteModel.list(location, hadoop) : remote, sha256, hadoop)
        : checkpoint;
  }

  /** Opens a local model. Where the weights alone are rejected, config.json can still be shown. */
  private static Checkpoint local(Path model) {
    try {
      return Checkpoint.open(model);
    } catch (BadInputException e) {
      if (!isDescribed(model)) {
        throw e;
      }
      String sentence = String.valueOf(e.getMessage()).replaceFirst("\\.$", "");
      throw new BadInputException(
          sentence + " ('longrope inspect " + model + "' shows the model of config.json).", e);
    }
  }

  private static boolean isDescribed(Path model) {
    try {
      DecoderSpecReader.read(model.resolve("config.json"), TensorNames.UNKNOWN);
      return true;
    } catch (BadInputException | UncheckedIOException e) {
      return false;
    }
  }

  /** Opens and hashes a copy; returns null if it is damaged. */
  private static @Nullable Checkpoint whole(Path model) {
    try {
      Checkpoint checkpoint = Checkpoint.open(model);
      String name = String.valueOf(model.getFileName());
      return name.startsWith(checkpoint.sha256()) ? checkpoint : null;
    } catch (BadInputException | UncheckedIOException e) {
      return null;
    }
  }

  /** Finds the copy with a hash or, if that is not known, the copy of a listing. */
  private @Nullable Path existing(@Nullable RemoteModel remote, @Nullable String sha256) {
    String name = sha256;
    if (name == null && remote != null) {
      name = copiedFrom(remote.fingerprint());
    }
    return name != null && Files.isDirectory(directory.resolve(name))
        ? directory.resolve(name)
        : null;
  }

  private @Nullable String copiedFrom(String fingerprint) {
    Path note = sources().resolve(fingerprint);
    try {
      String name = Files.isRegularFile(note) ? Files.readString(note) : "";
      return MODEL.matcher(name).matches() ? name : null;
    } catch (IOException e) {
      // A note that cannot be read costs a copy, no more.
      return null;
    }
  }

  private Checkpoint copied(
      String location, RemoteModel remote, @Nullable String expected, Configuration hadoop) {
    String name = new Sha256().add(remote.folder().toString()).hex();
    try {
      Files.createDirectories(sources());
      return HostLock.holding(
          lock(name),
          () -> {
            // Another process may have copied it while this one waited.
            Path copy = existing(remote, expected);
            if (copy != null) {
              Optional<Checkpoint> checkpoint =
                  HostLock.holding(lock(copy), () -> wholeOrRemoved(copy));
              if (checkpoint.isPresent()) {
                return checkpoint.get();
              }
            }
            Path part = directory.resolve(name + ".part");
            delete(part); // Of a process that died.
            try {
              return fetch(location, remote, part, expected, hadoop);
            } finally {
              delete(part);
            }
          });
    } catch (IOException | UncheckedIOException e) {
      throw new BadInputException(
          String.format(
              "Cannot copy %s to %s: %s; expected a readable source and a writable directory;"
                  + " correct it or choose another directory by LONGROPE_CACHE.",
              location, directory, RemoteModel.firstLine(e)),
          e);
    }
  }

  /** Opens an existing copy, under its lock, or removes it if it is damaged. */
  private static Optional<Checkpoint> wholeOrRemoved(Path model) throws IOException {
    Optional<Checkpoint> checkpoint =
        Files.isDirectory(model) ? Optional.ofNullable(whole(model)) : Optional.empty();
    if (checkpoint.isEmpty()) {
      delete(model);
    }
    return checkpoint;
  }

  private Path lock(Path model) {
    return lock(String.valueOf(model.getFileName()));
  }

  private Path lock(String name) {
    return directory.resolve(name + ".lock");
  }

  private Checkpoint fetch(
      String location,
      RemoteModel remote,
      Path part,
      @Nullable String expected,
      Configuration hadoop)
      throws IOException {
    Files.createDirectory(part);
    long room = Files.getFileStore(part).getUsableSpace();
    if (room < remote.bytes()) {
      throw BadInputException.of(
          "Cannot copy %s to %s: expected room for %.1f GiB and found %.1f; free some, or choose"
              + " another directory by LONGROPE_CACHE.",
          location, directory, remote.bytes() / 0x1p30, room / 0x1p30);
    }
    remote.copyTo(part);
    if (!RemoteModel.list(location, hadoop).fingerprint().equals(remote.fingerprint())) {
      throw BadInputException.of(
          "%s changed while it was copied: expected a model that does not change; try again when it"
              + " is complete.",
          location);
    }
    String found = hash(part, location);
    if (expected != null && !expected.equals(found)) {
      throw BadInputException.of(
          "%s has SHA-256 %s: expected %s; restore that model, or begin again with"
              + " the present one.",
          location, found, expected);
    }
    Checkpoint checkpoint = publish(part, found);
    note(remote.fingerprint(), String.valueOf(checkpoint.directory().getFileName()));
    return checkpoint;
  }

  private static String hash(Path part, String location) {
    try {
      return Checkpoint.open(part).sha256();
    } catch (BadInputException e) {
      String message = String.valueOf(e.getMessage());
      throw new BadInputException(message.replace(part.toString(), location), e);
    }
  }

  /**
   * Renames a complete copy by its hash. An equal copy of another location is kept instead. The
   * hash is over config and weights: with another tokenizer the copy gets a name of its own.
   */
  private Checkpoint publish(Path part, String sha256) throws IOException {
    String others = others(part);
    for (String name : List.of(sha256, sha256 + "-" + others.substring(0, 16))) {
      Path model = directory.resolve(name);
      Optional<Checkpoint> published =
          HostLock.holding(
              lock(name),
              () -> {
                Optional<Checkpoint> checkpoint = wholeOrRemoved(model);
                if (checkpoint.isEmpty()) {
                  Files.move(part, model, StandardCopyOption.ATOMIC_MOVE);
                  return Optional.of(Checkpoint.open(model, sha256));
                }
                return others.equals(others(model)) ? checkpoint : Optional.empty();
              });
      if (published.isPresent()) {
        return published.get();
      }
    }
    throw new IOException("another tokenizer has the hash " + others);
  }

  /** Computes the SHA-256 over all files that are not weights. */
  private static String others(Path model) throws IOException {
    Sha256 hash = new Sha256();
    try (Stream<Path> files = Files.list(model)) {
      files
          .filter(file -> !file.toString().endsWith(".safetensors"))
          .sorted()
          .forEach(file -> hash.add(String.valueOf(file.getFileName())).addFile(file));
    }
    return hash.hex();
  }

  private void note(String fingerprint, String model) throws IOException {
    Path part = Files.createTempFile(sources(), "note-", ".part");
    Files.writeString(part, model);
    Files.move(part, sources().resolve(fingerprint), StandardCopyOption.ATOMIC_MOVE);
  }

  private Path sources() {
    return directory.resolve("sources");
  }

  private static void delete(Path folder) throws IOException {
    if (Files.exists(folder) && !FileUtil.fullyDelete(folder.toFile())) {
      throw new IOException("cannot remove " + folder);
    }
  }
}
