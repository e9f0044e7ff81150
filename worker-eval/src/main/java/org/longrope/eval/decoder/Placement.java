package org.longrope.eval.decoder;

import ai.djl.Device;
import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.longrope.eval.BadInputException;
import org.longrope.eval.checkpoint.DType;
import org.longrope.eval.checkpoint.ModelConfig;

/**
 * On which device each layer lives: on the fewest, in order. The embedding is with the first layer,
 * the output head with the last; what a forward pass needs is needed on every device.
 */
final class Placement {
  private static final double GIB = 1L << 30;

  private Placement() {}

  /**
   * A device and what is free there.
   *
   * @param bytes free before anything of the model is loaded
   */
  record Room(Device device, long bytes) {}

  /** What is free on each device; of the CPU, all the machine's memory. */
  static List<Room> rooms(List<Device> devices) {
    return devices.stream().map(device -> new Room(device, free(device))).toList();
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
   * The device of each layer.
   *
   * @param cost of the longest window that will be evaluated
   * @throws BadInputException with the arithmetic, if the rooms are too small
   */
  static List<Device> of(ModelConfig config, EvaluationCost cost, List<Room> rooms) {
    List<Device> devices = new ArrayList<>();
    for (Room room : rooms) {
      boolean withEmbedding = devices.isEmpty();
      long free = room.bytes() - cost.passBytes() - (withEmbedding ? cost.embeddingBytes() : 0);
      // A tied head on the embedding's device is the embedding itself.
      long head = config.tiedEmbeddings() && withEmbedding ? 0 : cost.embeddingBytes();
      while (devices.size() < config.layers()) {
        boolean last = devices.size() == config.layers() - 1;
        free -= cost.layerBytes() + (last ? head : 0);
        if (free < 0) {
          break;
        }
        devices.add(room.device());
      }
    }
    if (devices.size() < config.layers()) {
      throw refusal(cost, rooms);
    }
    return devices;
  }

  private static BadInputException refusal(EvaluationCost cost, List<Room> rooms) {
    long free = rooms.stream().mapToLong(Room::bytes).sum();
    return new BadInputException(
        String.format(
            Locale.ROOT,
            "The model does not fit: its weights are %.1f GiB and a window of %,d tokens needs %.1f"
                + " GiB beside them on each device, but %s %.1f GiB; expected a shorter length, a"
                + " smaller model, or more or larger devices.",
            cost.weightBytes() / GIB,
            cost.length(),
            cost.passBytes() / GIB,
            rooms.size() == 1
                ? rooms.get(0).device() + " has"
                : rooms.size() + " devices have together",
            free / GIB));
  }

  /**
   * Refuses a decoding session whose hidden states and keys and values of all layers do not fit.
   *
   * @param stages where the layers are
   * @param capacity tokens of the session
   * @throws BadInputException with the arithmetic
   */
  static void requireSession(ModelConfig config, List<Stage> stages, DType type, int capacity) {
    for (Stage stage : stages) {
      long perToken =
          config.hiddenSize()
              + 2L * config.keyValueHeads() * config.headDimension() * stage.layers().size();
      long needed =
          capacity
              * (perToken * type.bytes() + (long) config.rope().rotaryDimension() * Float.BYTES);
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
                config.keyValueHeads(),
                config.headDimension(),
                needed / GIB,
                stage.manager().getDevice(),
                free / GIB));
      }
    }
  }
}
