package dev.hcp.e2e.hosted;

import dev.hcp.e2e.BedException;
import dev.hcp.process.Authorities;
import java.security.GeneralSecurityException;
import javax.net.ssl.SSLContext;

/**
 * Who is trusted.
 *
 * @param pem certificates, PEM
 */
public record Authority(String pem) {

  /** A new context for connections to servers with certificates of this authority. */
  public SSLContext trusting() {
    try {
      return Authorities.trusting(pem);
    } catch (GeneralSecurityException e) {
      throw new BedException("the authority is not usable: " + e.getMessage(), e);
    }
  }
}
