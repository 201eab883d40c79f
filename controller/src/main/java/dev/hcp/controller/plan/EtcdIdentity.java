package dev.hcp.controller.plan;

/**
 * Which etcd, and which data.
 *
 * <p>The identity of the cluster alone says little of the data: members that start with empty
 * volumes under the same names found a cluster of the same identity. So the data carry a mark.
 *
 * @param cluster identity of the cluster, hexadecimal
 * @param mark what stands in the data
 */
public record EtcdIdentity(String cluster, String mark) {}
