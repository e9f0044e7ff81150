package org.longrope.driver.training;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.longrope.eval.BadInputException;
import org.longrope.eval.Sha256;
import org.longrope.eval.checkpoint.RowRange;
import org.longrope.eval.training.Replicas;

/**
 * Replicas in separate processes that sum over sockets: the first receives all parts, adds them in
 * the order of the ranks, so that the sum does not depend on the order of arrival, and sends it
 * back. A process that dies closes its socket, and all others fail with it.
 */
final class SocketReplicas implements Replicas, AutoCloseable {
  /** Time for the others to connect. */
  private static final int PATIENCE_MS = 600_000;

  /** Time for a connected replica to send its rank, which it does at once. */
  private static final int INTRODUCTION_MS = 10_000;

  private static final String GONE = "Another replica of the training is gone";

  private final int rank;
  private final int count;
  private final List<Peer> peers = new ArrayList<>();

  /** A connection to the first replica, or from it to another. */
  private record Peer(Socket socket, DataInputStream in, DataOutputStream out) {
    static Peer of(Socket socket) throws IOException {
      socket.setTcpNoDelay(true);
      return new Peer(
          socket,
          new DataInputStream(new BufferedInputStream(socket.getInputStream(), 1 << 16)),
          new DataOutputStream(new BufferedOutputStream(socket.getOutputStream(), 1 << 16)));
    }
  }

  private SocketReplicas(int rank, int count) {
    this.rank = rank;
    this.count = count;
  }

  /** Opens the server socket of the first replica. */
  static ServerSocket door(InetAddress host) throws IOException {
    ServerSocket door = new ServerSocket(0, 50, host);
    door.setSoTimeout(PATIENCE_MS);
    return door;
  }

  /**
   * Waits for all other replicas and returns the first one.
   *
   * @param token that they must send
   */
  static SocketReplicas first(ServerSocket door, int count, long token) throws IOException {
    Peer[] byRank = new Peer[count];
    SocketReplicas replicas = new SocketReplicas(0, count);
    try {
      for (int missing = count - 1; missing > 0; ) {
        Peer peer = Peer.of(door.accept());
        int rank = introduction(peer, token);
        if (rank >= 1 && rank < count && byRank[rank] == null) {
          byRank[rank] = peer;
          missing--;
        } else {
          peer.socket().close(); // A stranger.
        }
      }
    } catch (IOException e) {
      Arrays.stream(byRank).filter(Objects::nonNull).forEach(replicas.peers::add);
      replicas.close();
      throw e;
    }
    replicas.peers.addAll(Arrays.asList(byRank).subList(1, count));
    return replicas;
  }

  /** Returns the rank of a peer that sends the token; −1 for any other peer. */
  private static int introduction(Peer peer, long token) {
    try {
      peer.socket().setSoTimeout(INTRODUCTION_MS);
      int rank = peer.in().readLong() == token ? peer.in().readInt() : -1;
      peer.socket().setSoTimeout(0);
      return rank;
    } catch (IOException e) {
      return -1;
    }
  }

  /** Connects another replica to the first one. */
  static SocketReplicas other(InetSocketAddress first, int rank, int count, long token)
      throws IOException {
    SocketReplicas replicas = new SocketReplicas(rank, count);
    Socket socket = new Socket();
    socket.connect(first, PATIENCE_MS);
    Peer peer = Peer.of(socket);
    replicas.peers.add(peer);
    peer.out().writeLong(token);
    peer.out().writeInt(rank);
    peer.out().flush();
    return replicas;
  }

  @Override
  public int rank() {
    return rank;
  }

  @Override
  public int count() {
    return count;
  }

  /** First message of a replica. */
  private record Beginning(String training, int step) {
    void write(Peer peer) throws IOException {
      peer.out().writeUTF(training);
      peer.out().writeInt(step);
      peer.out().flush();
    }

    static Beginning read(Peer peer) throws IOException {
      return new Beginning(peer.in().readUTF(), peer.in().readInt());
    }
  }

  @Override
  public void begin(String training, int step) {
    Beginning own = new Beginning(new Sha256().add(training).hex(), step);
    try {
      if (rank > 0) {
        own.write(peers.get(0));
        requireSame(Beginning.read(peers.get(0)), 0, own);
        return;
      }
      List<Beginning> others = new ArrayList<>();
      for (Peer peer : peers) {
        others.add(Beginning.read(peer));
      }
      for (Peer peer : peers) {
        own.write(peer);
      }
      for (int i = 0; i < others.size(); i++) {
        requireSame(others.get(i), i + 1, own);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(GONE, e);
    }
  }

  private void requireSame(Beginning other, int otherRank, Beginning own) {
    if (!other.training().equals(own.training())) {
      throw BadInputException.of(
          "Replica %d has another training than replica %d: expected the same options, model, data"
              + " and version of longrope on all hosts; install one version on all of them.",
          otherRank, rank);
    }
    if (other.step() != own.step()) {
      throw BadInputException.of(
          "Replica %d begins after step %d and replica %d after step %d: expected all hosts to read"
              + " one saved state; give --output a directory that all of them share.",
          otherRank, other.step(), rank, own.step());
    }
  }

  @Override
  public void sum(float[] values) {
    try {
      if (rank == 0) {
        float[] part = new float[values.length];
        for (Peer peer : peers) {
          read(peer, part);
          for (int i = 0; i < values.length; i++) {
            values[i] += part[i];
          }
        }
        for (Peer peer : peers) {
          write(peer, values);
        }
      } else {
        write(peers.get(0), values);
        read(peers.get(0), values);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(GONE, e);
    }
  }

  private static void write(Peer peer, float[] values) throws IOException {
    for (RowRange piece : RowRange.pieces(values.length, Float.BYTES)) {
      ByteBuffer bytes = ByteBuffer.allocate(piece.size() * Float.BYTES);
      bytes.asFloatBuffer().put(values, (int) piece.from(), piece.size());
      peer.out().write(bytes.array());
    }
    peer.out().flush();
  }

  private static void read(Peer peer, float[] values) throws IOException {
    for (RowRange piece : RowRange.pieces(values.length, Float.BYTES)) {
      byte[] bytes = new byte[piece.size() * Float.BYTES];
      peer.in().readFully(bytes);
      ByteBuffer.wrap(bytes).asFloatBuffer().get(values, (int) piece.from(), piece.size());
    }
  }

  @Override
  public void close() {
    for (Peer peer : peers) {
      try {
        peer.socket().close();
      } catch (IOException e) {
        // It is gone either way.
      }
    }
  }
}
