package org.longrope.driver.execution.spark;

import com.esotericsoftware.kryo.Kryo;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import org.apache.spark.serializer.KryoRegistrator;
import org.longrope.datasets.WireTypes;
import org.longrope.driver.execution.ChoiceTask;
import org.longrope.driver.execution.EvaluationTask;
import org.longrope.driver.execution.ModelTask;
import org.longrope.driver.execution.PasskeyTask;
import org.longrope.driver.execution.worker.HostReport;
import org.longrope.driver.execution.worker.ModelSpec;
import org.longrope.driver.execution.worker.TaskDocuments;
import org.longrope.driver.execution.worker.WorkerSpec;
import org.longrope.driver.store.files.HadoopSettings;
import org.longrope.eval.choices.ChoiceBatch;
import org.longrope.eval.choices.ChoiceScore;
import org.longrope.eval.choices.Choices;
import org.longrope.eval.passkey.PasskeyResult;
import org.longrope.eval.passkey.PasskeyTrial;
import org.longrope.eval.perplexity.DocumentScore;
import org.longrope.eval.perplexity.NllGradient;
import org.longrope.eval.perplexity.Protocol;
import org.longrope.eval.rope.FactorTable;
import org.longrope.eval.rope.QueryScales;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;

/**
 * The Kryo registration of every type that is sent between driver and executors. A type that is
 * missing here fails at its first use, also in local mode.
 */
public final class WireRegistrator implements KryoRegistrator {
  @Override
  public void registerClasses(Kryo kryo) {
    types().forEach(type -> register(kryo, type));
    MllibTypes.all(kryo.getClassLoader()).forEach(kryo::register);
  }

  /** Lists the project's own wire types and the collections that contain them. */
  static List<Class<?>> types() {
    List<Class<?>> types = new ArrayList<>(WireTypes.all());
    types.addAll(
        List.of(
            ModelTask[].class,
            EvaluationTask.class,
            PasskeyTask.class,
            ChoiceTask.class,
            TaskAttempt[].class,
            TaskAttempt.Completed.class,
            TaskAttempt.Rejected.class,
            TaskAttempt.TimedOut.class,
            TaskAttempt.Declined.class,
            WorkerSpec.class,
            ModelSpec.class,
            TaskDocuments.Partition.class,
            TaskDocuments.Inline.class,
            HadoopSettings.class,
            HostReport.class,
            PasskeyTrial.class,
            PasskeyResult.class,
            ChoiceBatch.class,
            Choices.class,
            Choices[].class,
            ChoiceScore.class,
            ChoiceScore[].class,
            FactorTable.class,
            FactorTable.Entry.class,
            DocumentScore.class,
            NllGradient.class,
            Protocol.Truncated.class,
            Protocol.Sliding.class,
            Protocol.Tail.class,
            Protocol.Chunked.class,
            Protocol.Needle.class,
            Rescaling.class,
            RescaleFactors.class,
            QueryScales.class,
            ArrayList.class,
            HashMap.class,
            Object[].class,
            String[].class,
            int[].class,
            int[][].class,
            double[].class));
    return types;
  }

  private static void register(Kryo kryo, Class<?> type) {
    if (type.isRecord()) {
      kryo.register(type, new RecordSerializer(type));
    } else {
      kryo.register(type);
    }
  }
}
