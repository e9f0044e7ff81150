package org.longrope.driver.store.files;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.longrope.eval.BadInputException;

/**
 * Location of a file or directory as a user names it. A path without a scheme, or with {@code
 * file:}, is on this host; any other scheme is a Hadoop file system's: {@code hdfs://}, {@code
 * s3a://} and so on.
 *
 * @param text normalised, for messages and records; a local path stays relative if it was
 */
public record FileLocation(String text) {
  private static final Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*:/.*");
  private static final String LOCAL_SCHEME = "file:";

  public FileLocation {
    text = normalised(text);
  }

  /**
   * Reads a location from the command line or a file.
   *
   * @throws BadInputException if it is no path
   */
  public static FileLocation parse(String text) {
    try {
      return new FileLocation(text);
    } catch (IllegalArgumentException e) {
      throw new BadInputException(
          String.format(
              "'%s' is no path (%s): expected a path of this host, or a URI such as"
                  + " hdfs://host/folder or s3a://bucket/folder.",
              text, e.getMessage()),
          e);
    }
  }

  /** Names a file or directory of this host. */
  public static FileLocation of(Path local) {
    return new FileLocation(local.toString());
  }

  private static String normalised(String text) {
    if (!SCHEME.matcher(text).matches()) {
      return path(text).toString();
    }
    org.apache.hadoop.fs.Path uri = new org.apache.hadoop.fs.Path(text);
    String path = uri.toUri().getPath();
    if (text.startsWith(LOCAL_SCHEME)) {
      return path(path).toString();
    }
    return path.isEmpty() ? uri + "/" : uri.toString();
  }

  private static Path path(String text) {
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException(e.getReason(), e);
    }
  }

  /** Tells whether the location is on a Hadoop file system other than this host's. */
  public boolean isRemote() {
    return SCHEME.matcher(text).matches();
  }

  /**
   * Returns the path on this host.
   *
   * @throws IllegalStateException if it is remote
   */
  public Path local() {
    if (isRemote()) {
      throw new IllegalStateException(text + " is not on this host");
    }
    return Path.of(text);
  }

  /** Returns the location as every working directory understands it. */
  public String absolute() {
    return isRemote() ? text : local().toAbsolutePath().normalize().toString();
  }

  /** Returns the last part of the path; empty if there is none. */
  public String name() {
    return isRemote()
        ? new org.apache.hadoop.fs.Path(text).getName()
        : String.valueOf(local().toAbsolutePath().normalize().getFileName());
  }

  /** Names a file in this directory. */
  public FileLocation resolve(String name) {
    return isRemote() ? new FileLocation(text + "/" + name) : of(local().resolve(name));
  }

  /**
   * Returns access to the file or directory.
   *
   * @param hadoop settings that reach its file system
   */
  public StoredFile on(Configuration hadoop) {
    return isRemote() ? new HadoopFile(this, hadoop) : new LocalFile(this);
  }

  @Override
  public String toString() {
    return text;
  }
}
