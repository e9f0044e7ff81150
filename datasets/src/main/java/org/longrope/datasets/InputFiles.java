package org.longrope.datasets;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.BadInputException;

/** Files of a request, in the order in which their documents are stored. */
final class InputFiles {
  private static final Pattern EXTENSIONS =
      Pattern.compile("(\\.[^.]*?)?(\\.(gz|zst|bz2|xz|lz4))?$");

  private final PrepareRequest request;
  private final @Nullable String split;
  private final Configuration configuration;
  private final Map<String, Found> found = new LinkedHashMap<>();

  /** File with its path below the input that led to it. */
  private record Found(FileStatus status, String input, String relative, @Nullable String title) {
    Path path() {
      return status.getPath();
    }

    String stem() {
      return EXTENSIONS.matcher(path().getName()).replaceFirst("");
    }
  }

  private InputFiles(PrepareRequest request, Configuration configuration) {
    this.request = request;
    this.configuration = configuration;
    split = request.effectiveSplit();
  }

  /**
   * Finds the files of a request.
   *
   * @throws BadInputException if an input does not exist or leads to no file of the format
   */
  static List<InputFile> find(PrepareRequest request, Configuration configuration) {
    InputFiles files = new InputFiles(request, configuration);
    for (String input : request.inputs()) {
      try {
        files.addInput(input);
      } catch (IOException e) {
        throw new BadInputException(
            String.format("Cannot read %s: %s.", input, TaskResult.reason(e)), e);
      }
    }
    return files.labelled();
  }

  private void addInput(String input) throws IOException {
    Path path;
    try {
      path = new Path(input);
    } catch (IllegalArgumentException e) {
      throw new BadInputException(
          String.format("Input \"%s\" is not a path (%s).", input, e.getMessage()), e);
    }
    FileSystem fileSystem = path.getFileSystem(configuration);
    FileStatus[] roots =
        fileSystem.exists(path)
            ? new FileStatus[] {fileSystem.getFileStatus(path)}
            : fileSystem.globStatus(path);
    if (roots == null || roots.length == 0) {
      throw BadInputException.of(
          "There is no %s: expected a file, a directory or a glob that matches some.", input);
    }
    for (FileStatus root : roots) {
      if (request.format() == SourceFormat.PG19) {
        addPg19(fileSystem, root.getPath());
      } else if (root.isDirectory()) {
        addDirectory(fileSystem, root.getPath(), split, Map.of());
      } else {
        String name = root.getPath().getName();
        if (FileKind.isArrowName(name)) {
          throw FileKind.ARROW.rejected(root.getPath().toString());
        }
        add(new Found(root, name, name, null));
      }
    }
  }

  private void addPg19(FileSystem fileSystem, Path root) throws IOException {
    Path folder = split == null ? root : new Path(root, split);
    if (!fileSystem.exists(folder)) {
      throw BadInputException.of(
          "There is no %s: expected PG19's layout, <split>/<id>.txt and metadata.csv; name the"
              + " split with --split, or use --format text.",
          folder);
    }
    addDirectory(fileSystem, folder, null, Pg19Metadata.titles(root, configuration));
  }

  private void addDirectory(
      FileSystem fileSystem, Path root, @Nullable String prefix, Map<String, String> titles)
      throws IOException {
    List<Found> here = new ArrayList<>();
    TreeMap<String, Integer> splits = new TreeMap<>();
    Path arrow = null;
    String base = fileSystem.makeQualified(root).toUri().getPath();
    RemoteIterator<LocatedFileStatus> all = fileSystem.listFiles(root, true);
    while (all.hasNext()) {
      LocatedFileStatus status = all.next();
      Path path = status.getPath();
      String relative = path.toUri().getPath().substring(base.length()).replaceFirst("^/", "");
      List<String> parts = List.of(relative.split("/"));
      boolean hidden = parts.stream().anyMatch(p -> p.startsWith(".") || p.startsWith("_"));
      boolean ofSplit = prefix == null || parts.stream().anyMatch(p -> SplitNames.isOf(p, prefix));
      if (!hidden && FileKind.isArrowName(path.getName())) {
        arrow = path;
      } else if (!hidden && ofSplit && request.format().takes(path.getName())) {
        Found file = new Found(status, root.getName(), relative, null);
        here.add(new Found(status, root.getName(), relative, titles.get(file.stem())));
        String splitOfFile = SplitNames.of(parts, request.format());
        if (splitOfFile != null) {
          splits.merge(splitOfFile, 1, Integer::sum);
        }
      }
    }
    if (arrow != null && (here.isEmpty() || request.format() == SourceFormat.TEXT)) {
      throw BadInputException.of(
          "%s holds Arrow data (%s), as Dataset.save_to_disk writes it: expected JSON lines or"
              + " Parquet; convert it in Python:"
              + " datasets.load_from_disk(\"%s\").to_parquet(\"data.parquet\").",
          root, arrow.getName(), base);
    }
    if (here.isEmpty()) {
      throw BadInputException.of(
          "There are no files of format %s%s in %s: check --format and --split.",
          request.format().word(), prefix == null ? "" : " and split " + prefix, root);
    }
    requireOneSplit(root, splits);
    here.sort(Comparator.comparing(Found::relative));
    here.forEach(this::add);
  }

  /** Rejects training data among the documents, which would make every measurement too good. */
  private void requireOneSplit(Path root, TreeMap<String, Integer> splits) {
    if (splits.size() > 1 && !request.namesSplit() && request.format() != SourceFormat.PG19) {
      StringJoiner names = new StringJoiner(", ");
      splits.forEach((name, files) -> names.add(name + " (" + files + ")"));
      throw BadInputException.of(
          "%s has several splits, by their number of files %s: name the one to read by --split, or"
              + " --split all.",
          root, names);
    }
  }

  private void add(Found file) {
    found.putIfAbsent(file.path().toString(), file);
  }

  /** Labels files by their stems where those are unique, else by as much of the path as needed. */
  private List<InputFile> labelled() {
    Map<String, Integer> uses = new HashMap<>();
    for (Found file : found.values()) {
      uses.merge(file.stem(), 1, Integer::sum);
      uses.merge("/" + file.relative, 1, Integer::sum);
    }
    List<InputFile> files = new ArrayList<>();
    Map<String, Integer> taken = new HashMap<>();
    for (Found file : found.values()) {
      String label =
          uses.getOrDefault(file.stem(), 0) == 1
              ? file.stem()
              : uses.getOrDefault("/" + file.relative, 0) == 1
                  ? file.relative
                  : file.input + "/" + file.relative;
      int same = taken.merge(label, 1, Integer::sum);
      files.add(
          new InputFile(
              files.size(),
              request.format(),
              file.path().toString(),
              file.status.getLen(),
              file.status.getModificationTime(),
              same == 1 ? label : label + "#" + same,
              file.title == null ? file.relative : file.title,
              0,
              1));
    }
    return files;
  }
}
