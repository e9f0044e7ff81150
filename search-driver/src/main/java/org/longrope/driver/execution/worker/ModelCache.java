package org.longrope.driver.execution.worker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileUtil;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.store.files.FileLocation;
import org.longrope.eval.BadInputException;
import org.longrope.eval.Sha256;
import org.longrope.eval.checkpoint.Checkpoint;

/**
 * Models of other file systems, copied to this host once and known by their hash. Weights are
 * mapped into memory, which takes a local file; models that are local already are used in place.
 *
 * <pre>
 *   SHA256/           a whole model whose hash was verified
 *   SHA256-OTHERS/    the same weights with another tokenizer
 *   sources/          by fingerprint of a listing: the directory above that was copied from it
 *   LOCATION.lock     held while the model of a location is copied
 *   LOCATION.part/    the copy under way
 * </pre>
 *
 * <p>A model gets its name by one rename when it is whole. Safe for use by several threads and
 * processes; they wait for one another and copy once.
 */
public final class ModelCache {
  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");
  private static final Pattern MODEL = Pattern.compile("[0-9a-f]{64}(-[0-9a-f]{16})?");

  private final Path directory;

  /**
   * @param directory where copies are kept; made when the first is needed
   */
  public ModelCache(Path directory) {
    this.directory = directory.toAbsolutePath().normalize();
  }

  /**
   * The cache that all processes of this user share on this host: the system property {@code
   * longrope.cache}, else the environment's LONGROPE_CACHE, else {@code .cache/longrope/models} at
   * home, else, where home cannot be written, a directory of the user's own among temporary files.
   */
  public static ModelCache ofHost() {
    return new ModelCache(ModelCacheLocation.ofHost());
  }

  /**
   * The model, opened. A copy of a remote one that has been damaged meanwhile is made anew, once.
   *
   * @param location a local directory or a Hadoop path
   * @param sha256 of the model if it is known; a local directory may hold another, which the caller
   *     verifies
   * @throws BadInputException if the location holds no model that can be used, or another one, or
   *     it cannot be copied
   */
  public Checkpoint open(String location, @Nullable String sha256, Configuration hadoop) {
    Path model = localise(location, sha256, hadoop);
    if (!FileLocation.parse(location).isRemote() || isWhole(model)) {
      return Checkpoint.open(model);
    }
    try {
      delete(model);
    } catch (IOException e) {
      throw new BadInputException(
          String.format(
              "%s is damaged and cannot be removed: expected a cache that can be written; remove it"
                  + " by hand, or choose another by LONGROPE_CACHE.",
              model),
          e);
    }
    return Checkpoint.open(localise(location, sha256, hadoop));
  }

  private static boolean isWhole(Path model) {
    try {
      String name = String.valueOf(model.getFileName());
      return name.startsWith(Checkpoint.open(model).sha256());
    } catch (BadInputException | UncheckedIOException e) {
      return false;
    }
  }

  /**
   * The model as a local directory; what is remote is copied unless that was done before.
   *
   * @param location a local directory or a Hadoop path
   * @throws BadInputException if the location holds no model that can be used, or it cannot be
   *     copied; nothing is left of it then
   */
  Path localise(String location, Configuration hadoop) {
    if (!FileLocation.parse(location).isRemote()) {
      return local(location);
    }
    RemoteModel remote = RemoteModel.list(location, hadoop);
    Path known = known(remote.fingerprint());
    return known == null ? copied(location, remote, null, hadoop) : known;
  }

  /**
   * The model with the given hash as a local directory. What is remote is copied unless a model of
   * that hash is here; a local directory is given back as it is, and the caller verifies it.
   *
   * @param location a local directory or a Hadoop path
   * @param sha256 of the model, as {@link Checkpoint#sha256} tells it
   * @throws BadInputException if the location holds another model or none, or it cannot be copied;
   *     nothing is left of it then
   */
  Path localise(String location, @Nullable String sha256, Configuration hadoop) {
    if (sha256 == null) {
      return localise(location, hadoop);
    }
    if (!SHA256.matcher(sha256).matches()) {
      throw new IllegalArgumentException("'" + sha256 + "' is no SHA-256");
    }
    if (!FileLocation.parse(location).isRemote()) {
      return local(location);
    }
    Path here = verified(sha256);
    return here == null
        ? copied(location, RemoteModel.list(location, hadoop), sha256, hadoop)
        : here;
  }

  private static Path local(String location) {
    return FileLocation.parse(location).local();
  }

  private @Nullable Path verified(String name) {
    Path model = directory.resolve(name);
    return Files.isDirectory(model) ? model : null;
  }

  /** What was copied from a listing before and is still here. */
  private @Nullable Path known(String fingerprint) {
    Path note = sources().resolve(fingerprint);
    try {
      String name = Files.isRegularFile(note) ? Files.readString(note) : "";
      return MODEL.matcher(name).matches() ? verified(name) : null;
    } catch (IOException e) {
      // A note that cannot be read costs a copy, no more.
      return null;
    }
  }

  private Path copied(
      String location, RemoteModel remote, @Nullable String expected, Configuration hadoop) {
    String name = new Sha256().add(remote.folder().toString()).hex();
    try {
      Files.createDirectories(sources());
      return HostLock.holding(
          directory.resolve(name + ".lock"),
          () -> {
            // Another may have copied it while this one waited.
            Path done = expected == null ? known(remote.fingerprint()) : verified(expected);
            if (done != null) {
              return done;
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
              "Cannot copy %s to %s: %s; expected a source that can be read and a directory that"
                  + " can be written, mend it or choose another by LONGROPE_CACHE.",
              location, directory, RemoteModel.firstLine(e)),
          e);
    }
  }

  private Path fetch(
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
          "%s changed while it was copied: expected a model at rest; try again when it is whole.",
          location);
    }
    String found = hash(part, location);
    if (expected != null && !expected.equals(found)) {
      throw BadInputException.of(
          "%s has SHA-256 %s: expected %s, the model that was asked for; restore it, or begin anew"
              + " with the one that is there.",
          location, found, expected);
    }
    Path model = publish(part, found);
    note(remote.fingerprint(), String.valueOf(model.getFileName()));
    return model;
  }

  private static String hash(Path part, String location) {
    try {
      return Checkpoint.open(part).sha256();
    } catch (BadInputException e) {
      String message = String.valueOf(e.getMessage());
      throw new BadInputException(message.replace(part.toString(), location), e);
    }
  }

  private Path publish(Path part, String sha256) throws IOException {
    Path model = directory.resolve(sha256);
    if (moved(part, model) || others(part).equals(others(model))) {
      return model;
    }
    // The hash is over config and weights; the tokenizer beside them may have changed alone.
    Path variant = directory.resolve(sha256 + "-" + others(part).substring(0, 16));
    moved(part, variant);
    return variant;
  }

  /** False if it is there already: the same model of another location. */
  private static boolean moved(Path part, Path model) throws IOException {
    try {
      Files.move(part, model, StandardCopyOption.ATOMIC_MOVE);
      return true;
    } catch (IOException e) {
      if (Files.isDirectory(model)) {
        return false;
      }
      throw e;
    }
  }

  /** SHA-256 over all files that are not weights. */
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
