package dev.hcp.controller.kube;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KubernetesResourceList;
import io.fabric8.kubernetes.api.model.ListMeta;
import io.fabric8.kubernetes.api.model.ListOptions;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.util.Collections;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Objects that are listed a page at a time, so that only one page of them is in memory. The next
 * page is asked for when it is needed, by {@link #hasNext}, which throws {@link
 * KubernetesClientException} if the API server refuses.
 */
final class Pages<T extends HasMetadata> implements Iterator<T> {
  /** Objects may be as large as a megabyte. */
  private static final long SIZE = 50;

  private final Function<ListOptions, ? extends KubernetesResourceList<T>> lister;
  private Iterator<T> page = Collections.emptyIterator();

  /** What to ask for the next page with; empty for the first one. */
  private String next = "";

  private boolean isLast;

  private Pages(Function<ListOptions, ? extends KubernetesResourceList<T>> lister) {
    this.lister = lister;
  }

  /** All objects of a list. */
  static <T extends HasMetadata> Pages<T> of(
      Function<ListOptions, ? extends KubernetesResourceList<T>> lister) {
    return new Pages<>(lister);
  }

  @Override
  public boolean hasNext() {
    while (!page.hasNext() && !isLast) {
      turn();
    }
    return page.hasNext();
  }

  @Override
  public T next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    return page.next();
  }

  private void turn() {
    var options = new ListOptionsBuilder().withLimit(SIZE);
    if (!next.isEmpty()) {
      options.withContinue(next);
    }
    try {
      var list = lister.apply(options.build());
      page = list.getItems().iterator();
      next = continuation(list.getMetadata());
      isLast = next.isEmpty();
    } catch (KubernetesClientException e) {
      // The revision was dropped meanwhile. The API server says how to go on at a newer one.
      var other =
          e.getCode() == HttpURLConnection.HTTP_GONE && e.getStatus() != null
              ? continuation(e.getStatus().getMetadata())
              : "";
      if (other.isEmpty() || other.equals(next)) {
        throw e;
      }
      next = other;
    }
  }

  private static String continuation(@Nullable ListMeta metadata) {
    return metadata == null ? "" : Objects.requireNonNullElse(metadata.getContinue(), "");
  }
}
