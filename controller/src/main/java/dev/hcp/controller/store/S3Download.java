package dev.hcp.controller.store;

import dev.hcp.controller.plan.StoreAccess;
import java.io.IOException;
import java.io.InputStream;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/** An object as it comes from the store. */
final class S3Download extends InputStream {
  private final ResponseInputStream<GetObjectResponse> object;
  private final StoreAccess access;
  private final String task;
  private boolean ended;

  S3Download(ResponseInputStream<GetObjectResponse> object, StoreAccess access, String task) {
    this.object = object;
    this.access = access;
    this.task = task;
  }

  @Override
  public int read() throws StoreException {
    var single = new byte[1];
    return read(single, 0, 1) < 0 ? -1 : single[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws StoreException {
    try {
      int count = object.read(bytes, offset, length);
      ended = ended || count < 0;
      return count;
    } catch (IOException | SdkException e) {
      throw Failures.ofRead(access, task, e);
    }
  }

  @Override
  public void close() throws IOException {
    if (!ended) {
      // What is left would otherwise be read to the end.
      object.abort();
    }
    object.close();
  }
}
