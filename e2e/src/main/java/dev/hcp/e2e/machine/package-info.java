/**
 * Machines: process trees in namespaces of their own, with their own containerd and kubelet, and
 * the network between them and the host.
 */
@NullMarked
package dev.hcp.e2e.machine;

import org.jspecify.annotations.NullMarked;
