package dev.hcp.controller.encryption;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerCallHandler;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/**
 * A plugin with the KMS v2 API, on a Unix socket. It adds one to each byte, so that nothing can be
 * read that it has encrypted.
 */
final class KmsPluginInMemory implements AutoCloseable {
  private static final String SERVICE = "v2.KeyManagementService";
  private static final String KEY = "key-a";
  private static final int STOP_SECONDS = 5;

  private final EventLoopGroup threads =
      new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
  private final Server server;

  /** One that listens. */
  KmsPluginInMemory(Path socket) throws IOException {
    this.server =
        NettyServerBuilder.forAddress(UnixDomainSocketAddress.of(socket))
            .channelType(NioServerDomainSocketChannel.class)
            .bossEventLoopGroup(threads)
            .workerEventLoopGroup(threads)
            .addService(
                ServerServiceDefinition.builder(SERVICE)
                    .addMethod(method("Status"), handler(_ -> status()))
                    .addMethod(method("Encrypt"), handler(KmsPluginInMemory::encrypt))
                    .addMethod(method("Decrypt"), handler(KmsPluginInMemory::decrypt))
                    .build())
            .build()
            .start();
  }

  private static byte[] status() {
    return message(out -> {
      out.writeString(1, "v2");
      out.writeString(2, "ok");
      out.writeString(3, KEY);
    });
  }

  private static byte[] encrypt(byte[] request) {
    var secret = shifted(first(request), 1);
    return message(out -> {
      out.writeByteArray(1, secret);
      out.writeString(2, KEY);
    });
  }

  private static byte[] decrypt(byte[] request) {
    var secret = shifted(first(request), -1);
    return message(out -> out.writeByteArray(1, secret));
  }

  private static byte[] shifted(byte[] bytes, int by) {
    var shifted = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      shifted[i] = (byte) (bytes[i] + by);
    }
    return shifted;
  }

  /** The first field, which has the text. */
  private static byte[] first(byte[] request) {
    try {
      var in = CodedInputStream.newInstance(request);
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        if (tag >>> 3 == 1) {
          return in.readByteArray();
        }
        in.skipField(tag);
      }
      return ByteString.EMPTY.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private interface Fields {
    void write(CodedOutputStream out) throws IOException;
  }

  private static byte[] message(Fields fields) {
    try {
      var bytes = new ByteArrayOutputStream();
      var out = CodedOutputStream.newInstance(bytes);
      fields.write(out);
      out.flush();
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static MethodDescriptor<byte[], byte[]> method(String name) {
    return MethodDescriptor.<byte[], byte[]>newBuilder()
        .setType(MethodDescriptor.MethodType.UNARY)
        .setFullMethodName(MethodDescriptor.generateFullMethodName(SERVICE, name))
        .setRequestMarshaller(new Bytes())
        .setResponseMarshaller(new Bytes())
        .build();
  }

  private static ServerCallHandler<byte[], byte[]> handler(UnaryOperator<byte[]> answer) {
    return ServerCalls.asyncUnaryCall((request, observer) -> {
      observer.onNext(answer.apply(request));
      observer.onCompleted();
    });
  }

  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Override
  public void close() {
    stop();
  }

  /** Ends it, as one whose container is gone. */
  void stop() {
    try {
      var _ = server.shutdownNow().awaitTermination(STOP_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    var _ = threads.shutdownGracefully(0, STOP_SECONDS, TimeUnit.SECONDS);
  }
}
