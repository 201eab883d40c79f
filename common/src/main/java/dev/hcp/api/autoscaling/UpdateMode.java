package dev.hcp.api.autoscaling;

/**
 * When pods get what is recommended, as far as it is used here. There is a mode that resizes in
 * place and never evicts too, but no release serves it unless its administrator turns it on.
 */
public enum UpdateMode {
  /** Never: it is only shown. */
  OFF("Off"),

  /** When they are created, by whomever. */
  INITIAL("Initial"),

  /** Then, and while they run: in place, and by eviction where that is not possible. */
  IN_PLACE_OR_RECREATE("InPlaceOrRecreate");

  private final String value;

  UpdateMode(String value) {
    this.value = value;
  }

  /** The mode as it stands in manifests. */
  public String value() {
    return value;
  }
}
