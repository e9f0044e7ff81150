package org.longrope.eval.decoder;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Kind of a CPU as far as numbers depend on it: its maker, after whom MKL chooses code, and the
 * instruction set that each part of libtorch uses. Sums of floats differ between kinds in their
 * last bits.
 *
 * @param maker AMD, Intel, …, as the kernel names it
 * @param libtorch set that libtorch's own kernels use: AVX512, AVX2 or "no AVX"; NEON on Arm
 * @param oneDnn set that oneDNN uses, libtorch's products of matrices
 * @param mkl set that MKL uses
 */
public record InstructionSet(String maker, String libtorch, String oneDnn, String mkl) {
  private static final Path CPU_INFO = Path.of("/proc/cpuinfo");
  private static final String AVX512 = "AVX512";
  private static final String AVX2 = "AVX2";
  private static final String NO_AVX = "no AVX";

  /** Sets from the least to the greatest. */
  private static final List<String> SETS = List.of(NO_AVX, AVX2, AVX512);

  private static final Map<String, String> MAKERS =
      Map.of("AuthenticAMD", "AMD", "GenuineIntel", "Intel", "HygonGenuine", "Hygon");

  /**
   * Detects the kind of this machine's CPU with the limits that this process's environment sets.
   */
  public static InstructionSet detect() {
    try {
      String cpuInfo = Files.isReadable(CPU_INFO) ? Files.readString(CPU_INFO) : "";
      return of(cpuInfo, System.getProperty("os.arch"), System.getenv());
    } catch (IOException e) {
      return of("", System.getProperty("os.arch"), System.getenv());
    }
  }

  /**
   * Derives the kind by the rules of libtorch 2.7 (aten/src/ATen/native/DispatchStub.cpp) and by
   * the variables that limit oneDNN and MKL.
   *
   * @param cpuInfo content of /proc/cpuinfo; empty where there is none
   * @param architecture as in os.arch
   */
  static InstructionSet of(String cpuInfo, String architecture, Map<String, String> environment) {
    String maker = field(cpuInfo, "vendor_id");
    if (!List.of("amd64", "x86_64").contains(architecture) || maker.isEmpty()) {
      String set = architecture.equals("aarch64") ? "NEON" : "unknown";
      return new InstructionSet(maker.isEmpty() ? architecture : maker, set, set, set);
    }
    Set<String> flags =
        Set.of(Stream.of(field(cpuInfo, "flags").split(" ")).distinct().toArray(String[]::new));
    boolean fused = flags.contains("fma");
    String best = NO_AVX;
    if (fused && flags.containsAll(List.of("avx512vl", "avx512bw", "avx512dq"))) {
      best = AVX512;
    } else if (fused && flags.contains("avx2")) {
      best = AVX2;
    }
    String libtorch =
        switch (environment.getOrDefault("ATEN_CPU_CAPABILITY", "")) {
          case "avx512" -> AVX512;
          case "avx2" -> AVX2;
          case "default" -> NO_AVX;
          default -> best;
        };
    String oneDnn =
        environment.getOrDefault(
            "ONEDNN_MAX_CPU_ISA", environment.getOrDefault("DNNL_MAX_CPU_ISA", ""));
    String mkl = environment.getOrDefault("MKL_ENABLE_INSTRUCTIONS", "");
    return new InstructionSet(
        MAKERS.getOrDefault(maker, maker), libtorch, limited(best, oneDnn), limited(best, mkl));
  }

  private static String field(String cpuInfo, String name) {
    return cpuInfo
        .lines()
        .filter(line -> line.startsWith(name))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst()
        .orElse("");
  }

  /** Returns the lesser of a set and a limit such as AVX512_CORE; no limit is none. */
  private static String limited(String best, String limit) {
    String upper = limit.toUpperCase(Locale.ROOT);
    if (upper.isEmpty() || upper.equals("ALL") || upper.equals("DEFAULT")) {
      return best;
    }
    String set = NO_AVX;
    if (upper.startsWith("AVX512") || upper.startsWith("AVX10")) {
      set = AVX512;
    } else if (upper.startsWith(AVX2)) {
      set = AVX2;
    }
    return SETS.indexOf(set) < SETS.indexOf(best) ? set : best;
  }

  /** Returns the sets in words: "AVX2", or "AVX2 (oneDNN AVX512, MKL AVX512)" where they differ. */
  public String name() {
    return Stream.of(oneDnn, mkl).allMatch(libtorch::equals)
        ? libtorch
        : String.format("%s (oneDNN %s, MKL %s)", libtorch, oneDnn, mkl);
  }

  /** Returns maker and sets, such as "AMD AVX512": results of different texts can differ. */
  @Override
  public String toString() {
    return maker + " " + name();
  }
}
