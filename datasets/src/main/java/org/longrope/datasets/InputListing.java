package org.longrope.datasets;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.Sha256;

/** Listing of a request's input files: paths, lengths and modification times. */
final class InputListing {
  /**
   * Age from which a modification time is trusted. A file that was written in the moment of the
   * listing can change once more without a change of its time.
   */
  private static final long SETTLED_MS = 2_000;

  private InputListing() {}

  /**
   * Returns the SHA-256 of the request and its listing with the partition's input hash; empty if a
   * file may have changed since the listing, or has no modification time. Inputs of equal
   * fingerprints need not be read again.
   *
   * @param files as they were before their bytes were read
   * @param listedAtMs time before the files were listed
   */
  static Optional<String> fingerprint(
      PrepareRequest request,
      List<InputFile> files,
      @Nullable TokenizerFiles tokenizer,
      long listedAtMs,
      String inputHash) {
    Sha256 hash =
        new Sha256()
            .add(inputHash)
            .add(request.toString())
            .add(tokenizer == null ? "" : tokenizer.hash());
    for (InputFile file : files) {
      if (!(file.modifiedMs() > 0 && file.modifiedMs() < listedAtMs - SETTLED_MS)) {
        return Optional.empty();
      }
      hash.add(file.location())
          .add(file.label())
          .add(file.title())
          .add(file.length() + " bytes of " + file.modifiedMs());
    }
    return Optional.of(hash.hex());
  }
}
