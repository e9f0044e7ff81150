package org.longrope.eval.decoder;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.NativeLibrary;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
class OpenMpEnvironmentTest {
  @Test
  void libtorch_loadedWithoutTheLauncher_spinsForABoundedTime() {
    Libtorch.useThreads(1);
    String own = System.getenv(OpenMpEnvironment.SPIN_COUNT);
    boolean waits = System.getenv("OMP_WAIT_POLICY") != null;
    String expected = own != null || waits ? own : Integer.toString(OpenMpEnvironment.SPINS);
    assertThat(
            NativeLibrary.getInstance("c")
                .getFunction("getenv")
                .invokeString(new Object[] {OpenMpEnvironment.SPIN_COUNT}, false))
        .isEqualTo(expected);
  }
}
