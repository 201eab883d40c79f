package dev.hcp.controller.etcd;

import java.io.IOException;
import java.time.Duration;
import java.util.List;

/**
 * Requests to the etcd of one hosted cluster. Each goes to the one member that is named, and to no
 * other in its place; blocks until it is answered; and is given up after a time of its own.
 *
 * <p>Whoever uses a client gets it from {@link EtcdClients} for each piece of work and does not
 * keep it: with new certificates there is a new one. All methods throw {@link EtcdException} if a
 * request fails, and {@link IllegalArgumentException} for a member that is none of {@link
 * #members()}.
 */
public interface EtcdClient {
  /** Names of the members that can be asked, in the order of their ordinals. */
  List<String> members();

  /** What a member says of itself, without asking the others. */
  MemberStatus status(String member);

  /** Who belongs to the cluster, as far as this member knows. */
  MemberList list(String member);

  /**
   * Reads a key in agreement with a majority of the members: that it is answered means that the
   * cluster serves.
   */
  KeyRead read(String member, String key);

  /**
   * Writes a key unless it exists.
   *
   * @return whether it was written
   */
  boolean putIfAbsent(String member, String key, String value);

  /** All alarms of the cluster. Goes through the log of all members, so not to be asked often. */
  List<EtcdAlarm> alarms(String member);

  /** Takes an alarm back. */
  void disarm(String member, EtcdAlarm alarm);

  /**
   * The hash of a member's own keys and values, without asking the others. The member reads its
   * whole database for it.
   *
   * @param revision up to which revision; 0 for the last one
   */
  KeyHash hash(String member, long revision);

  /**
   * Hands leadership over, and waits until it is.
   *
   * @param leader the member that leads now
   * @param successor the member that shall lead
   */
  void moveLeader(String leader, EtcdId successor);

  /**
   * Adds a member that has no vote yet. etcd refuses it if there is one without a vote already, or
   * one that is reached in the same way.
   *
   * @param member who is asked
   * @param peerUrl where the other members will reach it
   */
  void addLearner(String member, String peerUrl);

  /** Gives a vote to a member that has none. etcd refuses that while it lacks much of the data. */
  void promote(String member, EtcdId learner);

  /**
   * Removes a member. etcd refuses that if the others could not agree any more; of one that is down
   * it only asks whether enough of the others have ever started, so whoever asks has to know that
   * they work. That it belongs to the cluster no more is no failure.
   */
  void remove(String member, EtcdId removed);

  /**
   * Writes the database of a member anew, without the space that is not in use. The member answers
   * nobody meanwhile, which can take minutes, and needs space for the copy.
   */
  void defragment(String member);

  /**
   * Drops all superseded values up to a revision, and waits until the member has done so. That they
   * were dropped before is no failure.
   */
  void compact(String member, long revision);

  /**
   * Takes a snapshot of a member's database: the database, and then 32 bytes with its SHA-256.
   *
   * @param longest how long all of it may take
   * @param sink gets the pieces in order, on the calling thread
   * @return number of bytes, the checksum included
   * @throws EtcdException also if no piece came for a while; what the sink has got so far is then
   *     worth nothing
   * @throws IOException whatever the sink throws
   */
  long snapshot(String member, Duration longest, SnapshotSink sink) throws IOException;
}
