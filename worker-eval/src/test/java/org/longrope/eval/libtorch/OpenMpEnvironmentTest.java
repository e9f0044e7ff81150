package org.longrope.eval.libtorch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
class OpenMpEnvironmentTest {
  @Test
  void libtorch_loadedWithoutTheLauncher_spinsForABoundedTime() {
    LibtorchLoader.load();
    String own = System.getenv(OpenMpEnvironment.SPIN_COUNT);
    boolean waits = System.getenv("OMP_WAIT_POLICY") != null;
    String expected = own != null || waits ? own : Integer.toString(OpenMpEnvironment.SPINS);
    assertThat(OpenMpEnvironment.variables().get(OpenMpEnvironment.SPIN_COUNT)).isEqualTo(expected);
  }
}
