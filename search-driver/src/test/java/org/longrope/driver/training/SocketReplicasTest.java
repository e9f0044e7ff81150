package org.longrope.driver.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.DataOutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.longrope.eval.BadInputException;
import org.longrope.eval.checkpoint.RowRange;

class SocketReplicasTest {
  private static final long TOKEN = 0x1234_5678_9ABCL;

  private final ExecutorService threads = Executors.newCachedThreadPool();

  @AfterEach
  void stop() {
    threads.shutdownNow();
  }

  private List<SocketReplicas> three(ServerSocket door) throws Exception {
    InetSocketAddress address =
        new InetSocketAddress(InetAddress.getLoopbackAddress(), door.getLocalPort());
    Future<SocketReplicas> first = threads.submit(() -> SocketReplicas.first(door, 3, TOKEN));
    List<SocketReplicas> replicas = new ArrayList<>();
    for (int rank : new int[] {2, 1}) {
      replicas.add(0, SocketReplicas.other(address, rank, 3, TOKEN));
    }
    replicas.add(0, first.get(30, TimeUnit.SECONDS));
    return replicas;
  }

  private List<float[]> sums(List<SocketReplicas> replicas, float[]... parts) throws Exception {
    List<Future<float[]>> sums = new ArrayList<>();
    for (int rank = 0; rank < parts.length; rank++) {
      SocketReplicas replica = replicas.get(rank);
      float[] part = parts[rank];
      sums.add(
          threads.submit(
              () -> {
                replica.sum(part);
                return part;
              }));
    }
    List<float[]> results = new ArrayList<>();
    for (Future<float[]> sum : sums) {
      results.add(sum.get(30, TimeUnit.SECONDS));
    }
    return results;
  }

  @Test
  void sum_ofThree_isTheSameBitsInEachInTheOrderOfTheRanks() throws Exception {
    try (ServerSocket door = SocketReplicas.door(InetAddress.getLoopbackAddress())) {
      List<SocketReplicas> replicas = three(door);
      for (int i = 0; i < 3; i++) {
        assertThat(replicas.get(i).rank()).isEqualTo(i);
        assertThat(replicas.get(i).count()).isEqualTo(3);
      }
      // In another order the small one would be lost.
      for (float[] sum :
          sums(replicas, new float[] {1e8f, 1}, new float[] {-1e8f, 2}, new float[] {1, 3})) {
        assertThat(sum).containsExactly(1, 6);
      }
      replicas.forEach(SocketReplicas::close);
    }
  }

  @Test
  void first_strangersConnect_waitsForItsReplicas() throws Exception {
    try (ServerSocket door = SocketReplicas.door(InetAddress.getLoopbackAddress());
        Socket silent = new Socket(InetAddress.getLoopbackAddress(), door.getLocalPort());
        Socket guessing = new Socket(InetAddress.getLoopbackAddress(), door.getLocalPort())) {
      silent.close();
      DataOutputStream out = new DataOutputStream(guessing.getOutputStream());
      out.writeLong(TOKEN + 1);
      out.writeInt(1);
      List<SocketReplicas> replicas = three(door);
      assertThat(sums(replicas, new float[] {1}, new float[] {2}, new float[] {4}))
          .allSatisfy(sum -> assertThat(sum).containsExactly(7));
      replicas.forEach(SocketReplicas::close);
    }
  }

  @Test
  void sum_oneReplicaEnds_failsInTheOthers() throws Exception {
    try (ServerSocket door = SocketReplicas.door(InetAddress.getLoopbackAddress())) {
      List<SocketReplicas> replicas = three(door);
      replicas.get(2).close();
      Future<?> other = threads.submit(() -> replicas.get(1).sum(new float[] {1}));
      assertThatThrownBy(() -> replicas.get(0).sum(new float[] {1}))
          .isInstanceOf(UncheckedIOException.class)
          .hasMessage("Another replica of the training is gone");
      replicas.get(0).close();
      assertThatThrownBy(() -> other.get(30, TimeUnit.SECONDS))
          .hasCauseInstanceOf(UncheckedIOException.class);
    }
  }

  @Test
  void sum_ofMoreThanAPiece_isWhole() throws Exception {
    int size = RowRange.PIECE_BYTES / Float.BYTES + 3;
    float[][] parts = new float[3][size];
    for (float[] part : parts) {
      for (int i = 0; i < size; i++) {
        part[i] = i % 1000;
      }
    }
    try (ServerSocket door = SocketReplicas.door(InetAddress.getLoopbackAddress())) {
      List<SocketReplicas> replicas = three(door);
      for (float[] sum : sums(replicas, parts)) {
        for (int i = 0; i < size; i++) {
          assertThat(sum[i]).isEqualTo(3 * (i % 1000));
        }
      }
      replicas.forEach(SocketReplicas::close);
    }
  }

  private void assertBegin(String training, int step, String... messages) throws Exception {
    try (ServerSocket door = SocketReplicas.door(InetAddress.getLoopbackAddress())) {
      List<SocketReplicas> replicas = three(door);
      List<Future<?>> begun = new ArrayList<>();
      for (SocketReplicas replica : replicas) {
        boolean last = replica.rank() == 2;
        begun.add(
            threads.submit(() -> replica.begin(last ? training : "training", last ? step : 4)));
      }
      for (int rank = 0; rank < 3; rank++) {
        Throwable thrown = catchThrowable(() -> begun.remove(0).get(30, TimeUnit.SECONDS));
        if (messages[rank].isEmpty()) {
          assertThat(thrown).isNull();
        } else {
          assertThat(thrown.getCause())
              .isInstanceOf(BadInputException.class)
              .hasMessageStartingWith(messages[rank]);
        }
      }
      replicas.forEach(SocketReplicas::close);
    }
  }

  @Test
  void begin_anotherTrainingOrStep_isRejectedOnBothSides() throws Exception {
    assertBegin("training", 4, "", "", "");
    assertBegin(
        "training",
        3,
        "Replica 2 begins after step 3 and replica 0 after step 4: expected all hosts to",
        "",
        "Replica 0 begins after step 4 and replica 2 after step 3: expected all hosts to");
    assertBegin(
        "other",
        4,
        "Replica 2 has another training than replica 0: expected the same",
        "",
        "Replica 0 has another training than replica 2: expected the same");
  }
}
