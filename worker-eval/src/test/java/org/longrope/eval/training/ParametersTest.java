package org.longrope.eval.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDManager;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.longrope.eval.checkpoint.Architecture;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.decoder.Libtorch;
import org.longrope.eval.family.DecoderSpec;
import org.longrope.eval.family.LayerWeight;
import org.longrope.eval.family.TensorPart;
import org.longrope.eval.family.TinyFamilies;

@Tag("numeric")
class ParametersTest {
  @TempDir Path directory;

  /** Takes rows of a matrix, and one expert of a stack. */
  @ParameterizedTest
  @CsvSource({
    "PHI3,WK,0,self_attn.qkv_proj.weight,32,32",
    "GRANITEMOE,EXPERT_UP,2,block_sparse_moe.input_linear.weight,120,32",
    "GPT_OSS,EXPERT_DOWN_IN_OUT,3,mlp.experts.down_proj,72,32"
  })
  void inProgramOrder_fusedWeights_areViewsThatGoWithTheirManager(
      TinyFamilies family, LayerWeight which, int index, String name, int row, int columns) {
    DecoderSpec config = family.open(directory).config();
    TrainingState start = Trainings.begin(Checkpoint.open(directory));
    try (PtNDManager manager = Libtorch.manager(Device.cpu())) {
      Parameters parameters = new Parameters(manager, TrainedModel.whole(config), start);
      int held = manager.getManagedArrays().size();
      try (NDManager local = manager.newSubManager()) {
        TensorPart part = config.layers().get(0).parts(which).get(index);
        // The embedding comes before the first layer.
        NDArray weight =
            parameters.inProgramOrder(local).get(1 + config.programOrder(0).indexOf(part));
        float[] whole = start.weights().get("model.layers.0." + name).values();
        int from = row * columns;
        float[] values = weight.toFloatArray();
        assertThat(values).isEqualTo(Arrays.copyOfRange(whole, from, from + values.length));
        assertThat(weight.getShape().get(0)).isEqualTo(part.to() - part.from());
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
