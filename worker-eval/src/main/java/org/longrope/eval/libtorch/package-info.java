/**
 * Choice and loading of libtorch, and the GPUs that it computes on. Begin reading at {@link
 * org.longrope.eval.libtorch.LibtorchLibrary}, which chooses; {@link
 * org.longrope.eval.libtorch.LibtorchLoader} loads.
 */
@NullMarked
package org.longrope.eval.libtorch;

import org.jspecify.annotations.NullMarked;
