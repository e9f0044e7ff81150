package org.longrope.driver.training;

import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.security.SecureRandom;
import java.util.List;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.SparkEnv;
import org.longrope.driver.execution.worker.Gpus;
import scala.Function1;
import scala.collection.Iterator;
import scala.jdk.javaapi.CollectionConverters;

/** Part of a replicated training that an executor does, on the first GPU of its task. */
record Replica(FinetuneRequest request)
    implements Function1<Iterator<Integer>, Iterator<Integer>>, Serializable {

  @Override
  public Iterator<Integer> apply(Iterator<Integer> ranks) {
    BarrierTaskContext context = BarrierTaskContext.get();
    try (SocketReplicas replicas = join(context)) {
      request.run(replicas, Gpus.of(context.resourcesJMap()).devices().get(0), step -> {});
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot train a replica", e);
    }
    return CollectionConverters.asScala(List.<Integer>of().iterator());
  }

  /**
   * Connects the replicas. Spark's messages, which are authenticated, carry address and token of
   * the first.
   */
  private static SocketReplicas join(BarrierTaskContext context) throws IOException {
    int rank = context.partitionId();
    int count = context.getTaskInfos().length;
    if (rank > 0) {
      String[] first = context.allGather("")[0].split(" ", -1);
      return SocketReplicas.other(
          new InetSocketAddress(first[0], Integer.parseInt(first[1])),
          rank,
          count,
          Long.parseLong(first[2]));
    }
    String host = SparkEnv.get().blockManager().blockManagerId().host();
    try (ServerSocket door = SocketReplicas.door(InetAddress.getByName(host))) {
      long token = new SecureRandom().nextLong();
      context.allGather(host + " " + door.getLocalPort() + " " + token);
      return SocketReplicas.first(door, count, token);
    }
  }
}
