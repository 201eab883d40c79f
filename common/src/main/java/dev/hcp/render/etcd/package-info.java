/** etcd: StatefulSet, Services, disruption budget. */
@NullMarked
package dev.hcp.render.etcd;

import org.jspecify.annotations.NullMarked;
