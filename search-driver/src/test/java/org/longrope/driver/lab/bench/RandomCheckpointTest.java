package org.longrope.driver.lab.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.checkpoint.DType;
import org.longrope.eval.decoder.AttentionWindow;
import org.longrope.eval.decoder.Libtorch;
import org.longrope.eval.decoder.ResidentModel;

class RandomCheckpointTest {
  @TempDir Path directory;

  /** Weights of which none is out of scale give about the perplexity of a blind guess. */
  @ParameterizedTest
  @EnumSource
  void write_ofEachShapeMadeSmall_isEvaluated(BenchShape shape) throws IOException {
    BenchShape.Named named = shape.models(false).get(0);
    ObjectNode config = named.config();
    assertThat(named.name()).contains(config.get("hidden_size").asInt() + "x");
    config.put("hidden_size", 128).put("intermediate_size", 64).put("vocab_size", 300);
    config.put("num_hidden_layers", 2);
    Checkpoint checkpoint = RandomCheckpoint.write(directory, config, DType.F32);
    assertThat(checkpoint.config().modelType()).isEqualTo(config.get("model_type").asText());
    Libtorch.useThreads(1);
    try (ResidentModel model = ResidentModel.load(checkpoint, AttentionWindow.CONFIG, 200)) {
      double meanNll = RandomTokens.evaluate(model, 200).nll() / 199;
      assertThat(meanNll).isBetween(Math.log(300) - 0.5, Math.log(300) + 1);
    }
  }
}
