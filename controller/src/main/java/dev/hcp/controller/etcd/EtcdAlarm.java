package dev.hcp.controller.etcd;

/**
 * An alarm, which all members know of and which stays until somebody disarms it.
 *
 * @param member the member that it is about; {@link EtcdId#NONE} if etcd does not say, as when it
 *     finds that data differ and does not know whose are right
 * @param kind what is wrong with it
 */
public record EtcdAlarm(EtcdId member, Kind kind) {
  /** What is wrong with a member. */
  public enum Kind {
    /** Its database has reached the quota; the cluster takes no writes but deletions. */
    NO_SPACE("NOSPACE", 1),
    /** Its data differ from those of the others; the cluster takes no writes at all. */
    CORRUPT("CORRUPT", 2),
    /** Something that this version does not know. */
    UNKNOWN("UNKNOWN", 0);

    private final String text;
    private final int number;

    Kind(String text, int number) {
      this.text = text;
      this.number = number;
    }

    /** The kind with the number that etcd gives it. */
    static Kind of(int number) {
      return switch (number) {
        case 1 -> NO_SPACE;
        case 2 -> CORRUPT;
        default -> UNKNOWN;
      };
    }

    /** The kind as etcd writes it. */
    public String text() {
      return text;
    }

    int number() {
      return number;
    }
  }
}
