/** Building blocks of pods: images, flags, probes, security, spread. */
@NullMarked
package dev.hcp.render.pod;

import org.jspecify.annotations.NullMarked;
