/** What all renderers share: metadata of generated objects and the complete set of them. */
@NullMarked
package dev.hcp.render;

import org.jspecify.annotations.NullMarked;
