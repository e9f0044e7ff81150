package org.longrope.eval.decoder;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.engine.Engine;
import com.sun.jna.Memory;
import com.sun.jna.NativeLibrary;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("numeric")
class InstructionSetTest {
  private static final String AVX512_FLAGS = "fpu fma avx avx2 avx512f avx512dq avx512bw avx512vl";

  private static String cpuInfo(String vendor, String flags) {
    return "processor\t: 0\nvendor_id\t: "
        + vendor
        + "\nflags\t\t: "
        + flags
        + "\n\nprocessor\t: 1\n";
  }

  private static String of(String vendor, String flags, Map<String, String> environment) {
    return InstructionSet.of(cpuInfo(vendor, flags), "amd64", environment).toString();
  }

  @ParameterizedTest
  @CsvSource({
    "AuthenticAMD, " + AVX512_FLAGS + ", AMD AVX512",
    "GenuineIntel, " + AVX512_FLAGS + ", Intel AVX512",
    "GenuineIntel, fma avx avx2 avx512f avx512cd, Intel AVX2",
    "AuthenticAMD, fma avx avx2, AMD AVX2",
    "HygonGenuine, avx avx2, Hygon no AVX",
    "Other, sse2, Other no AVX"
  })
  void of_flags_isTheSetThatLibtorchChooses(String vendor, String flags, String expected) {
    assertThat(of(vendor, flags, Map.of())).isEqualTo(expected);
  }

  @Test
  void of_limitsInTheEnvironment_areTheSetsThatAreUsed() {
    assertThat(of("AuthenticAMD", AVX512_FLAGS, Map.of("ATEN_CPU_CAPABILITY", "default")))
        .isEqualTo("AMD no AVX (oneDNN AVX512, MKL AVX512)");
    Map<String, String> avx2 =
        Map.of(
            "ATEN_CPU_CAPABILITY", "avx2",
            "ONEDNN_MAX_CPU_ISA", "AVX2",
            "MKL_ENABLE_INSTRUCTIONS", "AVX2");
    assertThat(of("AuthenticAMD", AVX512_FLAGS, avx2)).isEqualTo("AMD AVX2");
    assertThat(of("AuthenticAMD", "fma avx2", Map.of("ONEDNN_MAX_CPU_ISA", "AVX512_CORE")))
        .isEqualTo("AMD AVX2");
  }

  @Test
  void of_otherArchitectureOrNoCpuInfo_namesTheArchitecture() {
    assertThat(InstructionSet.of("", "aarch64", Map.of())).hasToString("aarch64 NEON");
    assertThat(InstructionSet.of("", "amd64", Map.of())).hasToString("amd64 unknown");
  }

  /**
   * Calls the function of libtorch, which returns a std::string short enough to lie within its 32
   * bytes.
   */
  @Test
  @EnabledOnOs(value = OS.LINUX, architectures = "amd64")
  void detect_thisMachine_isTheSetThatLibtorchSaysItUses() {
    Engine.getEngine("PyTorch");
    Memory string = new Memory(32);
    NativeLibrary.getInstance("torch_cpu")
        .getFunction("_ZN2at18get_cpu_capabilityB5cxx11Ev")
        .invokePointer(new Object[] {string});
    assertThat(InstructionSet.detect().libtorch())
        .isEqualTo(string.getPointer(0).getString(0).replace("NO AVX", "no AVX"));
  }
}
