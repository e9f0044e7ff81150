package org.longrope.eval.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDManager;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longrope.eval.checkpoint.Architecture;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.decoder.Libtorch;

@Tag("numeric")
class ParametersTest {
  @TempDir Path directory;

  @Test
  void inProgramOrder_fusedWeights_areViewsThatGoWithTheirManager() {
    Checkpoint checkpoint = Architecture.PHI3.open(directory, 1);
    TrainingState start = Trainings.begin(checkpoint);
    try (PtNDManager manager = Libtorch.manager(Device.cpu())) {
      Parameters parameters =
          new Parameters(manager, TrainedModel.whole(checkpoint.config()), start);
      int held = manager.getManagedArrays().size();
      try (NDManager local = manager.newSubManager()) {
        List<NDArray> weights = parameters.inProgramOrder(local);
        float[] qkv = start.weights().get("model.layers.0.self_attn.qkv_proj.weight").values();
        float[] key = weights.get(3).toFloatArray();
        int from = checkpoint.config().attentionHeads() * checkpoint.config().headDimension();
        assertThat(key).startsWith(qkv[from * checkpoint.config().hiddenSize()]);
      }
      assertThat(manager.getManagedArrays()).hasSize(held);
    }
  }

  @Test
  void new_missingWeight_isRejectedByName() {
    Checkpoint checkpoint = Architecture.LLAMA.open(directory, 2);
    Map<String, FloatTensor> weights = new HashMap<>(StateFiles.weightsOf(checkpoint));
    weights.put("model.norm.weight", new FloatTensor(List.of(1L), new float[1]));
    try (PtNDManager manager = Libtorch.manager(Device.cpu())) {
      assertThatThrownBy(
              () ->
                  new Parameters(
                      manager,
                      TrainedModel.whole(checkpoint.config()),
                      TrainingState.begin(weights)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("No weight model.norm.weight of shape [32]");
    }
  }
}
