package org.longrope.eval.decoder;

import ai.djl.Device;
import ai.djl.pytorch.jni.JniUtils;
import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.longrope.eval.BadInputException;
import org.longrope.eval.checkpoint.DType;
import org.longrope.eval.family.DecoderSpec;

/**
 * Placement of layers on devices: on as few as hold them, in order. The embedding is with the first
 * layer, the output head with the last. Every device also needs the memory of a forward pass.
 */
final class Placement {
  private static final double GIB = 1L << 30;

  private Placement() {}

  /**
   * Device with its free memory.
   *
   * @param bytes free before anything of the model is loaded
   */
  record FreeMemory(Device device, long bytes) {}

  /** Returns the free memory of each device; for the CPU, all the machine's memory. */
  static List<FreeMemory> freeMemory(List<Device> devices) {
    return devices.stream().map(device -> new FreeMemory(device, free(device))).toList();
  }

  private static long free(Device device) {
    if (device.isGpu()) {
      return Libtorch.memory(device).free();
    }
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    return system.getTotalMemorySize();
  }

  /**
   * Returns the device of each layer.
   *
   * @param cost of the longest window that will be evaluated
   * @throws BadInputException with the arithmetic, if the model does not fit
   */
  static List<Device> of(DecoderSpec config, EvaluationCost cost, List<FreeMemory> memory) {
    List<Device> devices = new ArrayList<>();
    for (FreeMemory available : memory) {
      boolean withEmbedding = devices.isEmpty();
      long free =
          available.bytes() - cost.passBytes() - (withEmbedding ? cost.embeddingBytes() : 0);
      // A tied head on the embedding's device is the embedding itself.
      long head = config.tiedEmbeddings() && withEmbedding ? 0 : cost.embeddingBytes();
      while (devices.size() < config.layerCount()) {
        boolean last = devices.size() == config.layerCount() - 1;
        free -= cost.layerBytes().get(devices.size()) + (last ? head : 0);
        if (free < 0) {
          break;
        }
        devices.add(available.device());
      }
    }
    if (devices.size() < config.layerCount()) {
      throw doesNotFit(cost, memory);
    }
    return devices;
  }

  private static BadInputException doesNotFit(EvaluationCost cost, List<FreeMemory> memory) {
    long free = memory.stream().mapToLong(FreeMemory::bytes).sum();
    return new BadInputException(
        String.format(
            Locale.ROOT,
            "The model does not fit: its weights are %.1f GiB and a window of %,d tokens needs %.1f"
                + " GiB more on each device, but %s %.1f GiB; expected a shorter length, a smaller"
                + " model, or more or larger devices.",
            cost.weightBytes() / GIB,
            cost.length(),
            cost.passBytes() / GIB,
            memory.size() == 1
                ? memory.get(0).device() + " has"
                : memory.size() + " devices have together",
            free / GIB));
  }

  /**
   * Returns how many layers' inputs of a gradient stay on a stage's device; the host's memory gets
   * the others.
   *
   * @param chunks of the model
   * @param length tokens of the window
   * @throws BadInputException with the arithmetic, if the rest does not fit
   */
  static int inputsOnDevice(
      DecoderSpec config, Stage stage, DType type, Chunks chunks, int length) {
    Device device = stage.manager().getDevice();
    if (device.isGpu()) {
      // Free memory that libtorch keeps for later tensors counts as used.
      JniUtils.emptyCudaCache();
    }
    EvaluationCost pass =
        EvaluationCost.of(config, AttentionWindow.NONE, type, device.isGpu(), length);
    GradientMemory gradient = GradientMemory.of(config, type, chunks, length);
    long host = free(Device.cpu());
    return inputsOnDevice(
        pass, gradient, config.layerCount(), stage.layers().size(), free(device), host, device);
  }

  /**
   * Returns how many layers' inputs stay on a device.
   *
   * @param layers of the model
   * @param own layers on the device
   * @param free bytes of the device
   * @param host bytes of the host's memory
   */
  static int inputsOnDevice(
      EvaluationCost pass,
      GradientMemory gradient,
      int layers,
      int own,
      long free,
      long host,
      Device device) {
    long work = pass.passBytes() + gradient.workBytes();
    int kept = gradient.inputsOnDevice(free, pass.passBytes(), own);
    // A CPU's memory is the host's.
    boolean fits =
        device.isGpu()
            ? work <= free && gradient.inputBytes() * (layers - kept) <= host
            : kept == own;
    if (!fits) {
      throw new BadInputException(
          String.format(
              Locale.ROOT,
              "The gradient does not fit: a window of %,d tokens needs %.1f GiB on %s, which has"
                  + " %.1f GiB, and %.1f GiB there or in the host's memory of %.1f GiB; expected a"
                  + " shorter length, or more or larger devices.",
              pass.length(),
              work / GIB,
              device,
              free / GIB,
              gradient.inputBytes() * layers / GIB,
              host / GIB));
    }
    return kept;
  }

  /**
   * Rejects a decoding session whose hidden states and keys and values of all layers do not fit.
   *
   * @param stages layers by device
   * @param capacity tokens of the session
   * @throws BadInputException with the arithmetic
   */
  static void requireSession(DecoderSpec config, List<Stage> stages, DType type, int capacity) {
    for (Stage stage : stages) {
      long perToken = config.hiddenSize() + config.attention().cacheWidth() * stage.layers().size();
      long needed = capacity * (perToken * type.bytes() + config.tableElements() * Float.BYTES);
      long free = free(stage.manager().getDevice());
      if (needed > free) {
        throw new BadInputException(
            String.format(
                Locale.ROOT,
                "Keys and values of %,d tokens do not fit: %d layers with %d heads of %d need %.1f"
                    + " GiB on %s, which has %.1f GiB; expected a shorter length, or more or larger"
                    + " devices.",
                capacity,
                stage.layers().size(),
                config.attention().keyValueHeads(),
                config.attention().keyWidth(),
                needed / GIB,
                stage.manager().getDevice(),
                free / GIB));
      }
    }
  }
}
