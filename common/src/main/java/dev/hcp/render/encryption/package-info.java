/** Encryption of what API servers store in etcd: keys, and the configuration that uses them. */
@NullMarked
package dev.hcp.render.encryption;

import org.jspecify.annotations.NullMarked;
