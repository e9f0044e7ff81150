/**
 * Choice and loading of libtorch, and the GPUs that it computes on. {@link
 * org.longrope.eval.libtorch.LibtorchLibrary} chooses, {@link
 * org.longrope.eval.libtorch.LibtorchLoader} loads.
 */
@NullMarked
package org.longrope.eval.libtorch;

import org.jspecify.annotations.NullMarked;
