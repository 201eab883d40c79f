package dev.hcp.controller.etcd;

import java.util.Optional;

/**
 * A key as a majority of the members has it.
 *
 * @param cluster identity of the cluster
 * @param revision revision of the key-value store
 * @param value value of the key; empty if there is no such key
 */
public record KeyRead(EtcdId cluster, long revision, Optional<String> value) {}
