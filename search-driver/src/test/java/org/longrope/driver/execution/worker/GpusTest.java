package org.longrope.driver.execution.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.apache.spark.resource.ResourceInformation;
import org.junit.jupiter.api.Test;

class GpusTest {
  private static Gpus gpus(String... addresses) {
    return new Gpus(List.of(addresses));
  }

  @Test
  void of_resourcesOfATask_selectsItsGpus() {
    Map<String, ResourceInformation> resources =
        Map.of(
            "gpu", new ResourceInformation("gpu", new String[] {"2", "0"}),
            "fpga", new ResourceInformation("fpga", new String[] {"1"}));
    assertThat(Gpus.of(resources)).isEqualTo(gpus("2", "0"));
    assertThat(Gpus.of(Map.of())).isEqualTo(Gpus.ANY);
    assertThat(Gpus.ANY.any()).isTrue();
    assertThat(gpus("0").any()).isFalse();
  }

  @Test
  void fake_someOrAllAddressesSimulated_isTrueOnlyForAll() {
    assertThat(gpus("fake-0", "fake-1").fake()).isTrue();
    assertThat(gpus("fake-0", "1").fake()).isFalse();
    assertThat(gpus("0").fake()).isFalse();
    assertThat(Gpus.ANY.fake()).isFalse();
  }

  @Test
  void indices_noGpuHidden_areTheAddresses() {
    for (String visible : new String[] {null, "", " "}) {
      assertThat(gpus("3", "0", "11").indices(visible)).containsExactly(3, 0, 11);
    }
  }

  @Test
  void indices_someGpusHidden_countTheVisibleOnes() {
    assertThat(gpus("3", "2").indices("2,3")).containsExactly(1, 0);
    assertThat(gpus("5").indices(" 1 , 5 ,0 ")).containsExactly(1);
    assertThat(gpus("GPU-b").indices("GPU-a,GPU-b")).containsExactly(1);
  }

  @Test
  void indices_hiddenGpu_isAnExecutorFault() {
    assertThatThrownBy(() -> gpus("2", "0").indices("2,3"))
        .isInstanceOf(ExecutorFault.class)
        .hasMessageStartingWith("Spark gave it GPU 0 and CUDA_VISIBLE_DEVICES is 2,3: expected");
  }

  @Test
  void indices_invalidAddress_isAnExecutorFault() {
    for (String address : new String[] {"GPU-a", "fake-0", "-1", "", "99999999999"}) {
      assertThatThrownBy(() -> gpus(address).indices(null))
          .isInstanceOf(ExecutorFault.class)
          .hasMessageStartingWith("Spark gave it GPU " + address + ": expected an address");
    }
  }
}
